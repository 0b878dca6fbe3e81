import type { Store } from '#platform/engines/engine.ts';
import { type BundleIndex, emptyIndex, loadIndex, type StoredIndex, storeIndex } from './bundle-index.ts';
import { HASH_BYTES } from './merkle.ts';
import { emptyEdge, type TreeEdge } from './tree-edge.ts';

/** The table that holds every log. One log is the partitions that begin with its origin. */
export const AUDIT_TABLE = 'audit-log';

/**
 * Where each kind of item of a log is. All but `head` are written once and never again; blocks and indexes are removed
 * when they are old (`retention.ts`).
 */
export const partitions = {
  /** one item: the tree's edge and the index of the bundle that is not full */
  head: (origin: string) => `${origin} head`,
  /** full tiles, by tile index */
  tiles: (origin: string, level: number) => `${origin} tile/${level}`,
  /** entries as they were appended, by the index of the first; cut by size, not at bundles, to save writes */
  blocks: (origin: string) => `${origin} entries`,
  /** `BundleIndex` of each full bundle, by bundle index */
  indexes: (origin: string) => `${origin} index`,
  /** signed notes, by their number */
  checkpoints: (origin: string) => `${origin} checkpoints`,
  /** signed statements of what was cut, by their number */
  retention: (origin: string) => `${origin} retention`,
  /** one item: what of the log is in the archive (`archive.ts`) */
  archive: (origin: string) => `${origin} archive`,
  /** marks of the batches that are in the log, by batch id */
  batches: (origin: string) => `${origin} batches`,
};

export const HEAD_SORT = 'head';

/** digits of Number.MAX_SAFE_INTEGER, so that indexes sort as text */
const INDEX_DIGITS = 16;

/** An index as a sort key. */
export const sortOf = (index: number): string => String(index).padStart(INDEX_DIGITS, '0');

/** Where the log ends; `version` is the fence: the head moves only from the version that its writer has read. */
export type Head = { version: number; edge: TreeEdge; index: BundleIndex };

type StoredHead = { size: number; levels: string[]; index: StoredIndex };

export async function loadHead(store: Store, origin: string): Promise<Head> {
  const item = await store.get(AUDIT_TABLE, partitions.head(origin), HEAD_SORT);
  if (!item) return { version: 0, edge: emptyEdge(), index: emptyIndex() };
  const { size, levels, index } = item.value as StoredHead;
  return { version: item.version, edge: { size, levels: levels.map(loadHashes) }, index: loadIndex(index) };
}

export const storeHead = ({ edge, index }: Head): StoredHead => ({
  size: edge.size,
  levels: edge.levels.map(storeHashes),
  index: storeIndex(index),
});

export const storeHashes = (hashes: readonly Uint8Array[]): string => Buffer.concat(hashes).toString('base64');

export function loadHashes(text: string): Uint8Array[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}
