import type { Item, Store, Write } from '#platform/engines/engine.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import type { BenchClock } from './clock.ts';

/** a round trip to the store, ms: DynamoDB answers within single-digit milliseconds in a region */
const STORE_MS = { least: 4, most: 12 };

/** A fast pseudo-random source (xorshift), seeded: SHAKE would cost more than the work that is measured. */
export function fastRandom(seed: string): () => number {
  const start = seededRandom(seed).hex(4);
  let state = Number.parseInt(start, 16) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export type CountedStore = Store & { counts: { writes: number; rows: number; failed: number; reads: number } };

/** The store as its port says, with the time that its answers take, and counters. */
export function countedStore(clock: BenchClock, random: () => number): CountedStore {
  const items = new Map<string, Item>();
  const counts = { writes: 0, rows: 0, failed: 0, reads: 0 };
  const half = (): Promise<void> => clock.sleep((STORE_MS.least + random() * (STORE_MS.most - STORE_MS.least)) / 2);
  const keyOf = (table: string, partition: string, sort: string): string => `${table} ${partition} ${sort}`;
  const holds = (write: Write): boolean => {
    const version = items.get(keyOf(write.table, write.partition, write.sort))?.version;
    if (write.condition === 'none') return true;
    return write.condition === 'absent' ? version === undefined : version === write.condition;
  };
  const put = (write: Write): number => {
    const key = keyOf(write.table, write.partition, write.sort);
    const version = (items.get(key)?.version ?? 0) + 1;
    items.set(key, { ...write, version, expiresAt: write.expiresAt });
    return version;
  };
  return {
    counts,
    async get(table, partition, sort) {
      counts.reads += 1;
      await half();
      const item = items.get(keyOf(table, partition, sort));
      await half();
      return item;
    },
    async write(writes) {
      counts.writes += 1;
      counts.rows += writes.length;
      await half();
      const results = writes.map((write) =>
        holds(write) ? ({ ok: true, version: put(write) } as const) : ({ ok: false, conflict: undefined } as const),
      );
      counts.failed += results.filter(({ ok }) => !ok).length;
      await half();
      return results;
    },
    async writeAtomically(writes) {
      counts.writes += 1;
      counts.rows += writes.length;
      await half();
      const written = writes.every(holds);
      if (written) for (const write of writes) put(write);
      else counts.failed += 1;
      await half();
      return written;
    },
    async range() {
      throw new Error('the budgets use no range');
    },
  };
}

/** A marketplace's own bucket: full at first, refilled steadily, one token (or `cost`) a call; it refuses what it can't cover. */
export function trueBucket(limit: { ratePerSecond: number; burst: number }) {
  let tokens = limit.burst;
  let at: number | undefined;
  return {
    /** `now`: when the call arrives, by the marketplace's clock */
    accept(now: number, cost: number): boolean {
      if (at !== undefined) tokens = Math.min(limit.burst, tokens + ((now - at) * limit.ratePerSecond) / 1000);
      at = now;
      // Floating point: a billionth of a token is none.
      if (tokens < cost - 1e-6) return false;
      tokens -= cost;
      return true;
    },
  };
}
