import type { QueueName } from '#events/routes.ts';

/**
 * What runs, and what each function may touch: all of it, as data. Stacks, roles, the preflight and the picture in
 * docs/architecture.md are made from it, with the queues and schedules of `#events/routes.ts`. Names are those of the
 * ports; `#platform/engines/aws/names.ts` says what they are called on AWS. test/infra/topology.test.ts runs the functions
 * and compares.
 */
export type FunctionTopology = {
  name: string;
  /** It also sends to them, messages that come back later, and to their dead-letter queues. */
  consumes: readonly QueueName[];
  /** other queues that it sends to */
  sends: readonly QueueName[];
  reads: readonly TableName[];
  writes: readonly TableName[];
  /** A name that ends in `/` or `-` stands for all that begin so (`isPrefix`). What a function creates where it is missing, it also reads. */
  secrets: { reads: readonly string[]; creates: readonly string[] };
  /** The port that it serves HTTP on, the setting that names it, and the paths that the public URL leads to it. */
  serves?: { port: number; setting: string; publicPaths: readonly string[] };
  /** it puts files into the bucket `audit`, where nobody can change them */
  archives?: true;
  /** does it call marketplaces? the others need no way out to the internet */
  callsOut: boolean;
  /** it stands in for the marketplaces, in `make local` only */
  isSimulated?: true;
};

// Tables that belong together; a `due` table is the index of what is due in another.
const buyers = ['buyers', 'buyer-keys', 'buyer-accounts', 'buyer-data-due'] as const;
const consents = ['consents', 'consents-due'] as const;
const credentials = ['credentials', 'credentials-due'] as const;
const cursors = ['cursors', 'cursors-due'] as const;
const rounds = ['rounds', 'rounds-due-missed-webhooks', 'rounds-due-subscription'] as const;
const waiting = ['waiting-reads', 'waiting-updates'] as const;
/** what throttled-sync reads and writes */
const synced = [
  ...(['budgets', 'commands', 'deliveries', 'leases', 'orders'] as const),
  ...[...buyers, ...cursors, ...rounds, ...waiting],
] as const;
const single = [
  'audit-log',
  'budgets',
  'commands',
  'connections',
  'consent-notices',
  'deliveries',
  'latest-updates',
  'leases',
  'orders',
  'raw-orders',
] as const;

export const tables = [...single, ...buyers, ...consents, ...credentials, ...cursors, ...rounds, ...waiting] as const;
export type TableName = (typeof tables)[number];

/** What is too large, or too dear, for a queue or a table; and copies of the audit logs, which nobody can change. */
export const buckets = ['payloads', 'audit'] as const;

/** Does the name of a secret stand for all that begin so? */
export const isPrefix = (secret: string): boolean => /[/-]$/.test(secret);

/** What every function loads at its start (`createFunctionDeps`). The operator puts the registrations. */
const atStart = { reads: ['sluice/registrations/'], creates: ['sluice/data-key'] };

export const functions: readonly FunctionTopology[] = [
  {
    name: 'webhook-intake',
    consumes: ['amazon-notifications'],
    sends: ['sync', 'seller-events', 'audit'],
    reads: ['budgets', 'connections', 'credentials', 'deliveries'],
    writes: ['budgets', 'deliveries'],
    secrets: atStart,
    serves: { port: 4600, setting: 'SLUICE_PORT', publicPaths: ['/webhooks/*'] },
    callsOut: true, // for the public keys that eBay signs with
  },
  {
    name: 'consent',
    consumes: [],
    sends: ['sync', 'token-refresh', 'seller-events', 'audit'],
    reads: ['budgets', 'connections', 'consents', ...credentials],
    writes: ['budgets', 'connections', ...consents, ...credentials, ...cursors],
    secrets: { ...atStart, creates: [...atStart.creates, 'sluice/consent-key'] },
    serves: { port: 4630, setting: 'SLUICE_CONSENT_PORT', publicPaths: ['/connections/*'] },
    callsOut: true,
  },
  {
    name: 'seller-api',
    consumes: ['seller-commands'],
    sends: ['sync', 'audit'],
    reads: ['commands', 'connections', 'latest-updates'],
    writes: ['commands', 'latest-updates'],
    secrets: { ...atStart, creates: [...atStart.creates, 'sluice/seller-api-keys'] },
    serves: { port: 4620, setting: 'SLUICE_SELLER_API_PORT', publicPaths: [] },
    callsOut: false,
  },
  {
    name: 'throttled-sync',
    consumes: ['sync'],
    sends: ['token-refresh', 'seller-events', 'audit'],
    reads: [...synced, 'connections', 'credentials', 'latest-updates'],
    writes: [...synced, 'credentials', 'raw-orders'], // of credentials, that a token was refused
    secrets: atStart,
    callsOut: true,
  },
  {
    name: 'token-refresh', // which also finishes consents whose own request was cut off
    consumes: ['token-refresh'],
    sends: ['sync', 'seller-events', 'audit'],
    reads: ['budgets', 'connections', 'consent-notices', ...consents, ...credentials],
    writes: ['budgets', 'connections', 'consent-notices', ...consents, ...credentials, ...cursors],
    secrets: atStart,
    callsOut: true,
  },
  {
    name: 'audit-log',
    consumes: ['audit'],
    sends: [],
    reads: ['audit-log'],
    writes: ['audit-log'],
    secrets: { ...atStart, creates: [...atStart.creates, 'sluice/audit-key', 'sluice/audit-key-'] },
    serves: { port: 4610, setting: 'SLUICE_AUDIT_PORT', publicPaths: [] },
    archives: true,
    callsOut: false,
  },
  {
    name: 'sandbox',
    consumes: [],
    sends: ['amazon-notifications'],
    reads: [],
    writes: [],
    secrets: { reads: [], creates: [] },
    callsOut: true,
    isSimulated: true,
  },
];

/** What the seller's own systems do; they are granted that and nothing else. */
export const sellerSystems: Pick<FunctionTopology, 'consumes' | 'sends'> = {
  consumes: ['seller-events'],
  sends: ['seller-commands'],
};
