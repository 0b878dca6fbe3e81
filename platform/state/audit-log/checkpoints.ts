import type { Item, Store } from '#platform/engines/engine.ts';
import { AUDIT_TABLE, partitions, sortOf } from './storage.ts';

/** Checkpoints in one file of all checkpoints: as many as a C2SP tile has hashes. */
export const CHECKPOINTS_PER_PAGE = 256;

/** A signed checkpoint, and when it was signed. */
export type StoredCheckpoint = { number: number; size: number; note: string; signedAt: string };

/** The newest checkpoint. */
export async function latestCheckpoint(store: Store, origin: string): Promise<StoredCheckpoint | undefined> {
  const [item] = await store.range(AUDIT_TABLE, partitions.checkpoints(origin), { limit: 1, reverse: true });
  return item && checkpointOf(item);
}

/** Up to CHECKPOINTS_PER_PAGE checkpoints from `page · CHECKPOINTS_PER_PAGE` on, in order. */
export async function checkpointPage(store: Store, origin: string, page: number): Promise<StoredCheckpoint[]> {
  const first = page * CHECKPOINTS_PER_PAGE;
  const items = await store.range(AUDIT_TABLE, partitions.checkpoints(origin), {
    from: sortOf(first),
    to: sortOf(first + CHECKPOINTS_PER_PAGE),
    limit: CHECKPOINTS_PER_PAGE,
  });
  return items.map(checkpointOf);
}

/** Stores a checkpoint under its number; false if another writer has taken that number. */
export async function addCheckpoint(
  store: Store,
  origin: string,
  { number, ...value }: StoredCheckpoint,
): Promise<boolean> {
  const write = { table: AUDIT_TABLE, partition: partitions.checkpoints(origin), sort: sortOf(number), value };
  const [result] = await store.write([{ ...write, condition: 'absent' }]);
  return result?.ok === true;
}

const checkpointOf = ({ sort, value }: Item): StoredCheckpoint => ({
  ...(value as Omit<StoredCheckpoint, 'number'>),
  number: Number(sort),
});
