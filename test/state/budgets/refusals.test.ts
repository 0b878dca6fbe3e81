import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Bucket, createBudgets } from '#platform/state/budgets/budgets.ts';
import { type PacerOf, play, SPREAD_MS } from '#test/bench/budgets/run.ts';
import { playCallers, total } from '#test/support/callers.ts';

/** how far apart calls arrive in the plays, ms, more than a booking takes besides */
const LATE_MS = 400;
/** calls that one play makes at the full rate */
const CALLS = 200;

const seeds = fc.string({ minLength: 1, maxLength: 8 });
const buckets = fc.record({
  key: fc.constant('bucket'),
  ratePerSecond: fc.double({ min: 0.05, max: 60, noNaN: true }),
  burst: fc.integer({ min: 1, max: 80 }),
});
const lengthMs = ({ ratePerSecond }: Bucket): number => Math.max(60_000, (CALLS / ratePerSecond) * 1_000);

test('however late calls arrive within the spread, no bucket refuses one, whether callers are many or come and go', async () => {
  await fc.assert(
    fc.asyncProperty(
      buckets,
      seeds,
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      async (bucket, seed, processes, rest) => {
        const pauseMs = rest ? (80 / bucket.ratePerSecond) * 1_000 : 0;
        const { refused, arrived } = await playCallers({
          callers: [{ count: 30, buckets: [bucket], pauseMs }],
          forMs: lengthMs(bucket),
          spreadMs: LATE_MS,
          seed,
          processes,
        });
        assert.equal(total(refused), 0);
        assert.ok(total(arrived) > 0);
      },
    ),
    { numRuns: 15 },
  );
});

test('those who call seldom go before places that are booked ahead, and no bucket refuses a call for it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 2, max: 40, noNaN: true }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.double({ min: 0.5, max: 60, noNaN: true }), { minLength: 1, maxLength: 8 }),
      seeds,
      async (ratePerSecond, burst, pauses, seed) => {
        const app: Bucket = { key: 'app', ratePerSecond, burst, isShared: true };
        const group = (name: string): Bucket => ({ key: name, ratePerSecond: 1_000, burst: 10_000 });
        const often = { count: 40, buckets: [group('often'), app] };
        const seldom = pauses.map((calls, i) => ({
          count: 1,
          buckets: [group(`seldom-${i}`), app],
          pauseMs: (calls * pauses.length * 2_000) / ratePerSecond,
        }));
        const { refused, arrived } = await playCallers({
          callers: [often, ...seldom],
          ...{ forMs: lengthMs(app), spreadMs: LATE_MS, seed, processes: 2 },
        });
        assert.equal(total(refused), 0);
        assert.ok(total(arrived) > 0);
      },
    ),
    { numRuns: 15 },
  );
});

test('a call that several buckets count is refused by none of them', async () => {
  const rates = fc.array(fc.double({ min: 1, max: 10, noNaN: true }), { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(rates, fc.double({ min: 2, max: 30, noNaN: true }), seeds, async (ofSellers, ofApp, seed) => {
      const app: Bucket = { key: 'app', ratePerSecond: ofApp, burst: Math.ceil(ofApp), isShared: true };
      const callers = ofSellers.map((ratePerSecond, i) => ({
        count: 10,
        buckets: [{ key: `seller-${i}`, ratePerSecond, burst: 10 }, app],
      }));
      const { refused } = await playCallers({ callers, forMs: 60_000, spreadMs: LATE_MS, seed, processes: 2 });
      assert.equal(total(refused), 0);
    }),
    { numRuns: 8 },
  );
});

test('workers whose clocks are up to a second off, and who know by how much, exceed no bucket and use all of it', async () => {
  const pacerOf: PacerOf = ({ clock, random, store }) => {
    const offMs = (random() * 2 - 1) * 1_000;
    const skewed = { now: () => clock.now() + offMs, sleep: clock.sleep };
    const hexRandom = { fraction: random, hex: () => Math.floor(random() * 2 ** 32).toString(16) };
    const budgets = createBudgets(
      { store, clock: skewed, random: hexRandom },
      { spreadMs: SPREAD_MS, offsetMs: () => -offMs },
    );
    return { book: budgets.book, refused: () => assert.fail('a call was refused') };
  };
  for (const shape of [
    { ratePerSecond: 10, burst: 10 },
    { ratePerSecond: 1, burst: 1 },
  ]) {
    const bucket = { key: 'bucket', ...shape };
    const sellers = [{ group: 'seller', buckets: [bucket], backlog: 400, isRefilled: true }];
    const limits = new Map([['bucket', shape]]);
    const forMs = 600_000;
    const { throttled, calls } = await play({ sellers, limits, forMs, seed: 'skew', warmUpMs: 60_000, pacerOf });
    assert.equal(throttled, 0);
    const bound = shape.burst === 1 ? 1 / (1 + SPREAD_MS / 1_000) : 1;
    assert.ok(calls >= 0.99 * bound * shape.ratePerSecond * (forMs / 1_000), `${calls} calls`);
  }
});
