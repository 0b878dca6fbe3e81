import { Failure } from '#platform/runtime/failure.ts';
import { MAX_ENTRY_BYTES } from './entry.ts';

/** Hashes in a full tile and entries in a full bundle, C2SP tlog-tiles. */
export const TILE_WIDTH = 256;

/** Highest level of a tile, C2SP tlog-tiles. */
const MAX_LEVEL = 63;

/** Bytes of the length before each entry of a bundle. */
const LENGTH_BYTES = 2;

/** A tile of hashes (`level` a number) or a bundle of entries; `width` is TILE_WIDTH, or less if it is partial. */
export type TileName = { level: number | 'entries'; index: number; width: number };

/** `tile/0/x001/x234/067`, `tile/entries/000.p/17` */
export function tilePath({ level, index, width }: TileName): string {
  return `tile/${level}/${encodeIndex(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** The tile that a path names; undefined where C2SP tlog-tiles would not write the path so. */
export function parseTilePath(path: string): TileName | undefined {
  const parts = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (!parts) return undefined;
  const name: TileName = {
    level: parts[1] === 'entries' ? 'entries' : Number(parts[1]),
    index: decodeIndex(parts[2]!),
    width: parts[3] === undefined ? TILE_WIDTH : Number(parts[3]),
  };
  const inRange = Number.isSafeInteger(name.index) && name.width > 0 && !(Number(name.level) > MAX_LEVEL);
  return inRange && tilePath(name) === path ? name : undefined;
}

/** An index as path elements of three digits, all but the last with an `x` before them: 1234067 is `x001/x234/067`. */
export function encodeIndex(index: number): string {
  let text = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    text = `x${String(rest % 1000).padStart(3, '0')}/${text}`;
  }
  return text;
}

/** The index that `encodeIndex` wrote. */
export const decodeIndex = (text: string): number => Number(text.replaceAll(/[x/]/g, ''));

/**
 * Every tile and bundle of a tree of `size` leaves, partial ones included; with `grownFrom` only those that are not the
 * same in the tree of its first `grownFrom` leaves, and the partial ones.
 */
export function* tilesOf(size: number, level: number | 'entries', grownFrom = 0): Generator<TileName> {
  const hashesOf = (leaves: number): number =>
    level === 'entries' ? leaves : Math.floor(leaves / TILE_WIDTH ** level);
  const hashes = hashesOf(size);
  for (let index = Math.floor(hashesOf(grownFrom) / TILE_WIDTH); index * TILE_WIDTH < hashes; index++) {
    yield { level, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) };
  }
}

/** Entries as a bundle: each with its length before it as a big-endian uint16. */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  const bundle = Buffer.allocUnsafe(entries.reduce((bytes, entry) => bytes + LENGTH_BYTES + entry.length, 0));
  let offset = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw new RangeError(`an entry of ${entry.length} bytes`);
    bundle.writeUInt16BE(entry.length, offset);
    bundle.set(entry, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + entry.length;
  }
  return bundle;
}

/** The entries of a bundle. */
export function decodeBundle(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let offset = 0; offset < bundle.length; ) {
    const start = offset + LENGTH_BYTES;
    const end = start <= bundle.length ? start + bundle.readUInt16BE(offset) : Number.POSITIVE_INFINITY;
    if (end > bundle.length)
      throw new Failure('permanent', 'an entry bundle ends early', { code: 'audit-log-damaged' });
    entries.push(bundle.subarray(start, end));
    offset = end;
  }
  return entries;
}
