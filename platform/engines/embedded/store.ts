import type { StatementSync } from 'node:sqlite';
import type { Item, Store, Write, WriteResult } from '#platform/engines/engine.ts';
import { MAX_ATOMIC_WRITES } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Database } from './database.ts';

/** Expired items are swept once in so many writes, */
const SWEEP_EVERY_WRITES = 100;
/** at most so many at a time: more than are written between two sweeps, so that the file does not grow for ever. */
const SWEEP_MAX_ITEMS = 200;

/** Above every string: SQLite orders each BLOB after each TEXT. */
const ABOVE_ALL = new Uint8Array();

/** Every table of the store in one table of SQLite, whose BINARY order of UTF-8 text is the bytewise order. */
export function openStore(database: Database, clock: Clock): Store {
  const find = database.prepare('SELECT * FROM items WHERE table_name = ? AND partition = ? AND sort = ?');
  const insert = database.prepare(
    'INSERT INTO items (table_name, partition, sort, version, value, expires_at) VALUES (?, ?, ?, 1, ?, ?)',
  );
  const update = database.prepare(
    `UPDATE items SET version = version + 1, value = ?, expires_at = ?
      WHERE table_name = ? AND partition = ? AND sort = ?`,
  );
  const remove = database.prepare('DELETE FROM items WHERE table_name = ? AND partition = ? AND sort = ?');
  const sweep = database.prepare(
    'DELETE FROM items WHERE rowid IN (SELECT rowid FROM items WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)',
  );
  const ranging = (direction: string): StatementSync =>
    database.prepare(
      `SELECT * FROM items WHERE table_name = ? AND partition = ? AND sort >= ? AND sort < ?
        ORDER BY sort ${direction} LIMIT ?`,
    );
  const forwards = ranging('ASC');
  const backwards = ranging('DESC');
  let writesUntilSweep = SWEEP_EVERY_WRITES;

  const findRow = (write: Write) => find.get(write.table, write.partition, write.sort) as ItemRow | undefined;

  /** Returns the new version; 0 when there is no item any more. */
  function apply(write: SerializedWrite, row: ItemRow | undefined): number {
    const key = [write.table, write.partition, write.sort] as const;
    if (write.json === undefined) {
      if (row) remove.run(...key);
      return 0;
    }
    const expiresAt = write.expiresAt ?? null;
    if (!row) insert.run(...key, write.json, expiresAt);
    else update.run(write.json, expiresAt, ...key);
    return (row?.version ?? 0) + 1;
  }

  function sweepNowAndThen(writes: number): void {
    writesUntilSweep -= writes;
    if (writesUntilSweep > 0) return;
    writesUntilSweep = SWEEP_EVERY_WRITES;
    sweep.run(clock.now(), SWEEP_MAX_ITEMS);
  }

  return {
    async get(table, partition, sort) {
      const row = database.read(() => find.get(table, partition, sort)) as ItemRow | undefined;
      return row && itemOf(row);
    },

    async write(writes) {
      if (writes.length === 0) return [];
      const serialized = writes.map(serialize);
      return database.commit(() => {
        sweepNowAndThen(serialized.length);
        return serialized.map((write): WriteResult => {
          const row = findRow(write);
          if (!allows(write, row)) return { ok: false, conflict: row && itemOf(row) };
          return { ok: true, version: apply(write, row) };
        });
      });
    },

    async writeAtomically(writes) {
      requireAtomic(writes);
      const serialized = writes.map(serialize);
      return database.commit(() => {
        sweepNowAndThen(serialized.length);
        const rows = serialized.map(findRow);
        if (!serialized.every((write, i) => allows(write, rows[i]))) return false;
        serialized.forEach((write, i) => {
          apply(write, rows[i]);
        });
        return true;
      });
    },

    async range(table, partition, { from = '', to = ABOVE_ALL, limit, reverse = false }) {
      const statement = reverse ? backwards : forwards;
      const rows = database.read(() => statement.all(table, partition, from, to, limit));
      return rows.map((row) => itemOf(row as ItemRow));
    },
  };
}

type ItemRow = {
  partition: string;
  sort: string;
  version: number;
  value: string;
  expires_at: number | null;
};

/** `json` is absent where the item is to be deleted. */
type SerializedWrite = Write & { json: string | undefined };

function serialize(write: Write): SerializedWrite {
  if (write.value === null) return { ...write, json: undefined };
  const json = JSON.stringify(write.value) as string | undefined;
  if (json === undefined) throw new TypeError(`the value for table ${write.table} is not JSON`);
  return { ...write, json };
}

function allows({ condition }: Write, row: ItemRow | undefined): boolean {
  if (condition === 'none') return true;
  return condition === 'absent' ? !row : row?.version === condition;
}

function requireAtomic(writes: readonly Write[]): void {
  if (writes.length > MAX_ATOMIC_WRITES) {
    throw new RangeError(`${writes.length} items in one atomic write, ${MAX_ATOMIC_WRITES} is the most`);
  }
  const keys = new Set(writes.map((write) => JSON.stringify([write.table, write.partition, write.sort])));
  if (keys.size < writes.length) throw new RangeError('an atomic write names the same item twice');
}

function itemOf(row: ItemRow): Item {
  return {
    partition: row.partition,
    sort: row.sort,
    version: row.version,
    value: JSON.parse(row.value) as unknown,
    expiresAt: row.expires_at ?? undefined,
  };
}
