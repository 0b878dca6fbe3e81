import { z } from 'zod';
import { functions } from './topology.ts';

/** The functions that are deployed. */
export const deployed = functions.filter(({ isSimulated }) => !isSimulated);

/** the longest whose buckets have the 63 characters that S3 allows, as for SLUICE_STACK */
const stackName = z.string().regex(/^[a-z][a-z0-9-]{0,23}$/);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const names = deployed.map(({ name }) => name) as [string, ...string[]];

/** settings of the functions that the operator may choose; the others follow from the deployment */
const PASSED_ON = [
  'SLUICE_BACKFILL_DAYS',
  'SLUICE_BUYER_DATA_DAYS',
  'SLUICE_BUYER_DATA_LONGER',
  'SLUICE_LOG_LEVEL',
] as const;

/** Every setting of the deployment. */
const schemas = {
  stack: {
    schema: stackName.default('sluice'),
    says: 'what all names begin with, as SLUICE_STACK: lower-case letters, digits, hyphens, 24 at most, a letter first',
  },
  auditRetentionDays: {
    schema: z.coerce.number().int().min(1).default(548),
    says: 'a whole number of days: how long the audit log, and what is put into the bucket audit, is kept',
  },
  auditLogs: {
    schema: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,30}(,[a-z][a-z0-9-]{0,30})*$/)
      .default('audit'),
    says: 'names of audit logs side by side, separated by commas, as SLUICE_AUDIT_LOGS',
  },
  auditLockMode: {
    schema: z.enum(['GOVERNANCE', 'COMPLIANCE']).default('GOVERNANCE'),
    says: 'GOVERNANCE, or COMPLIANCE: nobody, not even the account’s owner, can then delete what is in the bucket audit',
  },
  imageDigests: {
    schema: z.record(z.enum(names), digest).optional(),
    says: `an object with the digest of each function's image, sha256:…: ${names.join(', ')}`,
  },
  publicUrl: {
    schema: z.url({ protocol: /^https$/ }).optional(),
    says: 'the URL under which marketplaces and sellers reach the load balancer, such as https://hooks.example.com',
  },
  certificateArn: {
    schema: z
      .string()
      .regex(/^arn:[^:]+:acm:/)
      .optional(),
    says: 'the ARN of a certificate in ACM for the load balancer',
  },
  alarmTopicArn: {
    schema: z
      .string()
      .regex(/^arn:[^:]+:sns:/)
      .optional(),
    says: 'the ARN of an SNS topic that is told of alarms',
  },
  logRetentionDays: { schema: z.literal([7, 14, 30, 90, 365]).default(30), says: '7, 14, 30, 90 or 365' },
  environment: {
    schema: z.partialRecord(z.enum(PASSED_ON), z.coerce.string()).default({}),
    says: `an object of settings of the functions: ${PASSED_ON.join(', ')}`,
  },
  natGateways: {
    schema: z.coerce.number().int().min(1).max(2).default(1),
    says: '1, or 2: then marketplaces are called also when one availability zone is down',
  },
} as const;

type Schemas = typeof schemas;
type Read = { [Name in keyof Schemas]: z.output<Schemas[Name]['schema']> };

/** What the functions are deployed with. */
export type FunctionsSettings = Pick<
  Read,
  'auditLogs' | 'auditRetentionDays' | 'alarmTopicArn' | 'environment' | 'logRetentionDays' | 'natGateways'
> & {
  [Name in 'imageDigests' | 'publicUrl' | 'certificateArn']: NonNullable<Read[Name]>;
};

export type Settings = Pick<Read, 'stack' | 'auditLogs' | 'auditRetentionDays' | 'auditLockMode'> & {
  /** absent where there are no images yet: state and image repositories come first */
  functions: FunctionsSettings | undefined;
};

/**
 * Reads the settings; throws an error that names the one that is wrong and what it should be.
 * @param given values by name; what is given on a command line is text
 */
export function readSettings(given: ReadonlyMap<string, unknown> = new Map()): Settings {
  const unknown = [...given.keys()].find((name) => !Object.hasOwn(schemas, name));
  if (unknown !== undefined) throw new Error(`${unknown} is no setting: those are ${Object.keys(schemas).join(', ')}`);
  const read = <Name extends keyof Schemas>(name: Name): Read[Name] => {
    const value = given.get(name);
    const result = schemas[name].schema.safeParse(parsed(value));
    if (result.success) return result.data as Read[Name];
    throw new Error(`${name} is ${JSON.stringify(value)}: set it to ${schemas[name].says}`);
  };
  const required = <Name extends 'publicUrl' | 'certificateArn'>(name: Name): NonNullable<Read[Name]> => {
    const value = read(name);
    if (value) return value as NonNullable<Read[Name]>;
    throw new Error(`${name} is missing, which the functions need: set it to ${schemas[name].says}`);
  };
  const auditLogs = read('auditLogs');
  const auditRetentionDays = read('auditRetentionDays');
  const imageDigests = read('imageDigests');
  return {
    stack: read('stack'),
    auditLogs,
    auditRetentionDays,
    auditLockMode: read('auditLockMode'),
    functions: imageDigests && {
      imageDigests,
      auditLogs,
      auditRetentionDays,
      publicUrl: required('publicUrl'),
      certificateArn: required('certificateArn'),
      alarmTopicArn: read('alarmTopicArn'),
      environment: read('environment'),
      logRetentionDays: read('logRetentionDays'),
      natGateways: read('natGateways'),
    },
  };
}

/** `imageDigests={"consent":"sha256:…"}` and `natGateways=2` are JSON; a name is not. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A line for each setting. */
export const settingsHelp = (): string =>
  Object.entries(schemas)
    .map(([name, { says }]) => `    ${name.padEnd(20)}${says}`)
    .join('\n');
