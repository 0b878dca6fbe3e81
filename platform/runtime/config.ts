import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

/** days after delivery, Amazon's Data Protection Policy; longer only where a law asks for it */
const MAX_BUYER_DATA_DAYS = 30;

/** Amazon keeps orders for two years in its Orders API; nobody keeps them longer */
const MAX_BACKFILL_DAYS = 730;

/** What a log is called: it stands in the log's origin, in the name of its secret and in paths. */
const auditLogName = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/);

/** the longest stack name whose bucket, `<stack>-payloads-<account>-<region>`, has the 63 characters that S3 allows */
const MAX_STACK_CHARACTERS = 24;

/** Every setting there is, with its default. Values come from the environment, which only a `main.ts` reads. */
const settings = {
  SLUICE_ENGINE: {
    schema: z.enum(['embedded', 'aws']).default('embedded'),
    says: 'embedded (one machine, files in SLUICE_DATA) or aws (SQS, DynamoDB, S3, Secrets Manager)',
  },
  SLUICE_STACK: {
    schema: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/)
      .max(MAX_STACK_CHARACTERS)
      .default('sluice'),
    says: `the name that infra was deployed under: lower-case letters, digits and hyphens, ${MAX_STACK_CHARACTERS} at most, a letter first`,
  },
  SLUICE_DATA: {
    schema: z.string().min(1).default('.sluice'),
    says: 'a folder that this user may write; it holds the database and the secrets',
  },
  SLUICE_HOST: { schema: z.string().min(1).default('127.0.0.1'), says: 'an address to listen on, such as 0.0.0.0' },
  SLUICE_PORT: { schema: port.default(4600), says: 'a port number from 1 to 65535' },
  SLUICE_PUBLIC_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    says: 'the URL under which marketplaces reach this server, such as https://hooks.example.com',
  },
  SLUICE_LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    says: 'one of debug, info, warn, error, silent',
  },
  SLUICE_AUDIT_PORT: {
    schema: port.default(4610),
    says: 'a port number from 1 to 65535, not open to the public: the audit log is read there',
  },
  SLUICE_AUDIT_RETENTION_DAYS: {
    schema: z.coerce.number().int().min(1).default(548),
    says: 'a whole number of days: older entries of the audit log are cut',
  },
  SLUICE_AUDIT_LOGS: {
    schema: z
      .string()
      .default('audit')
      .transform((list) => list.split(',').map((name) => name.trim()))
      .pipe(z.array(auditLogName).refine((names) => new Set(names).size === names.length)),
    says: 'names of audit logs, such as audit or audit,audit-2: lower-case letters, digits and hyphens, a letter first, 31 at most, none twice',
  },
  SLUICE_BUYER_DATA_DAYS: {
    schema: z.coerce.number().int().min(1).default(MAX_BUYER_DATA_DAYS),
    says: `a whole number of days, ${MAX_BUYER_DATA_DAYS} at most: how long buyers' data are kept after delivery`,
  },
  SLUICE_BUYER_DATA_LONGER: {
    schema: z.enum(['no', 'the-law-asks-for-it']).default('no'),
    says: `the-law-asks-for-it, where SLUICE_BUYER_DATA_DAYS is to be more than ${MAX_BUYER_DATA_DAYS}`,
  },
  SLUICE_SELLER_API_PORT: {
    schema: port.default(4620),
    says: "a port number from 1 to 65535: the seller's systems send their commands there",
  },
  SLUICE_CONSENT_PORT: {
    schema: port.default(4630),
    says: 'a port number from 1 to 65535: sellers consent there, where services/consent runs by itself',
  },
  SLUICE_BACKFILL_DAYS: {
    schema: z.coerce.number().int().min(0).max(MAX_BACKFILL_DAYS).default(30),
    says: `a whole number of days from 0 to ${MAX_BACKFILL_DAYS}: how far back a new seller's orders are read`,
  },
  SLUICE_SANDBOX_PORT: { schema: port.default(4700), says: 'a port number from 1 to 65535' },
  SLUICE_HEALTH_PORT: {
    schema: port.optional(),
    says: 'a port number from 1 to 65535, not open to the public: a function tells there whether it is well',
  },
} as const;

export type Config = {
  engine: 'embedded' | 'aws';
  /** what the names of everything on AWS begin with */
  stack: string;
  dataDirectory: string;
  host: string;
  port: number;
  /** without a slash at its end */
  publicUrl: string;
  logLevel: string;
  auditPort: number;
  auditRetentionDays: number;
  /** the audit logs side by side, at least one; the first is the one that is meant where none is named */
  auditLogs: readonly string[];
  /** how long buyers' data are kept after delivery */
  buyerDataDays: number;
  sellerApiPort: number;
  consentPort: number;
  /** how far back a new seller's orders are read */
  backfillDays: number;
  sandboxPort: number;
  /** absent: health is not served */
  healthPort: number | undefined;
  /** where the ECS agent is asked for task protection; ECS sets it, absent elsewhere */
  ecsAgentUri: string | undefined;
};

/** Reads the settings; throws an error that names the setting that is wrong and what it should be. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const read = <Name extends keyof typeof settings>(name: Name): z.output<(typeof settings)[Name]['schema']> => {
    const given = environment[name]?.trim() || undefined;
    const result = settings[name].schema.safeParse(given);
    if (result.success) return result.data as z.output<(typeof settings)[Name]['schema']>;
    throw new Error(`${name} is ${JSON.stringify(given)}: set it to ${settings[name].says}`);
  };
  const host = read('SLUICE_HOST');
  const buyerDataDays = read('SLUICE_BUYER_DATA_DAYS');
  if (read('SLUICE_BUYER_DATA_LONGER') === 'no' && buyerDataDays > MAX_BUYER_DATA_DAYS) {
    const { says } = settings.SLUICE_BUYER_DATA_DAYS;
    const longer = 'or SLUICE_BUYER_DATA_LONGER to the-law-asks-for-it';
    throw new Error(`SLUICE_BUYER_DATA_DAYS is "${buyerDataDays}": set it to ${says}; ${longer}`);
  }
  const listenPort = read('SLUICE_PORT');
  return {
    engine: read('SLUICE_ENGINE'),
    stack: read('SLUICE_STACK'),
    dataDirectory: read('SLUICE_DATA'),
    host,
    port: listenPort,
    publicUrl: (read('SLUICE_PUBLIC_URL') ?? `http://${host}:${listenPort}`).replace(/\/+$/, ''),
    logLevel: read('SLUICE_LOG_LEVEL'),
    auditPort: read('SLUICE_AUDIT_PORT'),
    auditRetentionDays: read('SLUICE_AUDIT_RETENTION_DAYS'),
    auditLogs: read('SLUICE_AUDIT_LOGS'),
    buyerDataDays,
    sellerApiPort: read('SLUICE_SELLER_API_PORT'),
    consentPort: read('SLUICE_CONSENT_PORT'),
    backfillDays: read('SLUICE_BACKFILL_DAYS'),
    sandboxPort: read('SLUICE_SANDBOX_PORT'),
    healthPort: read('SLUICE_HEALTH_PORT'),
    ecsAgentUri: environment.ECS_AGENT_URI,
  };
}
