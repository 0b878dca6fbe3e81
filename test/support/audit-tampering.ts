import { signCheckpoint } from '#platform/state/audit-log/checkpoint.ts';
import { encodeEntry } from '#platform/state/audit-log/entry.ts';
import { leafHash } from '#platform/state/audit-log/merkle.ts';
import type { Signer } from '#platform/state/audit-log/note.ts';
import { encodeBundle, TILE_WIDTH, tilePath, tilesOf } from '#platform/state/audit-log/tiles.ts';
import { appendLeaf, edgeRoot, emptyEdge } from '#platform/state/audit-log/tree-edge.ts';
import type { Options } from '#platform/state/audit-log/verify.ts';
import { type Files, ORIGIN, testEntry, testSigner } from './audit-log.ts';

export const TAMPERINGS = ['change', 'delete', 'insert', 'swap', 'truncate', 'fork', 're-sign'] as const;
export type Tampering = (typeof TAMPERINGS)[number];

/** 601 entries: two full bundles and a partial one */
const SIZE = 601;
const CHECKPOINT_SIZES = [3, 100, 256, 300, 512, 555, SIZE];

/** What was done to a log, and the first entry that isn't as it was (undefined where there is no one such entry). */
export type Tampered = { files: Files; options: Options; firstBad: number | undefined };

/** Whole numbers from 0 up to, not including, `below`. */
export type Random = (below: number) => number;

const signer = testSigner();
const originals = Array.from({ length: SIZE }, (_, n) => encodeEntry(testEntry(n)));
const original = buildLog(originals, signer);
const keys = [signer.verifier.text];

export const untampered = (): Tampered => ({ files: new Map(original), options: { keys }, firstBad: undefined });

/** One mutation of a kind at a random place, from the clumsy (one file edited) to the thorough (every hash redone). */
export function tamper(kind: Tampering, random: Random): Tampered {
  switch (kind) {
    case 'change': {
      const at = random(SIZE);
      const changed = Buffer.from(originals[at]!);
      const byte = random(changed.length);
      changed[byte] = changed[byte]! ^ (1 + random(255));
      return edit(originals.with(at, changed), at, random);
    }
    case 'delete': {
      const at = random(SIZE);
      return edit(originals.toSpliced(at, 1), at, random);
    }
    case 'insert': {
      const at = random(SIZE + 1);
      const inserted = encodeEntry(testEntry(SIZE + random(1000)));
      // At the end it gives the last bundle another name, so that the old one is missed.
      return edit(originals.toSpliced(at, 0, inserted), Math.min(at, SIZE - 1), random);
    }
    case 'swap': {
      const [a, b] = [random(SIZE), random(SIZE - 1)];
      const other = b < a ? b : b + 1;
      const swapped = originals.with(a, originals[other]!).with(other, originals[a]!);
      return edit(swapped, Math.min(a, other), random);
    }
    case 'truncate':
      return truncate(random);
    case 'fork':
      return fork(random);
    case 're-sign':
      return resign(random);
  }
}

/** Entries replaced without the key: the bundles alone, the leaf hashes too, or the whole tree under old checkpoints. */
function edit(entries: readonly Buffer[], firstBad: number, random: Random): Tampered {
  const rebuilt = buildLog(entries, signer);
  const files = new Map(original);
  const depth = random(3);
  const prefixes = [['tile/entries/'], ['tile/entries/', 'tile/0/'], ['tile/']][depth]!;
  for (const path of [...files.keys()]) if (prefixes.some((prefix) => path.startsWith(prefix))) files.delete(path);
  for (const [path, bytes] of rebuilt) if (prefixes.some((prefix) => path.startsWith(prefix))) files.set(path, bytes);
  return { files, options: { keys }, firstBad };
}

/** The end cut off, after some checkpoint and before the newest: the newest left, put back, or all later ones removed. */
function truncate(random: Random): Tampered {
  const kept = 1 + random(CHECKPOINT_SIZES.length - 1);
  const size = CHECKPOINT_SIZES[kept - 1]!;
  const files = buildLog(originals.slice(0, size), signer);
  const thoroughness = random(3);
  if (thoroughness < 2) files.set('checkpoints/000', original.get('checkpoints/000')!);
  if (thoroughness < 1) files.set('checkpoint', original.get('checkpoint')!);
  // Whoever removes every trace is found only by somebody who kept a later checkpoint.
  const seen = Buffer.from(original.get('checkpoint')!).toString('utf8');
  const options = thoroughness < 2 ? { keys } : { keys, checkpoints: [seen] };
  return { files, options, firstBad: size };
}

/** Another history signed with the log's own key: after some checkpoints of the first one, or in place of all of it. */
function fork(random: Random): Tampered {
  const at = random(CHECKPOINT_SIZES.at(-2)!);
  const replaced = originals.map((entry, n) => (n < at ? entry : encodeEntry(testEntry(n + SIZE))));
  const files = buildLog(replaced, signer);
  const honest = notesOf(original);
  const covering = CHECKPOINT_SIZES.findIndex((size) => size > at);
  const keepsOld = random(2) === 0;
  if (keepsOld) {
    const kept = covering + 1 + random(CHECKPOINT_SIZES.length - 1 - covering);
    const notes = [...honest.slice(0, kept), ...notesOf(files).slice(kept)];
    files.set('checkpoints/000', Buffer.from(notes.join('')));
    return { files, options: { keys }, firstBad: at };
  }
  const seen = honest[covering + random(honest.length - covering)]!;
  return { files, options: { keys, checkpoints: [seen] }, firstBad: at };
}

/** One entry changed and everything signed again with another key of the same name. */
function resign(random: Random): Tampered {
  const other = testSigner(8 + random(200));
  const at = random(SIZE);
  const files = buildLog(originals.with(at, encodeEntry(testEntry(SIZE + at))), other);
  return { files, options: { keys }, firstBad: undefined };
}

const notesOf = (files: Files): string[] =>
  Buffer.from(files.get('checkpoints/000')!)
    .toString('utf8')
    .match(/[\s\S]*?\n\n(?:— .*\n)+/g)!;

/** The files of a log of these entries, with a checkpoint at each of CHECKPOINT_SIZES and at its end. */
function buildLog(entries: readonly Buffer[], by: Signer): Files {
  const files: Files = new Map();
  const notes: string[] = [];
  const leaves: Uint8Array[][] = [];
  const edge = emptyEdge();
  for (const entry of entries) {
    const leaf = leafHash(entry);
    for (const { level, hashes } of appendLeaf(edge, leaf)) leaves[level] = [...(leaves[level] ?? []), ...hashes];
    const { size } = edge;
    if (!CHECKPOINT_SIZES.includes(size) && size !== entries.length) continue;
    notes.push(signCheckpoint({ origin: ORIGIN, size, root: edgeRoot(edge) }, by));
  }
  for (const [level, hashes] of edge.levels.entries()) {
    const all = [...(leaves[level] ?? []), ...hashes];
    for (const tile of tilesOf(edge.size, level)) {
      const start = tile.index * TILE_WIDTH;
      files.set(tilePath(tile), Buffer.concat(all.slice(start, start + tile.width)));
    }
  }
  for (const bundle of tilesOf(edge.size, 'entries')) {
    const start = bundle.index * TILE_WIDTH;
    files.set(tilePath(bundle), encodeBundle(entries.slice(start, start + bundle.width)));
  }
  files.set('checkpoint', Buffer.from(notes.at(-1)!));
  files.set('checkpoints/000', Buffer.from(notes.join('')));
  files.set('public-keys', Buffer.from(`${by.verifier.text}\n`));
  return files;
}

/** mulberry32: the same numbers for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) % below) | 0;
  };
}
