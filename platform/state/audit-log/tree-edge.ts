import { rootOf } from './merkle.ts';
import { TILE_WIDTH } from './tiles.ts';

/**
 * The right edge of the tree: at each level the hashes of the tile that is not full yet. It is all that appending needs,
 * and its root is the log's root.
 */
export type TreeEdge = { size: number; levels: Uint8Array[][] };

export type FullTile = { level: number; index: number; hashes: Uint8Array[] };

export const emptyEdge = (): TreeEdge => ({ size: 0, levels: [] });

/** A copy that can grow while the original stays. */
export const copyEdge = ({ size, levels }: TreeEdge): TreeEdge => ({
  size,
  levels: levels.map((hashes) => [...hashes]),
});

/** Adds one leaf hash and returns the tiles that became full by it, lowest level first. */
export function appendLeaf(edge: TreeEdge, leaf: Uint8Array): FullTile[] {
  const full: FullTile[] = [];
  edge.size += 1;
  let hash = leaf;
  let span = TILE_WIDTH;
  for (let level = 0; ; level++, span *= TILE_WIDTH) {
    const hashes = edge.levels[level] ?? [];
    edge.levels[level] = hashes;
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return full;
    full.push({ level, index: edge.size / span - 1, hashes });
    edge.levels[level] = [];
    hash = rootOf(hashes);
  }
}

/** Root of the whole tree: each level's hashes with the smaller remainder from the level below to the right of them. */
export function edgeRoot({ levels }: TreeEdge): Uint8Array {
  let below: Uint8Array[] = [];
  for (const hashes of levels) {
    const row = [...hashes, ...below];
    below = row.length === 0 ? [] : [rootOf(row)];
  }
  return rootOf(below);
}
