import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Store } from '#platform/engines/engine.ts';
import { type Bucket, createBudgets } from '#platform/state/budgets.ts';
import { playCallers, total } from '#test/support/callers.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

/** what the budgets reckon with, `SPREAD_MS` there */
const SPREAD_MS = 500;
/** calls that one play makes at the full rate; simulated time costs nothing, calls do */
const CALLS = 300;
/** callers begin within a second, and the last calls arrive after the end */
const EDGES_MS = 1_000 + SPREAD_MS;

const rates = fc.double({ min: 0.05, max: 60, noNaN: true });
const seeds = fc.string({ minLength: 1, maxLength: 8 });
const bucket = fc.record({
  key: fc.constant('bucket'),
  ratePerSecond: rates,
  burst: fc.integer({ min: 1, max: 80 }),
});
const forMs = ({ ratePerSecond }: Bucket): number => Math.max(60_000, (CALLS / ratePerSecond) * 1_000);
const share = (arrived: number, { ratePerSecond }: Bucket, ms: number): number =>
  arrived / ((ratePerSecond * (ms - EDGES_MS)) / 1_000);

function createWorld() {
  const clock = drivenClock();
  const { store } = openEmbeddedEngine({ path: ':memory:', clock });
  return { clock, store, budgets: createBudgets({ store, clock }) };
}

test('however late calls arrive, no bucket refuses one, and a burst that covers the spread is used to 95 %', async () => {
  await fc.assert(
    fc.asyncProperty(bucket, seeds, fc.integer({ min: 1, max: 3 }), async (bucket, seed, processes) => {
      const ms = forMs(bucket);
      const callers = [{ count: 40, buckets: [bucket] }];
      const { refused, arrived } = await playCallers({ callers, forMs: ms, spreadMs: SPREAD_MS, seed, processes });
      assert.equal(total(refused), 0);
      const perSecond = bucket.ratePerSecond * (SPREAD_MS / 1_000);
      const used = share(total(arrived), bucket, ms);
      if (bucket.burst >= 1 + perSecond) assert.ok(used >= 0.95, `${used} of the rate is used`);
      else assert.ok(used >= 0.95 / (1 + perSecond), `${used} of the rate is used`);
    }),
    { numRuns: 20 },
  );
});

test('callers that come and go in bursts are never refused', async () => {
  await fc.assert(
    fc.asyncProperty(bucket, seeds, async (bucket, seed) => {
      const callers = [{ count: 40, buckets: [bucket], pauseMs: (80 / bucket.ratePerSecond) * 1_000 }];
      const { refused } = await playCallers({ callers, forMs: forMs(bucket), spreadMs: SPREAD_MS, seed });
      assert.equal(total(refused), 0);
    }),
    { numRuns: 10 },
  );
});

test('a call counted against several buckets is refused by none, and what is scarce is used to 95 %', async () => {
  const sellers = fc.array(fc.record({ ratePerSecond: fc.double({ min: 4, max: 10, noNaN: true }) }), {
    minLength: 4,
    maxLength: 8,
  });
  const app = fc.record({ key: fc.constant('app'), ratePerSecond: fc.double({ min: 2, max: 12, noNaN: true }) });
  await fc.assert(
    fc.asyncProperty(sellers, app, seeds, async (sellers, { key, ratePerSecond }, seed) => {
      const app: Bucket = { key, ratePerSecond, burst: Math.ceil(1 + 2 * ratePerSecond) };
      const callers = sellers.map(({ ratePerSecond }, i) => ({
        count: 12,
        buckets: [{ key: `seller-${i}`, ratePerSecond, burst: 10 }, app],
      }));
      const ms = forMs(app);
      const { refused, arrived } = await playCallers({ callers, forMs: ms, spreadMs: SPREAD_MS, seed, processes: 2 });
      assert.equal(total(refused), 0);
      const used = share(arrived.get('app')!, app, ms);
      assert.ok(used >= 0.95, `${used} of the app's rate is used`);
    }),
    { numRuns: 10 },
  );
});

test('a burst that covers half of the spread is not wasted', async () => {
  const bucket = { key: 'shop', ratePerSecond: 10, burst: 5 };
  const callers = [{ count: 40, buckets: [bucket] }];
  const { refused, arrived } = await playCallers({ callers, forMs: 60_000, spreadMs: SPREAD_MS, seed: 'shop' });
  assert.equal(total(refused), 0);
  assert.ok(share(total(arrived), bucket, 60_000) > 0.75);
});

test('a place far away is not booked: each caller is told its own place in the line, and nothing is spent', async () => {
  const { clock, budgets } = createWorld();
  const slow: Bucket = { key: 'slow', ratePerSecond: 0.1, burst: 1 };
  assert.deepEqual(await budgets.book([slow]), { booked: true, at: clock.now() });
  const bookedAt = clock.now();
  const places: number[] = [];
  for (let i = 0; i < 3; i++) {
    const booking = await budgets.book([slow]);
    assert.ok(!booking.booked);
    places.push(clock.now() + booking.retryAfterMs - bookedAt);
  }
  assert.deepEqual(places, [10_500, 21_000, 31_500]);
  // None of the three came back; the place is free all the same.
  await clock.sleep(bookedAt + 10_500 - clock.now());
  const next = await budgets.book([slow]);
  assert.ok(next.booked);
});

test('a call that has no place in one of its buckets spends nothing in the others', async () => {
  const { budgets } = createWorld();
  const full: Bucket = { key: 'full', ratePerSecond: 0.01, burst: 1 };
  const other: Bucket = { key: 'other', ratePerSecond: 0.01, burst: 2 };
  assert.ok((await budgets.book([full])).booked);
  assert.ok(!(await budgets.book([full, other])).booked);
  assert.ok(!(await budgets.book([other, full])).booked);
  assert.ok((await budgets.book([other])).booked);
});

test('no call goes before the time that the marketplace named, and an earlier one does not shorten it', async () => {
  const { clock, budgets } = createWorld();
  const bucket: Bucket = { key: 'blocked', ratePerSecond: 10, burst: 20 };
  const until = clock.now() + 60_000;
  await budgets.block('blocked', until);
  await budgets.block('blocked', until - 30_000);
  const refused = await budgets.book([bucket]);
  assert.ok(!refused.booked && clock.now() + refused.retryAfterMs >= until);
  await clock.sleep(until - 1_000 - clock.now());
  const near = await budgets.book([bucket]);
  assert.ok(near.booked && near.at === until);
});

test('a rate that an answer taught takes the place of the documented one', async () => {
  const { clock, budgets } = createWorld();
  const bucket: Bucket = { key: 'learned', ratePerSecond: 10, burst: 1 };
  await budgets.book([bucket]);
  await budgets.learnRate('learned', 0.1);
  await clock.sleep(1_000);
  assert.ok((await budgets.book([bucket])).booked);
  const next = await budgets.book([bucket]);
  assert.ok(!next.booked && next.retryAfterMs > 9_000);
});

test('calls that ask together share one write', async () => {
  const { clock, store } = createWorld();
  let writes = 0;
  const counting: Store = { ...store, writeAtomically: (rows) => store.writeAtomically(rows).finally(() => writes++) };
  const budgets = createBudgets({ store: counting, clock });
  const bucket: Bucket = { key: 'shared', ratePerSecond: 50, burst: 100 };
  const bookings = await Promise.all(Array.from({ length: 80 }, () => budgets.book([bucket])));
  assert.equal(bookings.filter(({ booked }) => booked).length, 80);
  assert.equal(writes, 1);
});
