/**
 * Speed of the audit log on the embedded engine, beside plain appends of the same bytes to SQLite without a tree, in the
 * same run and on the same disk: `npm run --silent bench:audit -- --json`. Exit code 1 if a promise is not kept.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Store } from '#platform/engines/engine.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { type AuditEntry, encodeEntry } from '#platform/state/audit-log/entry.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import { folder, verifyLog } from '#platform/state/audit-log/verify.ts';
import { ORIGIN, testEntry, testSigner } from '#test/support/audit-log.ts';

/** entries appended, and how many come in one batch (one message) and in one append */
const ENTRIES = 200_000;
const ENTRIES_PER_BATCH = 250;
const BATCHES_PER_APPEND = 4;
/** one message holds so many different entries; more would only fill memory */
const DISTINCT_ENTRIES = 50_000;
/** how often the load asks for a checkpoint, ms; the promise is once a minute */
const CHECKPOINT_EVERY_MS = 1000;
/** verifications, of which the fastest counts: the others were disturbed */
const VERIFICATIONS = 3;

const PROMISES = { entriesPerSecond: 10_000, writesPerEntry: 0.02, verifyEntriesPerSecond: 300_000, maxAgeSeconds: 60 };

const place = mkdtempSync(join(tmpdir(), 'sluice-bench-audit-'));
try {
  const entries = Array.from({ length: DISTINCT_ENTRIES }, (_, n) => testEntry(n));
  const plain = appendPlainly(entries);
  const appended = await appendToLog(entries);
  const result = {
    entries: ENTRIES,
    entriesPerSecond: Math.round(appended.entriesPerSecond),
    writesPerEntry: Number(appended.writesPerEntry.toFixed(4)),
    verifyEntriesPerSecond: Math.round(await verify()),
    checkpointMaxAgeSeconds: Number(appended.checkpointMaxAgeSeconds.toFixed(2)),
    plainEntriesPerSecond: Math.round(plain),
    ratioToPlain: Number((appended.entriesPerSecond / plain).toFixed(2)),
    entryBytes: encodeEntry(entries[0]!).length,
  };
  if (process.argv.includes('--json')) console.log(JSON.stringify(result));
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(24)} ${value}`);
  const kept =
    result.entriesPerSecond >= PROMISES.entriesPerSecond &&
    result.writesPerEntry <= PROMISES.writesPerEntry &&
    result.verifyEntriesPerSecond >= PROMISES.verifyEntriesPerSecond &&
    result.checkpointMaxAgeSeconds <= PROMISES.maxAgeSeconds;
  process.exitCode = kept ? 0 : 1;
} finally {
  rmSync(place, { recursive: true });
}

/** One row an entry, one commit for as many entries as an append of the log has, as durable as the engine's. */
function appendPlainly(entries: readonly AuditEntry[]): number {
  const database = new DatabaseSync(join(place, 'plain.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE entries (id INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT');
  const insert = database.prepare('INSERT INTO entries (entry) VALUES (?)');
  const perCommit = ENTRIES_PER_BATCH * BATCHES_PER_APPEND;
  const startedAt = performance.now();
  for (let n = 0; n < ENTRIES; n += perCommit) {
    database.exec('BEGIN');
    for (let i = n; i < n + perCommit; i++) insert.run(encodeEntry(entries[i % entries.length]!));
    database.exec('COMMIT');
  }
  const seconds = (performance.now() - startedAt) / 1000;
  database.close();
  return ENTRIES / seconds;
}

async function appendToLog(entries: readonly AuditEntry[]) {
  const engine = openEmbeddedEngine({ path: join(place, 'log.db'), clock: realClock });
  const counted = counting(engine.store);
  const log = openAuditLog({ store: counted.store, signer: testSigner(), origin: ORIGIN, clock: realClock });
  let checkpointMaxAgeMs = 0;
  let checkpointAt = performance.now();
  /** when the oldest entry arrived that no checkpoint covers */
  let waitingSince: number | undefined;
  const sign = async () => {
    checkpointAt = performance.now();
    await log.checkpoint();
    if (waitingSince !== undefined) checkpointMaxAgeMs = Math.max(checkpointMaxAgeMs, performance.now() - waitingSince);
    waitingSince = undefined;
  };
  const startedAt = performance.now();
  for (let n = 0; n < ENTRIES; n += ENTRIES_PER_BATCH * BATCHES_PER_APPEND) {
    const batches = Array.from({ length: BATCHES_PER_APPEND }, (_, i) => {
      const start = (n + i * ENTRIES_PER_BATCH) % entries.length;
      return { batchId: `batch-${n}-${i}`, entries: entries.slice(start, start + ENTRIES_PER_BATCH) };
    });
    waitingSince ??= performance.now();
    await log.append(batches);
    if (performance.now() - checkpointAt >= CHECKPOINT_EVERY_MS) await sign();
  }
  await sign();
  const seconds = (performance.now() - startedAt) / 1000;
  await log.exportTo((path, bytes) => {
    mkdirSync(dirname(join(place, 'export', path)), { recursive: true });
    writeFileSync(join(place, 'export', path), bytes);
  });
  await engine.close();
  return {
    entriesPerSecond: ENTRIES / seconds,
    writesPerEntry: counted.writes() / ENTRIES,
    checkpointMaxAgeSeconds: checkpointMaxAgeMs / 1000,
  };
}

/** A store that counts the items written through it, checkpoints too. */
function counting(store: Store): { store: Store; writes: () => number } {
  let count = 0;
  const add = <Writes extends readonly unknown[]>(writes: Writes): Writes => {
    count += writes.length;
    return writes;
  };
  return {
    writes: () => count,
    store: {
      ...store,
      write: (writes) => store.write(add(writes)),
      writeAtomically: (writes) => store.writeAtomically(add(writes)),
    },
  };
}

/** Everything that the verifier checks of a folder on disk, in one thread; entries a second of wall time. */
async function verify(): Promise<number> {
  let fastest = 0;
  for (let i = 0; i < VERIFICATIONS; i++) {
    const startedAt = performance.now();
    const verdict = await verifyLog(folder(join(place, 'export')), { keys: [testSigner().verifier.text] });
    const seconds = (performance.now() - startedAt) / 1000;
    if (!verdict.ok || verdict.entries !== ENTRIES) throw new Error(`the log does not verify: ${verdict.problem}`);
    fastest = Math.max(fastest, verdict.entries / seconds);
  }
  return fastest;
}
