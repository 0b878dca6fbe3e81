import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { CONFIRM_WITHIN_MS } from '#platform/state/budgets/bucket.ts';
import { type Bucket, type Budgets, createBudgets } from '#platform/state/budgets/budgets.ts';
import { trueBucket } from '#test/bench/budgets/world.ts';

const START_AT = 1_767_225_600_000;
const HOUR_MS = 3_600_000;
const SPREAD_MS = 200;

function openWorld() {
  const clock = virtualClock(START_AT);
  const { store } = openEmbeddedEngine({ path: ':memory:', clock });
  const budgets: Budgets = createBudgets({ store, clock, random: seededRandom('one') }, { spreadMs: SPREAD_MS });
  return { clock, budgets };
}
type World = ReturnType<typeof openWorld>;

/** Calls one after the other till `endAt`, coming back when told to; when each went. */
async function callUntil({ clock, budgets }: World, bucket: Bucket, endAt: number, onCall?: (at: number) => unknown) {
  const times: number[] = [];
  const caller = async (): Promise<void> => {
    let turnAt: number | undefined;
    while (clock.now() < endAt) {
      const booking = await budgets.book({ buckets: [bucket], group: 'seller', turnAt });
      turnAt = booking.booked ? undefined : booking.turnAt;
      if (!booking.booked) await clock.sleep(booking.retryAfterMs);
      else {
        times.push(clock.now());
        await onCall?.(clock.now());
      }
    }
  };
  const callers = Promise.all(Array.from({ length: 12 }, caller));
  await clock.run({ endAt });
  void callers;
  return times;
}

test('a place that a worker slept past is not used', async () => {
  const world = openWorld();
  const { store } = openEmbeddedEngine({ path: ':memory:', clock: world.clock });
  let slept = 0;
  const sleepy = {
    now: world.clock.now,
    sleep: (ms: number, signal?: AbortSignal) => world.clock.sleep(slept++ % 3 === 0 ? ms + 1_500 : ms, signal),
  };
  const budgets = createBudgets({ store, clock: sleepy, random: seededRandom('sleepy') }, { spreadMs: SPREAD_MS });
  const bucket: Bucket = { key: 'bucket', ratePerSecond: 5, burst: 2 };
  let went = 0;
  const caller = async (): Promise<void> => {
    for (;;) {
      const booking = await budgets.book({ buckets: [bucket], group: 'seller' });
      if (!booking.booked) await world.clock.sleep(booking.retryAfterMs);
      else {
        went += 1;
        assert.ok(world.clock.now() - booking.at <= 250, `${world.clock.now() - booking.at} ms late`);
      }
    }
  };
  const callers = Promise.race(Array.from({ length: 10 }, caller));
  await Promise.race([callers, world.clock.run({ endAt: START_AT + 60_000 })]);
  assert.ok(slept > 20 && went > 20, `${went} calls`);
});

test('a rate that an answer taught takes the place of the documented one', async () => {
  const world = openWorld();
  const bucket: Bucket = { key: 'learned', ratePerSecond: 10, burst: 10 };
  await world.budgets.learn(bucket, { ratePerSecond: 2 });
  const times = await callUntil(world, bucket, START_AT + 60_000);
  assert.ok(times.length <= 10 + 2 * 60 && times.length >= 2 * 60, `${times.length} calls`);
});

test('a burst that an answer taught is used', async () => {
  const world = openWorld();
  const bucket: Bucket = { key: 'learned', ratePerSecond: 0.1, burst: 2 };
  await world.budgets.learn(bucket, { burst: 20 });
  const times = await callUntil(world, bucket, START_AT + 5_000);
  assert.ok(times.length >= 15 && times.length <= 20, `${times.length} calls`);
});

test('what others have taken out of a bucket is not taken again', async () => {
  const world = openWorld();
  const bucket: Bucket = { key: 'shared', ratePerSecond: 0.1, burst: 20 };
  await world.budgets.learn(bucket, { available: 5 });
  const times = await callUntil(world, bucket, START_AT + 5_000);
  assert.ok(times.length >= 4 && times.length <= 5, `${times.length} calls`);
});

test('no call goes before the time that the marketplace named, and an earlier one does not shorten it', async () => {
  const world = openWorld();
  const bucket: Bucket = { key: 'blocked', ratePerSecond: 10, burst: 20 };
  await world.budgets.learn(bucket, { blockedForMs: 60_000 });
  await world.budgets.learn(bucket, { blockedForMs: 30_000 });
  const times = await callUntil(world, bucket, START_AT + 120_000);
  assert.ok(times[0]! >= START_AT + 60_000);
  assert.ok(times.length > 500);
});

test('where the true rate is four fifths of the told one refusals become few, and most of the true rate is used', async () => {
  const world = openWorld();
  const told: Bucket = { key: 'told', ratePerSecond: 2, burst: 4 };
  const truth = trueBucket({ ratePerSecond: 1.6, burst: 4 });
  const refusals: number[] = [];
  const hours = 3;
  const times = await callUntil(world, told, START_AT + hours * HOUR_MS, async (at) => {
    if (truth.accept(at, 1)) return;
    refusals.push(at);
    await world.budgets.refused(told, 1_000);
  });
  const late = (at: number): boolean => at > START_AT + (hours / 2) * HOUR_MS;
  const perHour = refusals.filter(late).length / (hours / 2);
  assert.ok(perHour <= 12, `${perHour} refusals an hour`);
  const used = (times.filter(late).length - refusals.filter(late).length) / (1.6 * (hours / 2) * 3_600);
  assert.ok(used >= 0.8, `${used} of the true rate`);
});

test('after a single refusal the whole rate comes back', async () => {
  const world = openWorld();
  const bucket: Bucket = { key: 'once', ratePerSecond: 5, burst: 5 };
  await world.budgets.refused(bucket, 1_000);
  const times = await callUntil(world, bucket, START_AT + 300_000);
  const first = times.filter((at) => at < START_AT + 20_000).length / 20;
  const last = times.filter((at) => at >= START_AT + 200_000).length / 100;
  assert.ok(first < 4.8 && last > 4.95, `${first}, then ${last} calls a second`);
});

test('places that a crashed worker booked in a slow bucket come back', async () => {
  const { clock } = openWorld();
  const bucket: Bucket = { key: 'slow', ratePerSecond: 0.0056, burst: 20 };
  // It stands still for ever once its places are booked: none of them is ever confirmed.
  let isDead = false;
  const store = openEmbeddedEngine({ path: ':memory:', clock }).store;
  const dying = createBudgets(
    {
      store: {
        ...store,
        async writeAtomically(writes) {
          if (isDead) return new Promise(() => {});
          isDead = true;
          return store.writeAtomically(writes);
        },
      },
      clock,
      random: seededRandom('dying'),
    },
    { spreadMs: SPREAD_MS },
  );
  const living = createBudgets({ store, clock, random: seededRandom('living') }, { spreadMs: SPREAD_MS });
  for (let i = 0; i < 15; i++) void dying.book({ buckets: [bucket], group: 'seller' });
  void clock.sleep(10 * CONFIRM_WITHIN_MS);
  await clock.run({ endAt: START_AT + CONFIRM_WITHIN_MS + 1_000 });
  let went = 0;
  for (let i = 0; i < 15; i++)
    void living.book({ buckets: [bucket], group: 'seller' }).then(({ booked }) => {
      if (booked) went += 1;
    });
  await clock.run({ endAt: START_AT + CONFIRM_WITHIN_MS + 3_000 });
  assert.equal(went, 15);
});

test('who came first to a full bucket goes first', async () => {
  const { clock, budgets } = openWorld();
  const bucket: Bucket = { key: 'line', ratePerSecond: 0.2, burst: 1 };
  const order: number[] = [];
  const caller = async (i: number): Promise<void> => {
    await clock.sleep(i * 100);
    for (let turnAt: number | undefined; ; ) {
      const booking = await budgets.book({ buckets: [bucket], group: 'seller', turnAt });
      if (booking.booked) break;
      turnAt = booking.turnAt;
      await clock.sleep(booking.retryAfterMs);
    }
    order.push(i);
  };
  for (let i = 0; i < 12; i++) void caller(i);
  await clock.run({ endAt: START_AT + 120_000 });
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert.equal(order.length, 12);
});

test('a call that fails in one of its buckets spends nothing in the others', async () => {
  const { clock, budgets } = openWorld();
  const full: Bucket = { key: 'full', ratePerSecond: 0.01, burst: 1 };
  const other: Bucket = { key: 'other', ratePerSecond: 0.01, burst: 2 };
  const book = async (buckets: readonly Bucket[]): Promise<boolean> => {
    const booking = budgets.book({ buckets, group: 'seller' });
    await clock.run({ endAt: clock.now() + 1_000 });
    return (await booking).booked;
  };
  assert.ok(await book([full]));
  assert.ok(!(await book([full, other])));
  assert.ok(!(await book([other, full])));
  assert.ok(await book([other]));
});

test('a call that goes on with something waits for a place that is not far; one that begins is told to come back', async () => {
  const { clock, budgets } = openWorld();
  const slow: Bucket = { key: 'slow', ratePerSecond: 0.05, burst: 1 };
  const book = async (isUnderWay: boolean) => {
    const booking = budgets.book({ buckets: [slow], group: 'seller', isUnderWay });
    await clock.run({ endAt: clock.now() + 1_000 });
    if (isUnderWay) await clock.run({ endAt: clock.now() + 30_000 });
    return booking;
  };
  assert.ok((await book(false)).booked);
  const begun = budgets.book({ buckets: [slow], group: 'seller' });
  await clock.run({ endAt: clock.now() + 1_000 });
  assert.ok(!(await begun).booked);
  assert.ok((await book(true)).booked);
});
