import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  consistencyProof,
  EMPTY_ROOT,
  inclusionProof,
  leafHash,
  nodeHash,
  type ReadSubtree,
  rangeHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '#platform/state/audit-log/merkle.ts';
import { appendLeaf, edgeRoot, emptyEdge } from '#platform/state/audit-log/tree-edge.ts';

const vectors = JSON.parse(readFileSync(new URL('../../vectors/audit-log/merkle.json', import.meta.url), 'utf8')) as {
  leaves: string[];
  roots: string[];
};
const MAX_LEAVES = 700;
const hashes = Array.from({ length: MAX_LEAVES }, (_, n) => leafHash(Buffer.from(`leaf ${n}`)));

/** MTH as RFC 6962 §2.1 defines it, word for word. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

const read: ReadSubtree = async (level, index) => treeHash(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const size = fc.integer({ min: 1, max: MAX_LEAVES });

test('roots are those of the Certificate Transparency tests', () => {
  assert.equal(hex(EMPTY_ROOT), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const leaves = vectors.leaves.map((leaf) => leafHash(Buffer.from(leaf, 'hex')));
  for (const [i, root] of vectors.roots.entries()) assert.equal(hex(rootOf(leaves.slice(0, i + 1))), root);
});

test('the edge that grows leaf by leaf always has the root that RFC 6962 defines', () => {
  const edge = emptyEdge();
  assert.equal(hex(edgeRoot(edge)), hex(EMPTY_ROOT));
  for (const leaf of hashes) {
    appendLeaf(edge, leaf);
    if (edge.size % 37 === 0 || edge.size % 256 < 2) {
      assert.equal(hex(edgeRoot(edge)), hex(treeHash(hashes.slice(0, edge.size))));
    }
  }
});

test('the edge hands over each tile when it is full, of upper levels too', () => {
  const edge = emptyEdge();
  const full: string[] = [];
  for (let n = 0; n < 65_536 + 256; n++) {
    for (const { level, index, hashes } of appendLeaf(edge, hashes256[n % 256]!)) {
      assert.equal(hashes.length, 256);
      full.push(`${level}/${index}`);
    }
  }
  assert.equal(full.length, 257 + 1);
  assert.deepEqual(full.slice(254, 258), ['0/254', '0/255', '1/0', '0/256']);
  assert.deepEqual(
    edge.levels.map((level) => level.length),
    [0, 1, 1],
  );
});
const hashes256 = hashes.slice(0, 256);

test('an inclusion proof leads from its leaf to the root, and from no other leaf or place', async () => {
  await fc.assert(
    fc.asyncProperty(size, fc.nat(), fc.nat(), async (size, a, b) => {
      const [index, other] = [a % size, b % size];
      const root = await rangeHash(0, size, read);
      const proof = await inclusionProof(index, size, read);
      assert.ok(verifyInclusion(index, size, hashes[index]!, proof, root));
      assert.equal(verifyInclusion(index, size, hashes[other]!, proof, root), index === other);
      assert.ok(!verifyInclusion(index, size, hashes[index]!, [...proof, root], root));
      if (proof.length > 0) assert.ok(!verifyInclusion(index, size, hashes[index]!, proof.slice(1), root));
    }),
  );
});

test('a consistency proof leads from the old root to the new, and from no other root', async () => {
  await fc.assert(
    fc.asyncProperty(size, fc.nat(), async (second, a) => {
      const first = a % (second + 1);
      const [oldRoot, newRoot] = [await rangeHash(0, first, read), await rangeHash(0, second, read)];
      const proof = await consistencyProof(first, second, read);
      assert.ok(verifyConsistency(first, second, oldRoot, newRoot, proof));
      assert.ok(!verifyConsistency(first, second, hashes[0]!, hashes[1]!, proof));
      if (first > 0 && first < second) {
        assert.ok(!verifyConsistency(first, second, newRoot, newRoot, proof));
        assert.ok(!verifyConsistency(first, second, oldRoot, newRoot, proof.slice(1)));
        assert.ok(!verifyConsistency(first, second, oldRoot, newRoot, [...proof, oldRoot]));
      }
    }),
  );
});

test('proofs are those that RFC 6962 §2.1.3 writes out for its tree of seven leaves', async () => {
  const node = (start: number, end: number) => hex(treeHash(hashes.slice(start, end)));
  const inclusion = async (m: number) => (await inclusionProof(m, 7, read)).map(hex);
  assert.deepEqual(await inclusion(0), [node(1, 2), node(2, 4), node(4, 7)]);
  assert.deepEqual(await inclusion(3), [node(2, 3), node(0, 2), node(4, 7)]);
  assert.deepEqual(await inclusion(4), [node(5, 6), node(6, 7), node(0, 4)]);
  assert.deepEqual(await inclusion(6), [node(4, 6), node(0, 4)]);
  const consistency = async (m: number) => (await consistencyProof(m, 7, read)).map(hex);
  assert.deepEqual(await consistency(3), [node(2, 3), node(3, 4), node(0, 2), node(4, 7)]);
  assert.deepEqual(await consistency(4), [node(4, 7)]);
  assert.deepEqual(await consistency(6), [node(4, 6), node(6, 7), node(0, 4)]);
});
