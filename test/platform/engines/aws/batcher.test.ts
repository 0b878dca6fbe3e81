import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BatcherOptions, createBatcher } from '#platform/engines/aws/batcher.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const CALL_MS = 20;

/** A batcher whose calls take 20 ms, and what it called: when, with what. */
function recording(clock: Clock, options: Partial<BatcherOptions<string>> = {}) {
  const startedAt = clock.now();
  const calls: { atMs: number; items: string[] }[] = [];
  const batcher = createBatcher<string, string>(
    { clock, maxItems: 10, waitMs: 2, patienceMs: 50, maxCalls: 4, ...options },
    async (items) => {
      calls.push({ atMs: clock.now() - startedAt, items });
      await clock.sleep(CALL_MS);
      return items.map((item) => `result of ${item}`);
    },
  );
  return { batcher, calls };
}

const names = (count: number, prefix = 'item'): string[] => Array.from({ length: count }, (_, i) => `${prefix} ${i}`);

test('an item alone waits only for the short time, and has its own result', async () => {
  const { batcher, calls } = recording(drivenClock());
  assert.equal(await batcher.add('one'), 'result of one');
  assert.deepEqual(calls, [{ atMs: 2, items: ['one'] }]);
});

test('a full batch goes at once', async () => {
  const { batcher, calls } = recording(drivenClock());
  const results = await Promise.all(names(20).map((item) => batcher.add(item)));
  assert.deepEqual(
    results,
    names(20).map((item) => `result of ${item}`),
  );
  assert.deepEqual(
    calls.map(({ atMs, items }) => [atMs, items.length]),
    [
      [0, 10],
      [0, 10],
    ],
  );
});

test('what arrives while a call is under way goes together when it ends', async () => {
  const clock = drivenClock();
  const { batcher, calls } = recording(clock);
  const added = [batcher.add('first')];
  await clock.sleep(5);
  for (const item of names(6)) {
    added.push(batcher.add(item));
    await clock.sleep(2);
  }
  await Promise.all(added);
  assert.deepEqual(
    calls.map(({ atMs, items }) => [atMs, items.length]),
    [
      [2, 1],
      [2 + CALL_MS, 6],
    ],
  );
});

test('nothing waits longer than the patience, however long a call hangs', async () => {
  const clock = drivenClock();
  const hangs: ((results: string[]) => void)[] = [];
  const calls: number[] = [];
  const startedAt = clock.now();
  const batcher = createBatcher<string, string>(
    { clock, maxItems: 10, waitMs: 2, patienceMs: 50, maxCalls: 4 },
    (items) => {
      calls.push(clock.now() - startedAt);
      return new Promise((resolve) => hangs.push(() => resolve(items)));
    },
  );
  const added = [batcher.add('hangs')];
  await clock.sleep(10);
  added.push(batcher.add('waits'));
  await clock.sleep(100);
  assert.deepEqual(calls, [2, 60]);
  for (const end of hangs) end([]);
  assert.deepEqual(await Promise.all(added), ['hangs', 'waits']);
});

test('no more calls are under way at once than may be', async () => {
  const { batcher, calls } = recording(drivenClock(), { maxCalls: 2 });
  await Promise.all(names(50).map((item) => batcher.add(item)));
  assert.deepEqual(
    calls.map(({ atMs }) => atMs),
    [0, 0, CALL_MS, CALL_MS, 2 * CALL_MS],
  );
});

test('a call that throws fails its own items and no others', async () => {
  const clock = drivenClock();
  const batcher = createBatcher<string, string>(
    { clock, maxItems: 2, waitMs: 2, patienceMs: 50, maxCalls: 4 },
    async (items) => {
      if (items.includes('bad')) throw new Error('refused');
      return items;
    },
  );
  const outcomes = await Promise.allSettled(['bad', 'beside it', 'good', 'too'].map((item) => batcher.add(item)));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled', 'fulfilled'],
  );
});

test('drained, it has sent what waited and holds nothing', async () => {
  const clock = drivenClock();
  const { batcher, calls } = recording(clock, { waitMs: 1_000 });
  const added = names(3).map((item) => batcher.add(item));
  await batcher.drain();
  assert.deepEqual(
    calls.map(({ atMs }) => atMs),
    [0],
  );
  assert.equal((await Promise.all(added)).length, 3);
  await batcher.drain();
});

test('whatever arrives when, each item goes once, in a batch that is within its limits', async () => {
  const MAX_BYTES = 100;
  const arrival = fc.record({ afterMs: fc.nat(30), bytes: fc.integer({ min: 1, max: MAX_BYTES }), key: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(arrival, { maxLength: 60 }), async (arrivals) => {
      const clock = drivenClock();
      const batches: { bytes: number; key: number; id: number }[][] = [];
      const batcher = createBatcher<{ bytes: number; key: number; id: number }, number>(
        {
          clock,
          maxItems: 3,
          bytes: { max: MAX_BYTES, of: ({ bytes }) => bytes },
          keyOf: ({ key }) => String(key),
          waitMs: 2,
          patienceMs: 15,
          maxCalls: 2,
        },
        async (items) => {
          batches.push(items);
          await clock.sleep(items[0]!.bytes % 9);
          return items.map(({ id }) => id);
        },
      );
      const added: Promise<number>[] = [];
      for (const [id, { afterMs, ...item }] of arrivals.entries()) {
        if (afterMs > 10) await clock.sleep(afterMs - 10);
        added.push(batcher.add({ ...item, id }));
      }
      assert.deepEqual(await Promise.all(added), [...arrivals.keys()]);
      assert.equal(batches.flat().length, arrivals.length);
      for (const batch of batches) {
        assert.ok(batch.length <= 3);
        assert.ok(batch.reduce((sum, { bytes }) => sum + bytes, 0) <= MAX_BYTES);
        assert.equal(new Set(batch.map(({ key }) => key)).size, batch.length);
      }
    }),
    { numRuns: 100 },
  );
});
