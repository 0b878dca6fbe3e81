/**
 * What AWS takes for a million of each, dollars, in us-east-1, read in November 2026: the lists at aws.amazon.com/sqs/pricing,
 * /dynamodb/pricing/on-demand, /s3/pricing and /secrets-manager/pricing. No free tier and no discount is counted.
 */
export const PRICES = {
  /** requests to standard queues */
  sqsRequest: 0.4,
  /**
   * On top of it for requests about messages with a group (fair queues, since July 2025). The list does not say whether only
   * sending is meant: here receiving and deleting count too.
   */
  sqsFairRequest: 0.1,
  /** DynamoDB on demand, since November 2024 */
  writeUnit: 0.625,
  readUnit: 0.125,
  /** S3 Standard: PUT, COPY, POST, LIST; and all others */
  s3Put: 5,
  s3Get: 0.4,
  /** Secrets Manager: $0.05 for 10,000 calls */
  secretsCall: 5,
} as const;

/** So much of a call's payload is one request, bytes; a larger one is several (aws.amazon.com/sqs/pricing). */
export const SQS_REQUEST_BYTES = 65_536;
/** What one unit writes or reads of an item, bytes (DynamoDB developer guide, read and write operations). */
export const WRITE_UNIT_BYTES = 1_024;
export const READ_UNIT_BYTES = 4_096;
/** All-or-nothing writes take so many units for one (same place). */
export const TRANSACTION_FACTOR = 2;
/** Reads that may be a little old take so many for one (same place). */
export const EVENTUAL_FACTOR = 0.5;
/** What a secret costs in a month, dollars. */
export const SECRET_MONTH = 0.4;
