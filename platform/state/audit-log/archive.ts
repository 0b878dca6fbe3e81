import type { Archive, Store } from '#platform/engines/engine.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { CHECKPOINTS_PER_PAGE, checkpointPage, latestCheckpoint } from './checkpoints.ts';
import type { AuditReader } from './reader.ts';
import { latestStatement, STATEMENTS_PER_PAGE, statementPage } from './retention-statements.ts';
import { AUDIT_TABLE, partitions } from './storage.ts';
import { encodeIndex, TILE_WIDTH, type TileName, tilePath, tilesOf } from './tiles.ts';

/** `verify.ts` looks for this file: here lies also what an export would not hold. */
export const ARCHIVE_FILE = 'archive';

const ARCHIVE_NOTE = `This is an archive: what lies here ends by itself, when its retention is over. Until then it also holds
partial tiles of earlier checkpoints, and entries that the log has cut since.
`;

/** entries between two marks: what is put again after a crash, at most; 16,384 */
const ENTRIES_PER_MARK = 64 * TILE_WIDTH;
/** files under way at once; a bundle has 150 KB as a rule */
const PUTS_AT_ONCE = 16;
const MARK_SORT = 'mark';

/** What is in the archive: the full tiles and bundles under `size`, so many checkpoints and statements, these keys. */
type Mark = { size: number; checkpoints: number; statements: number; publicKeys: string };

const NOTHING: Mark = { size: 0, checkpoints: 0, statements: 0, publicKeys: '' };

export type ArchiveDeps = { store: Store; origin: string; reader: Pick<AuditReader, 'read'>; archive: Archive };

/**
 * Puts into the archive, below `folder`, what of the log is new since the last time: bundles and tiles, then checkpoints,
 * statements and keys, the newest checkpoint last. So a reader never sees a checkpoint without its tree. What is put is
 * marked in the store afterwards: a crash makes some files be put again, which changes nothing. Where two archive one log at
 * once, the slower may put an older checkpoint over a newer one, until the next.
 * @throws Failure of the archive, or of the store; whoever calls again goes on from the last mark
 */
export async function archiveLog(
  deps: ArchiveDeps,
  { folder, signal }: { folder: string; signal?: AbortSignal | undefined },
): Promise<void> {
  const { store, origin, reader, archive } = deps;
  // In this order: the mark is of no more than the checkpoint, nor is the statement of entries that it does not cover.
  const place = { table: AUDIT_TABLE, partition: partitions.archive(origin), sort: MARK_SORT };
  const item = await store.get(place.table, place.partition, place.sort);
  const statement = await latestStatement(store, origin);
  const newest = await latestCheckpoint(store, origin);
  if (!newest) return;

  let condition = item?.version ?? ('absent' as const);
  let mark = (item?.value as Mark | undefined) ?? NOTHING;
  const publicKeys = textOf(await reader.read('public-keys'));
  const whole: Mark = {
    size: newest.size,
    checkpoints: newest.number + 1,
    statements: statement ? statement.number + 1 : 0,
    publicKeys,
  };
  const isSame = (Object.keys(whole) as (keyof Mark)[]).every((key) => whole[key] === mark[key]);
  if (isSame) return;

  const put = (path: string, bytes: Uint8Array, replaces: boolean): Promise<void> => {
    signal?.throwIfAborted();
    return archive.put(`${folder}/${path}`, bytes, { replaces });
  };

  async function putTile(name: TileName): Promise<void> {
    const path = tilePath(name);
    const bytes = await reader.read(path);
    // Cut in this moment, perhaps: the next run knows of it.
    if (!bytes) throw new Failure('retryable', `the audit log has no ${path}`, { code: 'audit-log-damaged' });
    await put(path, bytes, false);
  }

  /** False where another process has marked since: it archives too, and this one leaves it to that. */
  async function setMark(next: Mark): Promise<boolean> {
    const [result] = await store.write([{ ...place, condition, value: next }]);
    if (!result?.ok) return false;
    [mark, condition] = [next, result.version];
    return true;
  }

  if (mark === NOTHING) await put(ARCHIVE_FILE, Buffer.from(ARCHIVE_NOTE), false);
  while (mark.size < newest.size) {
    const end = Math.min(newest.size, Math.floor(mark.size / TILE_WIDTH) * TILE_WIDTH + ENTRIES_PER_MARK);
    const isCut = ({ level, index }: TileName) => level === 'entries' && index * TILE_WIDTH < (statement?.cut ?? 0);
    const names = grownTiles(mark.size, end).filter((name) => !isCut(name));
    const due = end < newest.size ? names.filter(({ width }) => width === TILE_WIDTH) : names;
    for (let i = 0; i < due.length; i += PUTS_AT_ONCE) {
      await Promise.all(due.slice(i, i + PUTS_AT_ONCE).map(putTile));
    }
    if (end === newest.size) break;
    if (!(await setMark({ ...mark, size: end }))) return;
  }

  const checkpoints = pagesOf(mark.checkpoints, whole.checkpoints, CHECKPOINTS_PER_PAGE);
  for (const { page, count } of checkpoints) {
    const notes = (await checkpointPage(store, origin, page)).map(({ note }) => note);
    await put(`checkpoints/${encodeIndex(page)}`, textFile(notes.slice(0, count)), true);
  }
  const statements = pagesOf(mark.statements, whole.statements, STATEMENTS_PER_PAGE);
  for (const { page, count } of statements) {
    const notes = await statementPage(store, origin, page);
    await put(`retention/${encodeIndex(page)}`, textFile(notes.slice(0, count)), true);
  }
  if (publicKeys !== mark.publicKeys) await put('public-keys', Buffer.from(publicKeys), true);
  if (newest.number >= mark.checkpoints) await put('checkpoint', Buffer.from(newest.note), true);
  await setMark(whole);
}

/** The bundles and tiles, those of the entries first, by which a tree of `to` leaves differs from one of `from`. */
function grownTiles(from: number, to: number): TileName[] {
  const names = [...tilesOf(to, 'entries', from)];
  for (let level = 0; TILE_WIDTH ** level <= to; level++) names.push(...tilesOf(to, level, from));
  return names;
}

/** The pages that hold what is new where of `known` notes there are `all` now, and how many notes each has. */
function pagesOf(known: number, all: number, perPage: number): { page: number; count: number }[] {
  const pages: { page: number; count: number }[] = [];
  if (known === all) return pages;
  for (let page = Math.floor(known / perPage); page * perPage < all; page++) {
    pages.push({ page, count: Math.min(perPage, all - page * perPage) });
  }
  return pages;
}

const textFile = (notes: readonly string[]): Buffer => Buffer.from(notes.join(''));
const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
