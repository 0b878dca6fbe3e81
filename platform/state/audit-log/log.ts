import type { Store, Write } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { planAppend } from './append.ts';
import { BATCH_MEMORY_MS, type Batch, type EncodedBatch, encodeBatches, groupBatches } from './batches.ts';
import { readCheckpoint, signCheckpoint } from './checkpoint.ts';
import { addCheckpoint, latestCheckpoint, type StoredCheckpoint } from './checkpoints.ts';
import { type Exported, exportLog, type WriteFile } from './export.ts';
import { rangeHash } from './merkle.ts';
import type { Signer } from './note.ts';
import { type AuditReader, openAuditReader } from './reader.ts';
import { AUDIT_TABLE, type Head, loadHead, partitions } from './storage.ts';
import { openStoredTree } from './stored-tree.ts';
import { edgeRoot } from './tree-edge.ts';

export type AuditLog = AuditReader & {
  /**
   * Appends every batch that is not in the log yet, in order; durable when it resolves. `firstIndex` is the index of the
   * first entry it appended and `size` the log's size after it; they are equal if all batches were duplicates.
   */
  append(batches: readonly Batch[]): Promise<{ firstIndex: number; size: number; duplicates: string[] }>;
  /** Signs the log as it is now, if it grew since the newest checkpoint, and returns the newest; none for an empty log. */
  checkpoint(): Promise<StoredCheckpoint | undefined>;
  exportTo(write: WriteFile, time?: { from?: string | undefined; to?: string | undefined }): Promise<Exported>;
};

export type AuditLogDeps = {
  store: Store;
  signer: Signer;
  /** the log's name: a URL without scheme, `example.com/sluice/orders` */
  origin: string;
  clock: Pick<Clock, 'now'>;
  /** verifier keys that signed earlier checkpoints of this log, before the signer's */
  formerKeys?: readonly string[] | undefined;
  logger?: { warn(details: object, message: string): void } | undefined;
};

/**
 * Opens a log for writing. Of two writers of one log the second is refused at its next append, since the head has moved
 * on from the version it knows; refused (or unsure whether its last write happened) it reads the head anew.
 */
export function openAuditLog(deps: AuditLogDeps): AuditLog {
  const { store, signer, origin, clock, formerKeys = [], logger } = deps;
  const verifierKeys = [...formerKeys, signer.verifier.text];
  const reader = openAuditReader({ store, origin, verifierKeys });
  const { subtree } = openStoredTree(store, origin);
  const inTurn = turns();
  /** what the store holds, as far as is known for sure */
  let head: Head | undefined;
  /** the newest checkpoint that `head` is known to begin with, so that each signature does not hash the whole tree */
  let begunWith: string | undefined;

  async function currentHead(): Promise<Head> {
    if (head) return head;
    begunWith = undefined;
    head = await loadHead(store, origin);
    return head;
  }

  /** Writes the batches that are new, all or none, and returns the ids of the others. */
  async function appendGroup(group: readonly EncodedBatch[]): Promise<string[]> {
    const marks = new Map<string, number | 'absent' | 'known'>(group.map(({ batchId }) => [batchId, 'absent']));
    for (;;) {
      const fresh = group.filter(({ batchId }) => marks.get(batchId) !== 'known');
      if (fresh.length === 0) return group.map(({ batchId }) => batchId);
      const known = await currentHead();
      const { next, writes } = planAppend(origin, known, fresh);
      for (const { batchId } of fresh)
        writes.push(markOf(batchId, marks.get(batchId) as number | 'absent', known.edge.size));
      head = undefined;
      if (await store.writeAtomically(writes)) {
        head = next;
        return group.filter((batch) => !fresh.includes(batch)).map(({ batchId }) => batchId);
      }
      await refuseIfFenced(known);
      if (!(await readMarks(fresh, marks))) {
        throw new Failure('permanent', 'the audit log holds items past its head', { code: 'audit-log-damaged' });
      }
    }
  }

  const markOf = (batchId: string, condition: number | 'absent', appendedAt: number): Write => ({
    table: AUDIT_TABLE,
    partition: partitions.batches(origin),
    sort: batchId,
    condition,
    value: { appendedAt },
    expiresAt: clock.now() + BATCH_MEMORY_MS,
  });

  async function refuseIfFenced({ version }: Head): Promise<void> {
    const current = await loadHead(store, origin);
    if (current.version === version) return;
    logger?.warn(
      { origin, knownVersion: version, version: current.version },
      'another writer appended to the audit log',
    );
    throw new Failure('retryable', 'another writer appended to the audit log', { code: 'audit-log-fenced' });
  }

  /** Reads what is known of each batch into `marks`; whether that was news. */
  async function readMarks(batches: readonly EncodedBatch[], marks: Map<string, number | 'absent' | 'known'>) {
    let news = false;
    for (const { batchId } of batches) {
      const item = await store.get(AUDIT_TABLE, partitions.batches(origin), batchId);
      // A mark past its memory counts as none, but the engine may still hold it.
      const expired = item?.expiresAt !== undefined && item.expiresAt <= clock.now();
      const mark = item ? (expired ? item.version : 'known') : 'absent';
      news ||= mark !== marks.get(batchId);
      marks.set(batchId, mark);
    }
    return news;
  }

  async function signHead(): Promise<StoredCheckpoint | undefined> {
    for (;;) {
      const latest = await latestCheckpoint(store, origin);
      // Another writer may have signed more than this one knows of.
      if (latest && head && latest.size > head.edge.size) head = undefined;
      const { edge } = await currentHead();
      const { size } = edge;
      if (size === 0 && !latest) return undefined;
      await refuseFork(latest, size);
      if (size === latest?.size) return latest;
      const note = signCheckpoint({ origin, size, root: edgeRoot(edge) }, signer);
      const signedAt = new Date(clock.now()).toISOString();
      const signed = { number: latest ? latest.number + 1 : 0, size, note, signedAt };
      if (await addCheckpoint(store, origin, signed)) {
        begunWith = note;
        return signed;
      }
    }
  }

  /** Throws unless the tree begins with what the newest checkpoint said: a store restored from a backup must not sign. */
  async function refuseFork(latest: StoredCheckpoint | undefined, size: number): Promise<void> {
    if (!latest || latest.note === begunWith) return;
    const begins =
      latest.size <= size &&
      Buffer.compare(await rangeHash(0, latest.size, subtree), readCheckpoint(latest.note).root) === 0;
    if (begins) {
      begunWith = latest.note;
      return;
    }
    throw new Failure('permanent', 'the audit log is not the one that its newest checkpoint signed', {
      code: 'audit-log-forked',
    });
  }

  return {
    ...reader,

    append: (batches) =>
      inTurn(async () => {
        const encoded = encodeBatches(batches);
        const duplicates: string[] = [];
        let firstIndex: number | undefined;
        for (const group of groupBatches(encoded)) {
          const before = (await currentHead()).edge.size;
          const refused = await appendGroup(group);
          duplicates.push(...refused);
          if (refused.length < group.length) firstIndex ??= before;
        }
        const { size } = (await currentHead()).edge;
        return { firstIndex: firstIndex ?? size, size, duplicates };
      }),

    checkpoint: () => inTurn(signHead),

    exportTo: (write, time) => exportLog(reader, write, time),
  };
}

/** Runs tasks one after another in the order they came, whether or not one fails. */
function turns(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
}
