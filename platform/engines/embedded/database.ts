import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Failure } from '#platform/runtime/failure.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** How long a transaction waits for another process's, ms; one takes a few ms, so this is a process that hangs. */
const BUSY_TIMEOUT_MS = 5_000;
/** Page cache, KiB: holds the indexes of some 100,000 waiting messages. */
const CACHE_KIB = 32_768;
/** Tries to switch a new file to WAL, and the pause between two, ms: 1 s in all, a hundred times what it takes. */
const MAX_SWITCH_ATTEMPTS = 100;
const SWITCH_PAUSE_MS = 10;

const SQLITE_BUSY = 5;
const SQLITE_CANTOPEN = 14;

/** One SQLite file, or memory, that several processes may have open at once. */
export type Database = {
  prepare(sql: string): StatementSync;
  read<T>(query: () => T): T;
  /** A transaction at once, not forced to the disk: it survives a killed process, but perhaps not a power cut. */
  transact<T>(work: () => T): T;
  /**
   * On the disk when it resolves. Calls of one turn of the event loop share a transaction, that is one fsync. `work`
   * must bear being run again: when one of those calls throws, each is run once more, on its own.
   */
  commit<T>(work: () => T): Promise<T>;
  /** Whether another process has committed anything since the last call. */
  changedElsewhere(): boolean;
  /** Empties the write-ahead log, which holds what pages held before. */
  emptyLog(): void;
  /** Finishes what was given to `commit`, then closes the file. */
  close(): void;
};

/** Opens the file, and makes it first if it is not there; its message says what to do if that fails. */
export function openDatabase(path: string): Database {
  const sqlite = explaining(path, () => connect(path));
  const begin = sqlite.prepare('BEGIN IMMEDIATE');
  const end = sqlite.prepare('COMMIT');
  const dataVersion = sqlite.prepare('PRAGMA data_version');
  let seenVersion: unknown;
  let synchronous = 'FULL';
  let closed = false;
  let waiting: Job[] = [];
  // In a file, what arrives over several sockets in one turn of the event loop shares an fsync. In memory there is none,
  // and a microtask keeps simulated time still until it has run.
  const flushSoon = path === ':memory:' ? queueMicrotask : setImmediate;

  function requireOpen(): void {
    if (closed) throw new Failure('retryable', `${naming(path)} is closed`, { code: 'engine-closed' });
  }

  function inTransaction<T>(work: () => T): T {
    try {
      const result = work();
      end.run();
      return result;
    } catch (error) {
      if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  function start(level: 'FULL' | 'NORMAL'): void {
    if (level !== synchronous) sqlite.exec(`PRAGMA synchronous = ${level}`);
    synchronous = level;
    begin.run();
  }

  function runTogether(jobs: Job[]): void {
    try {
      explaining(path, () => start('FULL'));
    } catch (error) {
      for (const job of jobs) job.reject(error);
      return;
    }
    try {
      const results = explaining(path, () => inTransaction(() => jobs.map((job) => job.work())));
      jobs.forEach((job, i) => {
        job.resolve(results[i]);
      });
    } catch (error) {
      if (jobs.length === 1) jobs[0]!.reject(error);
      else for (const job of jobs) runTogether([job]);
    }
  }

  function flush(): void {
    const jobs = waiting;
    waiting = [];
    if (jobs.length > 0) runTogether(jobs);
  }

  return {
    prepare: (sql) => sqlite.prepare(sql),
    read(query) {
      requireOpen();
      return explaining(path, query);
    },
    transact(work) {
      requireOpen();
      return explaining(path, () => {
        start('NORMAL');
        return inTransaction(work);
      });
    },
    async commit<T>(work: () => T): Promise<T> {
      requireOpen();
      return new Promise<T>((resolve, reject) => {
        if (waiting.length === 0) flushSoon(flush);
        waiting.push({ work, resolve: (result) => resolve(result as T), reject });
      });
    },
    changedElsewhere() {
      requireOpen();
      const version = explaining(path, () => dataVersion.get()?.data_version);
      const changed = version !== seenVersion;
      seenVersion = version;
      return changed;
    },
    emptyLog() {
      requireOpen();
      explaining(path, () => sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
    },
    close() {
      if (closed) return;
      flush();
      closed = true;
      sqlite.close();
    },
  };
}

type Job = { work: () => unknown; resolve: (result: unknown) => void; reject: (error: unknown) => void };

function connect(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const sqlite = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    switchToWal(sqlite);
    sqlite.exec(`PRAGMA synchronous = FULL; PRAGMA cache_size = -${CACHE_KIB}`);
    // What is deleted is overwritten with zeros: keys of buyers who were erased must not lie in free pages.
    sqlite.exec('PRAGMA secure_delete = ON');
    migrate(sqlite, path);
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/** Two processes that switch a new file at once block each other; SQLite then fails without the busy timeout. */
function switchToWal(sqlite: DatabaseSync): void {
  for (let attempts = 1; ; attempts++) {
    try {
      sqlite.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (primaryCode(error) !== SQLITE_BUSY || attempts === MAX_SWITCH_ATTEMPTS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SWITCH_PAUSE_MS);
    }
  }
}

function migrate(sqlite: DatabaseSync, path: string): void {
  // In a transaction, since several processes may open a new file at once.
  sqlite.exec('BEGIN IMMEDIATE');
  const version = Number(sqlite.prepare('PRAGMA user_version').get()?.user_version);
  if (version === 0) sqlite.exec(`${SCHEMA}; PRAGMA user_version = ${SCHEMA_VERSION}`);
  sqlite.exec('COMMIT');
  if (version > SCHEMA_VERSION) {
    const message = `${naming(path)} was written by a newer version (schema ${version}, this one knows ${SCHEMA_VERSION}): update Sluice, or name another file`;
    throw new Failure('permanent', message, { code: 'database-newer' });
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html) that have a cure outside the program. */
const CURES: Record<number, { code: string; says: string }> = {
  [SQLITE_BUSY]: {
    code: 'engine-locked',
    says: `is locked by another process for more than ${BUSY_TIMEOUT_MS} ms: end that process`,
  },
  8: { code: 'engine-read-only', says: 'is read-only: let this user write the file and its folder' },
  10: { code: 'engine-unreadable', says: 'cannot be read or written: check the disk, and that it is a local one' },
  11: { code: 'engine-damaged', says: 'is damaged: restore a copy, or move it away to start with an empty one' },
  13: { code: 'engine-full', says: 'cannot grow, the disk is full: free some space' },
  [SQLITE_CANTOPEN]: {
    code: 'engine-not-opened',
    says: 'cannot be opened: name a file, in a folder that this user may write',
  },
  26: { code: 'engine-foreign', says: 'is not a database: name another file, or move this one away' },
};

function explaining<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const cure = CURES[primaryCode(error)];
    if (!cure) throw error;
    throw new Failure('retryable', `${naming(path)} ${cure.says}`, { code: cure.code, cause: error });
  }
}

function primaryCode(error: unknown): number {
  if (!(error instanceof Error)) return 0;
  if ('errcode' in error) return Number(error.errcode) & 0xff;
  // From making the folder: a file in its place, or no right to write.
  const isFolderRefused = 'syscall' in error && error.syscall === 'mkdir';
  return isFolderRefused ? SQLITE_CANTOPEN : 0;
}

function naming(path: string): string {
  return path === ':memory:' ? 'the in-memory database' : `the database file ${path}`;
}
