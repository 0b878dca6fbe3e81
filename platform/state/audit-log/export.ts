import { readFileSync } from 'node:fs';
import { Failure } from '#platform/runtime/failure.ts';
import { readCheckpoint } from './checkpoint.ts';
import { CHECKPOINTS_PER_PAGE } from './checkpoints.ts';
import { splitNotes } from './note.ts';
import type { AuditReader } from './reader.ts';
import { encodeIndex, TILE_WIDTH, tilePath, tilesOf } from './tiles.ts';

export type WriteFile = (path: string, bytes: Uint8Array) => void | Promise<void>;

export type Exported = { size: number; entriesFrom: number; entriesTo: number; checkpoints: number };

/**
 * Writes a folder that stands alone: the newest checkpoint and the tree under it, all earlier checkpoints, the entries
 * that are left (with `from` or `to`: only the whole bundles that hold entries of that time), the signed statements of
 * what was cut, the public keys, the verifier, a README.
 */
export async function exportLog(
  log: AuditReader,
  write: WriteFile,
  time: { from?: string | undefined; to?: string | undefined } = {},
): Promise<Exported> {
  const note = await log.read('checkpoint');
  if (!note) throw new Failure('permanent', 'the audit log has no checkpoint yet', { code: 'audit-log-empty' });
  const { size } = readCheckpoint(textOf(note));
  const whole = time.from === undefined && time.to === undefined;
  const cut = await log.cutBefore();
  const span = whole ? { start: cut, end: size } : await log.spanOf(time);
  span.start = Math.max(span.start, cut);
  span.end = Math.max(span.end, span.start);
  const exported: Exported = { size, entriesFrom: span.start, entriesTo: Math.min(span.end, size), checkpoints: 0 };

  const copy = async (path: string) => {
    const bytes = await log.read(path);
    if (!bytes) throw new Failure('permanent', `the audit log has no ${path}`, { code: 'audit-log-damaged' });
    await write(path, bytes);
  };
  for (const bundle of tilesOf(size, 'entries')) {
    const start = bundle.index * TILE_WIDTH;
    if (start >= span.start && start < span.end) await copy(tilePath(bundle));
  }
  for (let level = 0; TILE_WIDTH ** level <= size; level++) {
    for (const tile of tilesOf(size, level)) await copy(tilePath(tile));
  }
  for (let page = 0; ; page++) {
    const path = `checkpoints/${encodeIndex(page)}`;
    // Checkpoints that were signed since are of a tree that is not in the folder.
    const notes = splitNotes(textOf((await log.read(path)) ?? new Uint8Array()));
    const covered = notes.filter((earlier) => readCheckpoint(earlier).size <= size);
    if (covered.length > 0) await write(path, Buffer.from(covered.join('')));
    exported.checkpoints += covered.length;
    if (covered.length < CHECKPOINTS_PER_PAGE) break;
  }
  for (let page = 0; ; page++) {
    const path = `retention/${encodeIndex(page)}`;
    const statements = await log.read(path);
    if (!statements) break;
    await write(path, statements);
  }
  await write('checkpoint', note);
  await copy('public-keys');
  if (!whole) await write('entries-range', Buffer.from(`${exported.entriesFrom} ${exported.entriesTo}\n`));
  await write('verify.ts', readFileSync(new URL('./verify.ts', import.meta.url)));
  await write('README.md', Buffer.from(readme(exported)));
  return exported;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

const readme = ({ size, entriesFrom, entriesTo, checkpoints }: Exported): string => `# Audit log, exported

A Merkle tree log (RFC 6962) of ${size} entries as C2SP tlog-tiles, with ${checkpoints} signed checkpoints.
This folder holds the entries from ${entriesFrom} up to, not including, ${entriesTo}, and the hashes of all.

- \`checkpoint\`: the newest checkpoint, https://c2sp.org/tlog-checkpoint
- \`checkpoints/<N>\`: all checkpoints in order, ${CHECKPOINTS_PER_PAGE} a file
- \`tile/<level>/<N>\`, \`tile/entries/<N>\`: hashes and entries, https://c2sp.org/tlog-tiles
- \`retention/<N>\`, if old entries were cut: signed statements of up to which, when and why
- \`public-keys\`: the keys that sign checkpoints, one a line, https://c2sp.org/signed-note

Each entry is JSON in the form of RFC 8785. Personal data stands in it only as salted commitments.

To check it, with Node 22.18 or later and nothing else: \`node verify.ts . --key '<key>'\`. Take the key, and best also
\`verify.ts\` and a checkpoint that you saw earlier (\`--checkpoint <file>\`), from a source that you trust more than this
folder. Independent tools can do the same, for instance Go's golang.org/x/mod/sumdb/tlog and note.
`;
