#!/usr/bin/env node
/**
 * Verifies an audit log that Sluice exported or serves, and any other log in the layout of C2SP tlog-tiles. This one file
 * needs Node and nothing else of Sluice, and shares no code with the part that writes logs:
 *
 *   node verify.ts <folder|url|proof file> [--key <verifier key>]... [--checkpoint <file>]... [--json]
 *
 * Exit code 0: all of it is as signed. 1: it is not, and the first bad entry is named. 2: it could not be checked.
 */
import { createHash, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a log is read from: a path such as `tile/0/000` gives bytes, or undefined if there is no such file. */
export type Source = {
  read(path: string): Promise<Uint8Array | undefined>;
  /** all paths, where that can be known: then nothing may lie there that no checkpoint covers */
  list?(): string[];
  /** bundles to read ahead, where reading is slow */
  ahead?: number;
};

export type Options = {
  /** verifier keys that may have signed; absent: those that the log itself names */
  keys?: readonly string[];
  /** checkpoints seen earlier, as signed notes: the log must still be the one they tell of */
  checkpoints?: readonly string[];
};

export type Verdict = {
  ok: boolean;
  origin: string | undefined;
  /** entries in the tree of the newest checkpoint */
  size: number;
  /** entries that were hashed, and from where to where they lie */
  entries: number;
  entriesFrom: number;
  entriesTo: number;
  /** what the log's key signed about entries that are gone: all before `before`; absent where none are */
  cut?: { before: number; at: string; why: string };
  /** checkpoints whose signature and root were checked */
  checkpoints: number;
  /** whether the keys were given, rather than taken from the log that they are to vouch for */
  keysGiven: boolean;
  /** what is wrong; the first bad entry is `firstBadEntry`, or one from it up to `lastBadEntry` */
  problem?: string;
  firstBadEntry?: number;
  lastBadEntry?: number;
};

type Key = { name: string; id: string; publicKey: KeyObject };
type Checkpoint = { origin: string; size: number; root: Buffer; what: string; seen?: boolean };

/** hashes in a tile and checkpoints in a page */
const WIDTH = 256;
const HASH_BYTES = 32;
/** first line of a statement of what was cut */
const RETENTION_HEADER = 'sluice/audit-retention@v1';
/**
 * There where files can't be removed: old partial tiles may lie there, bundles that were cut, and what came after the
 * checkpoint. What of it the checkpoint covers must fit its tree as well.
 */
const ARCHIVE_FILE = 'archive';
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
/** bundles in flight while reading over HTTP */
const HTTP_AHEAD = 16;
/** ms that one HTTP answer may take */
const HTTP_TIMEOUT_MS = 30_000;

/** What makes a log bad. Anything else that is thrown means that it could not be checked. */
class Bad extends Error {
  readonly first: number | undefined;
  readonly last: number | undefined;
  constructor(problem: string, first?: number, last = first) {
    super(problem);
    this.first = first;
    this.last = last;
  }
}

/** Checks signatures, entries, tiles, and that every checkpoint is a beginning of the next. */
export async function verifyLog(source: Source, options: Options = {}): Promise<Verdict> {
  const verdict: Verdict = {
    ok: false,
    origin: undefined,
    size: 0,
    entries: 0,
    entriesFrom: 0,
    entriesTo: 0,
    checkpoints: 0,
    keysGiven: options.keys !== undefined,
  };
  try {
    const keys = (options.keys ?? (await readKeys(source))).map(parseKey);
    const checkpoints = await readCheckpoints(source, keys, options.checkpoints ?? []);
    const newest = checkpoints.at(-1)!;
    verdict.origin = newest.origin;
    verdict.size = newest.size;
    const isArchive = (await source.read(ARCHIVE_FILE)) !== undefined;
    const cut = await readCut(source, keys, newest, isArchive);
    if (cut) verdict.cut = cut;
    [verdict.entriesFrom, verdict.entriesTo] = await readRange(source, cut?.before ?? 0, newest.size);
    await verifyTree(source, checkpoints, verdict, isArchive);
    verdict.ok = true;
  } catch (error) {
    if (!(error instanceof Bad)) throw error;
    verdict.problem = error.message;
    if (error.first !== undefined) verdict.firstBadEntry = error.first;
    if (error.last !== undefined) verdict.lastBadEntry = error.last;
  }
  return verdict;
}

/** Checks one C2SP tlog-proof that carries its entry, and returns that entry. */
export function verifyProof(text: string, keys: readonly string[]): { index: number; entry: string } {
  const [, extra, number, lines, note] =
    /^c2sp\.org\/tlog-proof@v1\nextra (\S+)\nindex (\d{1,16})\n((?:\S+\n)*)\n([\s\S]+)$/.exec(text) ?? [];
  if (!extra || !number || lines === undefined || !note) throw new Bad('not a proof that carries its entry');
  const entry = fromBase64(extra);
  const checkpoint = openCheckpoint(note, keys.map(parseKey), 'the checkpoint of the proof');
  const index = Number(number);
  const path = lines.split('\n').slice(0, -1).map(fromBase64);
  let digest: Buffer = sha256(Buffer.concat([Buffer.of(0), entry]));
  // From the leaf up: a node is a right child if its number is odd, and has no sibling while it is the odd last one.
  let [node, last] = [index, checkpoint.size - 1];
  for (; last > 0; [node, last] = [Math.floor(node / 2), Math.floor(last / 2)]) {
    if (node % 2 === 0 && node === last) continue;
    const sibling = path.shift();
    if (!sibling) throw new Bad('the proof is too short', index);
    digest = sha256(Buffer.concat([Buffer.of(1), ...(node % 2 === 1 ? [sibling, digest] : [digest, sibling])]));
  }
  const fits = index < checkpoint.size && path.length === 0 && digest.equals(checkpoint.root);
  if (!fits) throw new Bad('the proof does not lead from its entry to its checkpoint', index);
  return { index, entry: entry.toString('utf8') };
}

async function readKeys(source: Source): Promise<string[]> {
  const keys = await source.read('public-keys');
  if (!keys) throw new Error('the log names no key: give one with --key');
  return textOf(keys).split('\n').filter(Boolean);
}

/** All checkpoints by size, the newest last, each signed by one of the keys. */
async function readCheckpoints(source: Source, keys: Key[], known: readonly string[]): Promise<Checkpoint[]> {
  const note = await source.read('checkpoint');
  if (!note) throw new Bad('there is no checkpoint');
  const newest = openCheckpoint(textOf(note), keys, 'the newest checkpoint');
  const checkpoints: Checkpoint[] = [];
  for await (const note of readNotes(source, 'checkpoints')) {
    const checkpoint = openCheckpoint(note, keys, `checkpoint ${checkpoints.length}`);
    const before = checkpoints.at(-1);
    if (before && before.size >= checkpoint.size) throw new Bad(`${checkpoint.what} is not larger than the one before`);
    checkpoints.push(checkpoint);
  }
  // While a log is served, the list may have grown since the newest checkpoint was read.
  checkpoints.push(newest);
  const size = Math.max(...checkpoints.slice(-2).map((checkpoint) => checkpoint.size));
  for (const text of known) {
    const seen = openCheckpoint(text, keys, 'the checkpoint seen earlier');
    if (seen.size > size)
      throw new Bad(`the log ends before ${seen.what} of ${seen.size} entries`, size, seen.size - 1);
    checkpoints.push({ ...seen, seen: true });
  }
  checkpoints.sort((a, b) => a.size - b.size);
  for (const { origin, what } of checkpoints) {
    if (origin !== newest.origin) throw new Bad(`${what} is of another log`);
  }
  return checkpoints;
}

/** Signed notes in order, WIDTH a file. */
async function* readNotes(source: Source, folder: string): AsyncGenerator<string> {
  for (let page = 0; ; page++) {
    const path = `${folder}/${encodeIndex(page)}`;
    const file = textOf((await source.read(path)) ?? new Uint8Array());
    const notes = file.match(/[\s\S]*?\n\n(?:— .*\n)+/g) ?? [];
    if (notes.join('') !== file) throw new Bad(`${path} is not a list of signed notes`);
    yield* notes;
    if (notes.length < WIDTH) return;
  }
}

/** Up to where old entries were cut, when and why, as the newest of the log's signed statements says. */
async function readCut(
  source: Source,
  keys: Key[],
  { origin, size }: Checkpoint,
  isArchive: boolean,
): Promise<Verdict['cut']> {
  let cut: Verdict['cut'];
  let count = 0;
  for await (const note of readNotes(source, 'retention')) {
    const what = `retention statement ${count++}`;
    const [header, of, before, at, why, ...rest] = openNote(note, keys, what).split('\n');
    const isStatement = header === RETENTION_HEADER && /^[1-9]\d{0,15}$/.test(before ?? '') && rest.join() === '';
    if (!isStatement || !at || !why || Number(before) % WIDTH !== 0) throw new Bad(`${what} is none`);
    if (of !== origin) throw new Bad(`${what} is of another log`);
    if (cut && Number(before) <= cut.before) throw new Bad(`${what} does not say more than the one before`);
    cut = { before: Number(before), at, why };
  }
  if (!cut) return undefined;
  if (cut.before > size) throw new Bad('more entries are said to be cut than the log has', size, cut.before - 1);
  const last = tilePath('entries', cut.before / WIDTH - 1, WIDTH);
  if (!isArchive && (await source.read(last)))
    throw new Bad(`${last} is there, though it is said to be cut`, cut.before - WIDTH);
  return cut;
}

/** Which entries are there: all that were not cut, or the part that an export of some time says it holds. */
async function readRange(source: Source, cutBefore: number, size: number): Promise<[from: number, to: number]> {
  const file = await source.read('entries-range');
  if (!file) return [cutBefore, size];
  const [, from, to] = /^(\d{1,16}) (\d{1,16})\n$/.exec(textOf(file)) ?? [];
  const range: [number, number] = [Number(from), Number(to)];
  const whole = range[0] % WIDTH === 0 && (range[1] % WIDTH === 0 || range[1] === size) && range[1] <= size;
  if (!whole) throw new Bad('entries-range does not name whole bundles of this log');
  return range;
}

/** The tree, rebuilt from its leaves in one pass and held against every tile and every checkpoint on the way. */
async function verifyTree(
  source: Source,
  checkpoints: readonly Checkpoint[],
  verdict: Verdict,
  isArchive: boolean,
): Promise<void> {
  const { size } = verdict;
  /** for each level above the leaves the tile that is being filled, as it is stored and as it must be */
  const levels: { stored: Buffer; filled: Buffer; count: number; path: string }[] = [];
  const visited = new Set<string>();
  /** entries under the last checkpoint that held, and under the last of those seen earlier */
  let passed = 0;
  let passedSeen = 0;
  let due = 0;

  const readTile = async (level: number | 'entries', index: number): Promise<{ path: string; bytes: Buffer }> => {
    const hashes = level === 'entries' ? size : Math.floor(size / WIDTH ** level);
    const path = tilePath(level, index, Math.min(WIDTH, hashes - index * WIDTH));
    visited.add(path);
    const bytes = await source.read(path);
    const span = level === 'entries' ? WIDTH : WIDTH ** (level + 1);
    if (!bytes) throw new Bad(`${path} is missing`, index * span, Math.min(size, (index + 1) * span) - 1);
    return { path, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) };
  };
  const readBundle = async (index: number) => {
    const tile = await readTile(0, index);
    const hasEntries = index * WIDTH >= verdict.entriesFrom && index * WIDTH < verdict.entriesTo;
    return { tile, bundle: hasEntries ? await readTile('entries', index) : undefined };
  };
  const bundles = Math.ceil(size / WIDTH);
  const inFlight = new Map<number, ReturnType<typeof readBundle>>();
  const readAhead = (index: number) => {
    for (let i = index; i <= Math.min(index + (source.ahead ?? 0), bundles - 1); i++) {
      if (inFlight.has(i)) continue;
      const reading = readBundle(i);
      // It is awaited when its turn comes, if it comes.
      reading.catch(() => {});
      inFlight.set(i, reading);
    }
  };

  /** Puts the hash of a full tile into the tile above, and that one's into the next if it is full then. */
  const pushUp = async (level: number, index: number, digest: string, path: string): Promise<void> => {
    const position = index % WIDTH;
    if (position === 0) {
      const { path, bytes } = await readTile(level, Math.floor(index / WIDTH));
      levels[level] = { stored: bytes, filled: Buffer.alloc(WIDTH * HASH_BYTES), count: 0, path };
    }
    const tile = levels[level]!;
    tile.filled.write(digest, position * HASH_BYTES, 'latin1');
    tile.count = position + 1;
    const [start, end] = [position * HASH_BYTES, tile.count * HASH_BYTES];
    if (tile.filled.compare(tile.stored, start, Math.min(end, tile.stored.length), start, end) !== 0) {
      const span = WIDTH ** level;
      throw new Bad(`${path} does not hash to what ${tile.path} holds`, index * span, (index + 1) * span - 1);
    }
    if (tile.count < WIDTH) return;
    checkLength(tile.path, tile.stored, WIDTH);
    await pushUp(level + 1, Math.floor(index / WIDTH), rootOf(tile.filled, WIDTH), tile.path);
    tile.count = 0;
  };

  /** Root of the tree that ends with the first `width` leaves of this tile. */
  const rootAt = (tile: Buffer, width: number): Buffer => {
    let below = width === 0 ? '' : rootOf(tile, width);
    for (const level of levels.slice(1)) {
      if (level.count === 0) continue;
      const row = Buffer.alloc((level.count + 1) * HASH_BYTES);
      level.filled.copy(row, 0, 0, level.count * HASH_BYTES);
      row.write(below, level.count * HASH_BYTES, 'latin1');
      below = rootOf(row, level.count + (below === '' ? 0 : 1));
    }
    return below === '' ? sha256(Buffer.alloc(0)) : Buffer.from(below, 'latin1');
  };
  const verifyCheckpoints = (tile: Buffer, start: number, end: number): void => {
    for (; due < checkpoints.length && checkpoints[due]!.size <= end; due++) {
      const { size, root, what, seen } = checkpoints[due]!;
      const before = checkpoints[due - 1];
      if (before && before.size === size && before.root.equals(root)) continue;
      // What was seen earlier can't rest on what the log says of itself now.
      const from = seen ? passedSeen : passed;
      if (!rootAt(tile, size - start).equals(root)) {
        throw new Bad(`the entries do not lead to ${what} of ${size} entries`, from, Math.max(from, size - 1));
      }
      passed = size;
      if (seen) passedSeen = size;
      verdict.checkpoints += 1;
    }
  };

  verifyCheckpoints(Buffer.alloc(0), 0, 0);
  for (let index = 0; index < bundles; index++) {
    readAhead(index);
    const { tile, bundle } = await inFlight.get(index)!;
    inFlight.delete(index);
    const start = index * WIDTH;
    const width = Math.min(WIDTH, size - start);
    if (bundle) verdict.entries += verifyBundle(bundle, tile, start, width);
    checkLength(tile.path, tile.bytes, width);
    verifyCheckpoints(tile.bytes, start, start + width - 1);
    if (width === WIDTH) await pushUp(1, index, rootOf(tile.bytes, WIDTH), tile.path);
    const rest = width === WIDTH ? 0 : width;
    verifyCheckpoints(tile.bytes, start + width - rest, start + width);
  }
  for (const level of levels.slice(1)) if (level.count > 0) checkLength(level.path, level.stored, level.count);
  for (const path of source.list?.() ?? []) {
    if (!path.startsWith('tile/') || visited.has(path)) continue;
    if (!isArchive) throw new Bad(`no checkpoint covers ${path}`, size);
    await verifyLeftover(source, path, size);
  }
}

/** Holds a tile or bundle of an archive, if the newest checkpoint covers it, against the tile that was verified. */
async function verifyLeftover(source: Source, path: string, size: number): Promise<void> {
  const [, kind, number, part] =
    /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? [];
  const level = kind === 'entries' ? kind : Number(kind);
  const index = Number(number?.replaceAll(/[x/]/g, ''));
  const width = Number(part ?? WIDTH);
  if (!number || tilePath(level, index, width) !== path) throw new Bad(`${path} is no tile`);
  const leaves = level === 'entries' ? 0 : level;
  const covered = Math.min(WIDTH, Math.floor(size / WIDTH ** leaves) - index * WIDTH);
  if (width > covered) return;
  const [tile, bytes] = [await source.read(tilePath(leaves, index, covered)), await source.read(path)];
  if (!tile || !bytes) throw new Error(`${path} has gone while it was read`);
  const verified = Buffer.from(tile).subarray(0, width * HASH_BYTES);
  const start = index * WIDTH;
  if (level === 'entries') {
    verifyBundle(
      { path, bytes: Buffer.from(bytes) },
      { path: tilePath(0, index, covered), bytes: verified },
      start,
      width,
    );
  } else if (!verified.equals(bytes)) {
    const span = WIDTH ** level;
    throw new Bad(
      `${path} is no beginning of ${tilePath(level, index, covered)}`,
      start * span,
      (start + width) * span - 1,
    );
  }
}

/** Holds the entries of a bundle against the leaf hashes of its tile. */
function verifyBundle(
  bundle: { path: string; bytes: Buffer },
  tile: { path: string; bytes: Buffer },
  start: number,
  width: number,
): number {
  const { bytes } = bundle;
  const leaves = Buffer.allocUnsafe(width * HASH_BYTES);
  let offset = 0;
  let count = 0;
  for (; count < width && offset + 2 <= bytes.length; count++) {
    const low = bytes[offset + 1]!;
    const end = offset + 2 + bytes[offset]! * 256 + low;
    if (end > bytes.length) break;
    // The byte before the entry stands in for RFC 6962's leaf prefix, which saves a copy of the entry.
    bytes[offset + 1] = 0;
    leaves.write(hash('sha256', bytes.subarray(offset + 1, end), 'binary'), count * HASH_BYTES, 'latin1');
    bytes[offset + 1] = low;
    offset = end;
  }
  const expected = tile.bytes.subarray(0, count * HASH_BYTES);
  if (leaves.compare(expected, 0, expected.length, 0, count * HASH_BYTES) !== 0) {
    let bad = 0;
    const same = (i: number) => leaves.subarray(i, i + HASH_BYTES).equals(tile.bytes.subarray(i, i + HASH_BYTES));
    while (same(bad * HASH_BYTES)) bad++;
    throw new Bad(`entry ${start + bad} in ${bundle.path} does not hash to its leaf in ${tile.path}`, start + bad);
  }
  if (count < width) throw new Bad(`${bundle.path} ends before entry ${start + count}`, start + count);
  if (offset < bytes.length) throw new Bad(`${bundle.path} holds more than ${width} entries`, start + width);
  return count;
}

function checkLength(path: string, bytes: Buffer, hashes: number): void {
  if (bytes.length !== hashes * HASH_BYTES) throw new Bad(`${path} does not hold ${hashes} hashes`);
}

const scratch = Buffer.alloc(WIDTH * HASH_BYTES + HASH_BYTES);
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** Root over the first `count` hashes, as a latin1 string: an odd last one of a row moves up unpaired. */
function rootOf(hashes: Buffer, count: number): string {
  hashes.copy(scratch, 0, 0, count * HASH_BYTES);
  for (let row = count; row > 1; row = Math.ceil(row / 2)) {
    for (let i = 0; i + 1 < row; i += 2) {
      scratch.copy(node, 1, i * HASH_BYTES, (i + 2) * HASH_BYTES);
      scratch.write(hash('sha256', node, 'binary'), (i / 2) * HASH_BYTES, 'latin1');
    }
    if (row % 2 === 1) scratch.copy(scratch, ((row - 1) / 2) * HASH_BYTES, (row - 1) * HASH_BYTES, row * HASH_BYTES);
  }
  return scratch.toString('latin1', 0, HASH_BYTES);
}

/** A verifier key, `name+id+base64`, C2SP signed-note. */
function parseKey(text: string): Key {
  const [, name, id, base64] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (!name || !id || bytes.length !== 1 + HASH_BYTES || bytes[0] !== 1) throw new Error('not an Ed25519 verifier key');
  const actualId = sha256(Buffer.concat([Buffer.from(`${name}\n`), bytes])).toString('hex', 0, 4);
  if (actualId !== id) throw new Error(`the id in the key of ${name} does not fit it`);
  const der = Buffer.concat([ED25519_SPKI, bytes.subarray(1)]);
  return { name, id, publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}

/** The text of a C2SP signed note: signatures of unknown keys are passed over, a wrong one of a known key is not. */
function openNote(note: string, keys: readonly Key[], what: string): string {
  const split = note.lastIndexOf('\n\n');
  const text = note.slice(0, split + 1);
  let signed = false;
  for (const line of note
    .slice(split + 2)
    .split('\n')
    .slice(0, -1)) {
    const [, name, base64] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    if (split < 0 || !name || !base64) throw new Bad(`${what} is not a signed note`);
    const bytes = fromBase64(base64);
    const key = keys.find((known) => known.name === name && known.id === bytes.toString('hex', 0, 4));
    if (!key) continue;
    if (!verify(null, Buffer.from(text), key.publicKey, bytes.subarray(4))) {
      throw new Bad(`the signature of ${what} is wrong`);
    }
    signed = true;
  }
  if (!signed) throw new Bad(`${what} is not signed by a known key`);
  return text;
}

/** A signed C2SP tlog-checkpoint. */
function openCheckpoint(note: string, keys: readonly Key[], what: string): Checkpoint {
  const [origin, size, root] = openNote(note, keys, what).split('\n');
  const digest = fromBase64(root ?? '');
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size ?? '') || digest.length !== HASH_BYTES) {
    throw new Bad(`${what} is not a checkpoint`);
  }
  return { origin, size: Number(size), root: digest, what };
}

const tilePath = (level: number | 'entries', index: number, width: number): string =>
  `tile/${level}/${encodeIndex(index)}${width === WIDTH ? '' : `.p/${width}`}`;

/** 1234067 is `x001/x234/067`, C2SP tlog-tiles. */
function encodeIndex(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g)!;
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
}

function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new Bad('not base64 where it should be');
  return bytes;
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** A log in a folder. */
export function folder(root: string): Source {
  return {
    async read(path) {
      try {
        return readFileSync(join(root, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    list: () =>
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((file) => file.isFile())
        .map((file) => join(file.parentPath, file.name).slice(join(root, '/').length).replaceAll('\\', '/')),
  };
}

/** A log that is served over HTTP. */
export function site(url: string): Source {
  return {
    ahead: HTTP_AHEAD,
    async read(path) {
      const response = await fetch(`${url.replace(/\/+$/, '')}/${path}`, {
        signal: AbortSignal.timeout(HTTP_TIMEOUT_MS),
      });
      if (response.status === 404 || response.status === 410) return undefined;
      if (!response.ok) throw new Error(`${path} was answered with HTTP ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

/** The command line: prints what it found and returns the exit code. */
export async function main(args: readonly string[], print: (line: string) => void): Promise<0 | 1 | 2> {
  const given = { keys: [] as string[], checkpoints: [] as string[], json: false, places: [] as string[] };
  try {
    for (let i = 0; i < args.length; i++) {
      if (args[i] === '--key') given.keys.push(args[++i] ?? '');
      else if (args[i] === '--checkpoint') given.checkpoints.push(readFileSync(args[++i] ?? '', 'utf8'));
      else if (args[i] === '--json') given.json = true;
      else given.places.push(args[i]!);
    }
    const [place, ...more] = given.places;
    if (!place || more.length > 0 || place.startsWith('-')) {
      print(
        'usage: node verify.ts <folder|url|proof file> [--key <verifier key>]... [--checkpoint <file>]... [--json]',
      );
      return 2;
    }
    const isUrl = /^https?:\/\//.test(place);
    if (!isUrl && statSync(place).isFile()) return proveFile(place, given, print);
    const verdict = await verifyLog(isUrl ? site(place) : folder(place), {
      ...(given.keys.length > 0 ? { keys: given.keys } : {}),
      checkpoints: given.checkpoints,
    });
    for (const line of given.json ? [JSON.stringify(verdict)] : describe(verdict)) print(line);
    return verdict.ok ? 0 : 1;
  } catch (error) {
    print(`could not be checked: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof Bad ? 1 : 2;
  }
}

function proveFile(
  path: string,
  { keys, json }: { keys: readonly string[]; json: boolean },
  print: (line: string) => void,
): 0 | 1 | 2 {
  if (keys.length === 0) throw new Error('a proof needs the key of its log: give it with --key');
  try {
    const { index, entry } = verifyProof(readFileSync(path, 'utf8'), keys);
    if (json) print(JSON.stringify({ ok: true, index, entry }));
    else for (const line of [`verified: entry ${index} is in the log`, entry]) print(line);
    return 0;
  } catch (error) {
    if (!(error instanceof Bad)) throw error;
    print(json ? JSON.stringify({ ok: false, problem: error.message }) : `NOT VERIFIED: ${error.message}`);
    return 1;
  }
}

function describe(verdict: Verdict): string[] {
  const { entries, entriesFrom, entriesTo, size, checkpoints, cut, firstBadEntry: first, lastBadEntry: last } = verdict;
  if (!verdict.ok) {
    const where = first === undefined ? '' : first === last ? `entry ${first}` : `among entries ${first} to ${last}`;
    return [`NOT VERIFIED: ${verdict.problem}`, ...(where ? [`first bad entry: ${where}`] : [])];
  }
  const part =
    entries === size ? '' : entries === 0 ? ` of ${size}` : `, which are ${entriesFrom} to ${entriesTo - 1} of ${size}`;
  const lines = [`verified: ${verdict.origin}, ${entries} entries${part}, ${checkpoints} checkpoints`];
  if (cut)
    lines.push(`Entries before ${cut.before} are gone, as signed on ${cut.at}: ${cut.why}. Their hashes are there.`);
  if (!verdict.keysGiven) lines.push('The key was taken from the log itself: give one that you trust with --key.');
  return lines;
}

if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  process.exitCode = await main(process.argv.slice(2), console.log);
}
