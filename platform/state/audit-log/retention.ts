import type { Store, Write } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { StoredIndex } from './bundle-index.ts';
import { latestCheckpoint } from './checkpoints.ts';
import { type Signer, signNote } from './note.ts';
import { latestStatement, RETENTION_HEADER, type StoredStatement } from './retention-statements.ts';
import { AUDIT_TABLE, partitions, sortOf } from './storage.ts';
import { decodeBundle, encodeBundle, TILE_WIDTH } from './tiles.ts';

const DAY_MS = 86_400_000;
/** index items in one call of the store: about 1 MB */
const INDEXES_PER_RANGE = 256;
/** items removed in one call of the store; blocks are read for it, which are up to 400 KB each */
const REMOVED_PER_WRITE = 25;

export type RetentionDeps = { store: Store; origin: string; signer: Signer; clock: Pick<Clock, 'now'> };

/**
 * Cuts the whole bundles at the log's beginning whose entries are all older than `keepDays`, at most once a day, and
 * signs a statement of it. Hashes and checkpoints stay, so that proofs and consistency hold. The statement comes first,
 * and each call first removes what the newest statement says: a crash in between leaves nothing behind for long.
 * Returns the statement that it signed, if there was anything to cut.
 */
export async function cutOldEntries(
  deps: RetentionDeps,
  { keepDays }: { keepDays: number },
): Promise<StoredStatement | undefined> {
  const { store, origin, signer, clock } = deps;
  const latest = await latestStatement(store, origin);
  const cutBefore = latest?.cut ?? 0;
  await removeEntries(store, origin, cutBefore);
  const now = clock.now();
  if (latest && now < Date.parse(latest.cutAt) + DAY_MS) return undefined;

  const cut = await endOfOlder(store, origin, cutBefore, new Date(now - keepDays * DAY_MS).toISOString());
  if (cut === cutBefore) return undefined;
  const cutAt = new Date(now).toISOString();
  const text = [RETENTION_HEADER, origin, cut, cutAt, `older than ${keepDays} days`, ''].join('\n');
  const statement = { number: latest ? latest.number + 1 : 0, cut, cutAt, note: signNote(text, signer) };
  if (!(await addStatement(store, origin, statement))) return undefined;
  await removeEntries(store, origin, cut);
  return statement;
}

/** The index up to which all entries are older, at a bundle's end and under the newest checkpoint. */
async function endOfOlder(store: Store, origin: string, start: number, olderThan: string): Promise<number> {
  const covered = Math.floor(((await latestCheckpoint(store, origin))?.size ?? 0) / TILE_WIDTH);
  let bundle = start / TILE_WIDTH;
  while (bundle < covered) {
    const bounds = { from: sortOf(bundle), to: sortOf(covered), limit: INDEXES_PER_RANGE };
    const items = await store.range(AUDIT_TABLE, partitions.indexes(origin), bounds);
    const young = items.findIndex(({ value }) => (value as StoredIndex).lastAt >= olderThan);
    if (young >= 0 || items.length === 0) return (bundle + Math.max(young, 0)) * TILE_WIDTH;
    bundle += items.length;
  }
  return bundle * TILE_WIDTH;
}

/** False if another process has signed a statement of this number. */
async function addStatement(store: Store, origin: string, { number, ...value }: StoredStatement): Promise<boolean> {
  const place = { table: AUDIT_TABLE, partition: partitions.retention(origin), sort: sortOf(number) };
  const [result] = await store.write([{ ...place, condition: 'absent', value }]);
  return result?.ok === true;
}

/** Removes the entries before `cut` and what the search knows of them, oldest first; does nothing where it is done. */
async function removeEntries(store: Store, origin: string, cut: number): Promise<void> {
  await splitBlockAt(store, origin, cut);
  await removeBefore(store, partitions.blocks(origin), cut);
  await removeBefore(store, partitions.indexes(origin), cut / TILE_WIDTH);
}

/** Makes two of the block that reaches over `cut`, if there is one: blocks don't end where bundles do. */
async function splitBlockAt(store: Store, origin: string, cut: number): Promise<void> {
  const partition = partitions.blocks(origin);
  const [block] = await store.range(AUDIT_TABLE, partition, { to: sortOf(cut), limit: 1, reverse: true });
  if (!block) return;
  const entries = decodeBundle(Buffer.from(block.value as string, 'base64'));
  const before = cut - Number(block.sort);
  if (entries.length <= before) return;
  const put = (sort: string, condition: Write['condition'], part: Buffer[]): Write => {
    return { table: AUDIT_TABLE, partition, sort, condition, value: encodeBundle(part).toString('base64') };
  };
  await store.writeAtomically([
    put(block.sort, block.version, entries.slice(0, before)),
    put(sortOf(cut), 'absent', entries.slice(before)),
  ]);
}

async function removeBefore(store: Store, partition: string, end: number): Promise<void> {
  for (;;) {
    const items = await store.range(AUDIT_TABLE, partition, { to: sortOf(end), limit: REMOVED_PER_WRITE });
    if (items.length === 0) return;
    await store.write(
      items.map(({ sort }) => ({ table: AUDIT_TABLE, partition, sort, condition: 'none' as const, value: null })),
    );
  }
}
