/**
 * What things are called in an AWS account, where `stack` (SLUICE_STACK) keeps installations apart. The ports know only
 * the short names; whoever deploys, checks or grants permissions uses these.
 */
export const queueName = (stack: string, queue: string): string => `${stack}-${queue}`;

export const tableName = (stack: string, table: string): string => `${stack}-${table}`;

/** `sluice/registrations/shopee` of the stack `acme` is `acme/registrations/shopee`. */
export const secretName = (stack: string, name: string): string => `${stack}/${name.replace(/^sluice\//, '')}`;

/** Names of buckets are shared by all accounts of the world, so account and region are part of it. */
export const bucketName = (stack: string, bucket: string, account: string, region: string): string =>
  `${stack}-${bucket}-${account}-${region}`;

export const ruleName = (stack: string, rule: string): string => `${stack}-${rule}`;

/** The bucket for what nobody may change: the audit logs. */
export const ARCHIVE = 'audit';

/** The bucket for what is too large, or too dear, for a queue or a table. */
export const PAYLOADS = 'payloads';
/** where it holds bodies of messages; they may be removed when the longest retention of a queue is over */
export const MESSAGES_PREFIX = 'messages/';
/** where it holds values of items */
export const VALUES_PREFIX = 'values/';
