import type { Store } from '#platform/engines/engine.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { type ReadSubtree, rootOf } from './merkle.ts';
import { AUDIT_TABLE, loadHashes, loadHead, partitions, sortOf } from './storage.ts';
import { decodeBundle, TILE_WIDTH } from './tiles.ts';

/** blocks in one call of the store: a bundle lies in no more, since a block holds at least one entry */
const BLOCKS_PER_RANGE = TILE_WIDTH;
/** levels of the tree in one level of tiles, C2SP tlog-tiles */
const LEVELS_PER_TILE = 8;

/** Hashes and entries of a stored log. */
export type StoredTree = {
  /** the first `width` hashes of a tile; undefined if the log has not so many */
  tile(level: number, index: number, width: number): Promise<Uint8Array[] | undefined>;
  subtree: ReadSubtree;
  /** the entries from `start` up to `end`; fewer if the log ends before */
  entries(start: number, end: number): Promise<Uint8Array[]>;
};

export function openStoredTree(store: Store, origin: string): StoredTree {
  async function fullTile(level: number, index: number): Promise<Uint8Array[] | undefined> {
    const item = await store.get(AUDIT_TABLE, partitions.tiles(origin, level), sortOf(index));
    return item && loadHashes(item.value as string);
  }

  async function tile(level: number, index: number, width: number): Promise<Uint8Array[] | undefined> {
    const stored = await fullTile(level, index);
    if (stored) return stored.slice(0, width);
    const { edge } = await loadHead(store, origin);
    const atEdge = Math.floor(edge.size / TILE_WIDTH ** (level + 1));
    // The tile may have become full between the two reads.
    if (index < atEdge) return (await fullTile(level, index))?.slice(0, width);
    const hashes = index === atEdge ? (edge.levels[level] ?? []) : [];
    return hashes.length >= width ? hashes.slice(0, width) : undefined;
  }

  return {
    tile,

    async subtree(level, index) {
      const count = 2 ** (level % LEVELS_PER_TILE);
      const offset = (index * count) % TILE_WIDTH;
      const tileIndex = Math.floor((index * count) / TILE_WIDTH);
      const hashes = await tile(Math.floor(level / LEVELS_PER_TILE), tileIndex, offset + count);
      if (!hashes) throw new Failure('permanent', 'a tile of the audit log is missing', { code: 'audit-log-damaged' });
      return rootOf(hashes.slice(offset));
    },

    async entries(start, end) {
      const partition = partitions.blocks(origin);
      const found: Uint8Array[] = [];
      let next = start;
      let blocks = await store.range(AUDIT_TABLE, partition, { to: sortOf(start + 1), limit: 1, reverse: true });
      while (blocks.length > 0) {
        for (const block of blocks) {
          const first = Number(block.sort);
          const decoded = decodeBundle(Buffer.from(block.value as string, 'base64'));
          found.push(...decoded.slice(Math.max(0, start - first), Math.max(0, end - first)));
          next = first + decoded.length;
        }
        if (next >= end) break;
        const bounds = { from: sortOf(next), to: sortOf(end), limit: BLOCKS_PER_RANGE };
        blocks = await store.range(AUDIT_TABLE, partition, bounds);
      }
      return found;
    },
  };
}
