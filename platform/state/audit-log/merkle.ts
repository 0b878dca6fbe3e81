import { hash } from 'node:crypto';

/** Bytes of a hash: SHA-256. */
export const HASH_BYTES = 32;

const LEAF = Uint8Array.of(0x00);
const NODE = 0x01;

/** Hash of a leaf, RFC 6962 §2.1. */
export const leafHash = (entry: Uint8Array): Buffer => hash('sha256', Buffer.concat([LEAF, entry]), 'buffer');

/** What an inner node's hash is over, filled anew each time: nodes are hashed one after another, and often. */
const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE);

/** Hash of an inner node, RFC 6962 §2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return hash('sha256', node, 'buffer');
}

/** Root of the empty tree, RFC 6962 §2.1. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/**
 * Root over hashes that stand side by side: leaves, or complete subtrees of one height of which the last may be smaller.
 * Pairing neighbours and taking an odd last one up unpaired splits exactly as RFC 6962 does.
 */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return EMPTY_ROOT;
  let row = hashes;
  while (row.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i + 1 < row.length; i += 2) next.push(nodeHash(row[i]!, row[i + 1]!));
    if (row.length % 2 === 1) next.push(row.at(-1)!);
    row = next;
  }
  return row[0]!;
}

/** Hash of the complete subtree over the leaves from `index · 2^level` up to `(index + 1) · 2^level`. */
export type ReadSubtree = (level: number, index: number) => Promise<Uint8Array>;

/** MTH(D[start:end]) of RFC 6962, where `start` is a multiple of the smallest power of two that is ≥ end - start. */
export async function rangeHash(start: number, end: number, read: ReadSubtree): Promise<Uint8Array> {
  const size = end - start;
  if (size === 0) return EMPTY_ROOT;
  const level = Math.log2(size);
  if (Number.isInteger(level)) return read(level, start / size);
  const middle = start + splitPoint(size);
  return nodeHash(await rangeHash(start, middle, read), await rangeHash(middle, end, read));
}

/** PATH(index, D[0:size]), RFC 6962 §2.1.1: from the leaf's sibling up to the root's child. */
export async function inclusionProof(index: number, size: number, read: ReadSubtree): Promise<Uint8Array[]> {
  if (!(index >= 0 && index < size)) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const path: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    const [keepLeft, from, to] = index < middle ? [true, middle, end] : [false, start, middle];
    path.push(await rangeHash(from, to, read));
    if (keepLeft) end = middle;
    else start = middle;
  }
  return path.reverse();
}

/** PROOF(first, D[0:second]), RFC 6962 §2.1.2. */
export async function consistencyProof(first: number, second: number, read: ReadSubtree): Promise<Uint8Array[]> {
  if (!(first >= 0 && first <= second)) throw new RangeError(`no tree of ${first} in a tree of ${second}`);
  if (first === 0 || first === second) return [];
  const path: Uint8Array[] = [];
  let [start, end] = [0, second];
  while (end !== first) {
    const middle = start + splitPoint(end - start);
    if (first <= middle) {
      path.push(await rangeHash(middle, end, read));
      end = middle;
    } else {
      path.push(await rangeHash(start, middle, read));
      start = middle;
    }
  }
  // The old root itself is known to the verifier; only the part of it on a right edge is told.
  if (start > 0) path.push(await rangeHash(start, end, read));
  return path.reverse();
}

/** Whether the proof leads from this leaf hash to this root, RFC 9162 §2.1.3.2. */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!(index >= 0 && index < size)) return false;
  let [node, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(hash, root);
}

/** Whether the proof shows that the second tree begins with the first, RFC 9162 §2.1.4.2. */
export function verifyConsistency(
  first: number,
  second: number,
  firstRoot: Uint8Array,
  secondRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!(first >= 0 && first <= second)) return false;
  if (first === second) return proof.length === 0 && same(firstRoot, secondRoot);
  if (first === 0) return proof.length === 0 && same(firstRoot, EMPTY_ROOT);
  const path = Number.isInteger(Math.log2(first)) ? [firstRoot, ...proof] : [...proof];
  let [node, last] = [first - 1, second - 1];
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  const start = path.shift();
  if (start === undefined) return false;
  let [oldHash, newHash] = [start, start];
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(oldHash, firstRoot) && same(newHash, secondRoot);
}

/** The largest power of two smaller than `size`, which is at least 2. */
const splitPoint = (size: number): number => 2 ** Math.ceil(Math.log2(size) - 1);

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
