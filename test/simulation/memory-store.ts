import type { Item, Store, Write, WriteResult } from '#platform/engines/engine.ts';
import { MAX_ATOMIC_WRITES } from '#platform/engines/engine.ts';

type Held = { version: number; json: string; expiresAt: number | undefined };
type Partition = { items: Map<string, Held>; sorts: string[] };

/** What a write changed, as JSON; `before` is absent for a new item, `after` for a deleted one. */
export type Change = {
  table: string;
  partition: string;
  sort: string;
  before: string | undefined;
  after: string | undefined;
};

/** Tables as maps of partitions, each with its sort keys in a sorted array. A write has its effect when it is called. */
export function createMemoryStore(wrote: (change: Change) => void): Store {
  const tables = new Map<string, Map<string, Partition>>();

  function partitionOf(table: string, partition: string): Partition | undefined {
    return tables.get(table)?.get(partition);
  }

  function ensurePartition(table: string, partition: string): Partition {
    const partitions = tables.get(table) ?? new Map<string, Partition>();
    tables.set(table, partitions);
    const found = partitions.get(partition) ?? { items: new Map(), sorts: [] };
    partitions.set(partition, found);
    return found;
  }

  const held = (write: Write): Held | undefined => partitionOf(write.table, write.partition)?.items.get(write.sort);

  /** Returns the new version; 0 when there is no item any more. */
  function apply(write: Write, json: string | undefined): number {
    const { table, sort } = write;
    const partition = ensurePartition(table, write.partition);
    const before = partition.items.get(sort);
    if (json === undefined) {
      if (!before) return 0;
      partition.items.delete(sort);
      partition.sorts.splice(firstAtLeast(partition.sorts, sort), 1);
    } else {
      if (!before) partition.sorts.splice(firstAtLeast(partition.sorts, sort), 0, sort);
      partition.items.set(sort, { version: (before?.version ?? 0) + 1, json, expiresAt: write.expiresAt });
    }
    wrote({ table, partition: write.partition, sort, before: before?.json, after: json });
    return json === undefined ? 0 : (before?.version ?? 0) + 1;
  }

  const itemOf = (partition: string, sort: string, { version, json, expiresAt }: Held): Item => ({
    partition,
    sort,
    version,
    value: JSON.parse(json) as unknown,
    expiresAt,
  });

  return {
    async get(table, partition, sort) {
      const found = partitionOf(table, partition)?.items.get(sort);
      return found && itemOf(partition, sort, found);
    },

    async write(writes) {
      const texts = writes.map(textOf);
      return writes.map((write, i): WriteResult => {
        const before = held(write);
        if (!allows(write, before)) {
          return { ok: false, conflict: before && itemOf(write.partition, write.sort, before) };
        }
        return { ok: true, version: apply(write, texts[i]) };
      });
    },

    async writeAtomically(writes) {
      if (writes.length > MAX_ATOMIC_WRITES) throw new RangeError(`${writes.length} items in one atomic write`);
      const keys = new Set(writes.map(({ table, partition, sort }) => `${table}\n${partition}\n${sort}`));
      if (keys.size < writes.length) throw new RangeError('an atomic write names the same item twice');
      const texts = writes.map(textOf);
      if (!writes.every((write) => allows(write, held(write)))) return false;
      writes.forEach((write, i) => {
        apply(write, texts[i]);
      });
      return true;
    },

    async range(table, partition, { from, to, limit, reverse = false }) {
      const found = partitionOf(table, partition);
      if (!found) return [];
      const start = from === undefined ? 0 : firstAtLeast(found.sorts, from);
      const end = to === undefined ? found.sorts.length : firstAtLeast(found.sorts, to);
      const sorts = reverse
        ? found.sorts.slice(Math.max(start, end - limit), Math.max(start, end)).reverse()
        : found.sorts.slice(start, Math.min(end, start + limit));
      return sorts.map((sort) => itemOf(partition, sort, found.items.get(sort)!));
    },
  };
}

function textOf(write: Write): string | undefined {
  if (write.value === null) return undefined;
  const json = JSON.stringify(write.value) as string | undefined;
  if (json === undefined) throw new TypeError(`the value for table ${write.table} is not JSON`);
  return json;
}

function allows({ condition }: Write, before: Held | undefined): boolean {
  if (condition === 'none') return true;
  return condition === 'absent' ? !before : before?.version === condition;
}

/** The index of the first sort key that is not before `sort`. */
function firstAtLeast(sorts: readonly string[], sort: string): number {
  let low = 0;
  let high = sorts.length;
  // Most keys are put at the end.
  if (high > 0 && isBefore(sorts[high - 1]!, sort)) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorts[middle]!, sort)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By UTF-8 bytes, that is by code points: UTF-16 puts surrogates before U+E000 to U+FFFF. */
function isBefore(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) < rank(y);
  }
  return a.length < b.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
