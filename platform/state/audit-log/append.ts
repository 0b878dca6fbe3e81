import type { Write } from '#platform/engines/engine.ts';
import type { EncodedBatch } from './batches.ts';
import { addToIndex, copyIndex, emptyIndex, storeIndex } from './bundle-index.ts';
import { leafHash } from './merkle.ts';
import { AUDIT_TABLE, HEAD_SORT, type Head, partitions, sortOf, storeHashes, storeHead } from './storage.ts';
import { encodeBundle, TILE_WIDTH } from './tiles.ts';
import { appendLeaf, copyEdge } from './tree-edge.ts';

/** Most bytes of entries in one item: in base64 they stay under 400 KB (DynamoDB's largest item). */
const MAX_BLOCK_BYTES = 294_912;
/** bytes of the length that a bundle puts before each entry */
const LENGTH_BYTES = 2;

/**
 * The head after these batches, and every write that makes it so. The head's write is fenced by the version that was
 * read; all others are of items that must not be there yet, so a log never changes what it has said.
 */
export function planAppend(
  origin: string,
  head: Head,
  batches: readonly EncodedBatch[],
): { next: Head; writes: Write[] } {
  const next: Head = { version: head.version + 1, edge: copyEdge(head.edge), index: copyIndex(head.index) };
  const writes: Write[] = [];
  const add = (partition: string, index: number, value: unknown) =>
    writes.push({ table: AUDIT_TABLE, partition, sort: sortOf(index), condition: 'absent', value });

  let block: Buffer[] = [];
  let blockBytes = 0;
  const endBlock = () => {
    if (block.length === 0) return;
    add(partitions.blocks(origin), next.edge.size - block.length, encodeBundle(block).toString('base64'));
    [block, blockBytes] = [[], 0];
  };

  for (const { entry, bytes } of batches.flatMap((batch) => batch.entries)) {
    if (blockBytes + bytes.length + LENGTH_BYTES > MAX_BLOCK_BYTES) endBlock();
    block.push(bytes);
    blockBytes += bytes.length + LENGTH_BYTES;
    addToIndex(next.index, entry);
    for (const { level, index, hashes } of appendLeaf(next.edge, leafHash(bytes))) {
      add(partitions.tiles(origin, level), index, storeHashes(hashes));
    }
    if (next.edge.size % TILE_WIDTH === 0) {
      add(partitions.indexes(origin), next.edge.size / TILE_WIDTH - 1, storeIndex(next.index));
      next.index = emptyIndex();
    }
  }
  endBlock();
  writes.push({
    table: AUDIT_TABLE,
    partition: partitions.head(origin),
    sort: HEAD_SORT,
    condition: head.version === 0 ? 'absent' : head.version,
    value: storeHead(next),
  });
  return { next, writes };
}
