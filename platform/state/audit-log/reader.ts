import type { Store } from '#platform/engines/engine.ts';
import { Failure } from '#platform/runtime/failure.ts';
import {
  type AuditFilter,
  matches,
  mayMatch,
  type StoredIndex,
  storeIndex,
  wantedFingerprints,
} from './bundle-index.ts';
import { checkpointPage, latestCheckpoint } from './checkpoints.ts';
import { type AuditEntry, decodeEntry } from './entry.ts';
import { inclusionProof } from './merkle.ts';
import { formatProof } from './proof.ts';
import { latestStatement, statementPage } from './retention-statements.ts';
import { AUDIT_TABLE, loadHead, partitions, sortOf } from './storage.ts';
import { openStoredTree } from './stored-tree.ts';
import { decodeIndex, encodeBundle, encodeIndex, parseTilePath, TILE_WIDTH, type TileName } from './tiles.ts';

export type FoundEntry = { index: number; entry: AuditEntry };

/** Reads one log; nothing here writes. */
export type AuditReader = {
  /**
   * The bytes at a path of C2SP tlog-tiles (`checkpoint`, `tile/…`, also partial), of `checkpoints/<N>` (all checkpoints
   * in order, CHECKPOINTS_PER_PAGE a page, the last page growing), of `retention/<N>` (statements of what was cut, in
   * the same way) or of `public-keys` (a verifier key a line).
   */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Matching entries in the order of the log, at most `limit`. */
  find(filter: AuditFilter & { limit: number }): Promise<FoundEntry[]>;
  entry(index: number): Promise<AuditEntry | undefined>;
  /** A C2SP tlog-proof of the entry in the newest checkpoint; retryable while no checkpoint covers it. */
  prove(index: number): Promise<string>;
  /** The index of the first entry that is there: all before it were cut. */
  cutBefore(): Promise<number>;
  /** The first and the end index of the bundles that hold entries of a time, `from <= at < to`. */
  spanOf(time: { from?: string | undefined; to?: string | undefined }): Promise<{ start: number; end: number }>;
};

/** index items in one call of the store: about 1 MB */
const INDEXES_PER_RANGE = 256;

export function openAuditReader(deps: { store: Store; origin: string; verifierKeys: readonly string[] }): AuditReader {
  const { store, origin, verifierKeys } = deps;
  const tree = openStoredTree(store, origin);

  const cutBefore = async (): Promise<number> => (await latestStatement(store, origin))?.cut ?? 0;

  async function readTile({ level, index, width }: TileName): Promise<Uint8Array | undefined> {
    if (level !== 'entries') {
      const hashes = await tree.tile(level, index, width);
      return hashes && Buffer.concat(hashes);
    }
    // What is said to be cut is not shown either, even if it is not removed yet.
    if (index * TILE_WIDTH < (await cutBefore())) return undefined;
    const bundle = await tree.entries(index * TILE_WIDTH, index * TILE_WIDTH + width);
    return bundle.length === width ? encodeBundle(bundle) : undefined;
  }

  async function readPage(of: 'checkpoints' | 'retention', number: string): Promise<Uint8Array | undefined> {
    const page = decodeIndex(number);
    if (encodeIndex(page) !== number) return undefined;
    const notes =
      of === 'retention'
        ? await statementPage(store, origin, page)
        : (await checkpointPage(store, origin, page)).map(({ note }) => note);
    return notes.length === 0 ? undefined : Buffer.from(notes.join(''));
  }

  /** The index of each bundle in order, of the one that is not full last. */
  async function* indexes(): AsyncGenerator<{ bundle: number; index: StoredIndex }> {
    const { edge, index } = await loadHead(store, origin);
    const full = Math.floor(edge.size / TILE_WIDTH);
    for (let bundle = 0; bundle < full; bundle += INDEXES_PER_RANGE) {
      const bounds = { from: sortOf(bundle), to: sortOf(Math.min(full, bundle + INDEXES_PER_RANGE)) };
      const partition = partitions.indexes(origin);
      const items = await store.range(AUDIT_TABLE, partition, { ...bounds, limit: INDEXES_PER_RANGE });
      for (const item of items) yield { bundle: Number(item.sort), index: item.value as StoredIndex };
    }
    yield { bundle: full, index: storeIndex(index) };
  }

  return {
    async read(path) {
      if (path === 'public-keys') return Buffer.from(verifierKeys.map((key) => `${key}\n`).join(''));
      if (path === 'checkpoint') {
        const latest = await latestCheckpoint(store, origin);
        return latest && Buffer.from(latest.note);
      }
      const page = /^(checkpoints|retention)\/((?:x\d{3}\/)*\d{3})$/.exec(path);
      if (page) return readPage(page[1] as 'checkpoints' | 'retention', page[2]!);
      const name = parseTilePath(path);
      return name && readTile(name);
    },

    async find({ limit, ...filter }) {
      const wanted = wantedFingerprints(filter);
      const found: FoundEntry[] = [];
      for await (const { bundle, index } of indexes()) {
        if (found.length >= limit) break;
        if (!mayMatch(index, filter, wanted)) continue;
        const start = bundle * TILE_WIDTH;
        for (const [offset, bytes] of (await tree.entries(start, start + TILE_WIDTH)).entries()) {
          const entry = decodeEntry(bytes);
          if (matches(entry, filter)) found.push({ index: start + offset, entry });
        }
      }
      return found.slice(0, limit);
    },

    async entry(index) {
      const [bytes] = await tree.entries(index, index + 1);
      return bytes && decodeEntry(bytes);
    },

    async prove(index) {
      const [entry] = await tree.entries(index, index + 1);
      if (!entry)
        throw new Failure('permanent', `the audit log has no entry ${index}`, { code: 'audit-entry-missing' });
      const latest = await latestCheckpoint(store, origin);
      if (!latest || latest.size <= index) {
        throw new Failure('retryable', `no checkpoint covers entry ${index} yet`, { code: 'audit-checkpoint-due' });
      }
      const path = await inclusionProof(index, latest.size, tree.subtree);
      return formatProof({ index, entry, path, checkpoint: latest.note });
    },

    cutBefore,

    async spanOf(time) {
      const span = { start: 0, end: 0 };
      for await (const { bundle, index } of indexes()) {
        if (!mayMatch(index, time, [])) continue;
        if (span.end === 0) span.start = bundle * TILE_WIDTH;
        span.end = (bundle + 1) * TILE_WIDTH;
      }
      return span;
    },
  };
}
