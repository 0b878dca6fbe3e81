import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coalesce } from '#platform/runtime/coalesce.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const OPTIONS = { waitMs: 10, maxItems: 3 };

/** Doubles numbers together, and notes which it got together and when. */
function doubling(options: { busyWaitMs?: number } = {}) {
  const clock = drivenClock(0);
  const groups: { at: number; items: number[] }[] = [];
  const double = coalesce<number, number>(
    async (items) => {
      groups.push({ at: clock.now(), items });
      if (items.includes(13)) throw new Error('unlucky');
      await clock.sleep(100);
      return items.map((item) => item * 2);
    },
    { clock, ...OPTIONS, ...options },
  );
  return { clock, groups, double };
}

test('items that come within the wait share a call, and each gets its own answer', async () => {
  const { clock, groups, double } = doubling();
  const late = clock.sleep(9).then(() => double(2));
  assert.deepEqual(await Promise.all([double(1), late]), [2, 4]);
  assert.deepEqual(groups, [{ at: 10, items: [1, 2] }]);
});

test('a full group goes at once, and what comes after it waits its own time', async () => {
  const { clock, groups, double } = doubling();
  const late = clock.sleep(5).then(() => double(4));
  assert.deepEqual(await Promise.all([double(1), double(2), double(3), late]), [2, 4, 6, 8]);
  assert.deepEqual(groups, [
    { at: 0, items: [1, 2, 3] },
    { at: 15, items: [4] },
  ]);
});

test('a group under way holds up no other', async () => {
  const { groups, double } = doubling();
  await Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => double(item)));
  assert.deepEqual(
    groups.map(({ at }) => at),
    [0, 0, 10],
  );
});

test('items wait for a group under way where they are told to: until it ends, until they are full, or so long', async () => {
  const { clock, groups, double } = doubling({ busyWaitMs: 70 });
  const all = [double(1)];
  const later = async (ms: number, items: number[]) => {
    await clock.sleep(ms);
    all.push(...items.map((item) => double(item)));
  };
  // 1 is under way from 10 to 110.
  await Promise.all([later(20, [2]), later(60, [3]), later(91, [4]), later(300, [])]);
  assert.deepEqual(await Promise.all(all), [2, 4, 6, 8]);
  assert.deepEqual(groups, [
    { at: 10, items: [1] },
    { at: 90, items: [2, 3] },
    { at: 161, items: [4] },
  ]);
  await Promise.all([double(5), clock.sleep(20).then(() => Promise.all([6, 7, 8].map((item) => double(item))))]);
  assert.deepEqual(groups.slice(3), [
    { at: groups[3]!.at, items: [5] },
    { at: groups[3]!.at + 10, items: [6, 7, 8] },
  ]);
  const ended = double(9);
  await clock.sleep(80).then(() => double(10));
  await ended;
  assert.equal(groups.at(-1)!.at - groups.at(-2)!.at, 100);
});

test('a call that fails fails its own group, and no other', async () => {
  const { double } = doubling();
  const outcomes = await Promise.allSettled([double(1), double(13), double(2), double(3)]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected', 'fulfilled'],
  );
});
