import { Failure } from '#platform/runtime/failure.ts';
import { type AuditEntry, encodeEntry } from './entry.ts';

/** Entries that enter the log together, once: `batchId` is the same however often their message is delivered. */
export type Batch = { batchId: string; entries: readonly AuditEntry[] };
export type EncodedBatch = { batchId: string; entries: readonly { entry: AuditEntry; bytes: Buffer }[]; bytes: number };

/**
 * How long a batch is known to be in the log: 15 days, ms. It must outlast every redelivery, and a queue keeps a message
 * for 14 days at most (SQS, MessageRetentionPeriod).
 */
export const BATCH_MEMORY_MS = 1_296_000_000;

/**
 * Bounds of one atomic write, so that it stays under MAX_ATOMIC_WRITES (100) items and 4 MB (DynamoDB
 * TransactWriteItems). At the bounds it is 1 head, 32 marks, 17 tiles and as many indexes, 7 tiles above and 12 blocks
 * of entries: 86 items; and 2.5 MiB of entries are 3.5 MB in base64.
 */
export const MAX_APPEND = { batches: 32, entries: 4096, bytes: 2_621_440 } as const;

/** The batches that are not empty, each once, with their entries encoded. Throws for one that can never be appended. */
export function encodeBatches(batches: readonly Batch[]): EncodedBatch[] {
  const encoded = new Map<string, EncodedBatch>();
  for (const { batchId, entries } of batches) {
    if (entries.length === 0 || encoded.has(batchId)) continue;
    const withBytes = entries.map((entry) => ({ entry, bytes: encodeEntry(entry) }));
    const bytes = withBytes.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (entries.length > MAX_APPEND.entries || bytes > MAX_APPEND.bytes) {
      const size = `${entries.length} entries, ${bytes} bytes`;
      throw new Failure('permanent', `a batch too large to append: ${size}`, { code: 'audit-batch-too-large' });
    }
    encoded.set(batchId, { batchId, entries: withBytes, bytes });
  }
  return [...encoded.values()];
}

/** Splits batches into groups that fit into one atomic write each, in order. */
export function groupBatches(batches: readonly EncodedBatch[]): EncodedBatch[][] {
  const groups: EncodedBatch[][] = [];
  let [entries, bytes] = [0, 0];
  for (const batch of batches) {
    entries += batch.entries.length;
    bytes += batch.bytes;
    const group = groups.at(-1);
    const fits = entries <= MAX_APPEND.entries && bytes <= MAX_APPEND.bytes;
    if (group && fits && group.length < MAX_APPEND.batches) {
      group.push(batch);
    } else {
      groups.push([batch]);
      [entries, bytes] = [batch.entries.length, batch.bytes];
    }
  }
  return groups;
}
