import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coalesce } from '#platform/runtime/coalesce.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const OPTIONS = { waitMs: 10, maxItems: 3 };

/** Doubles numbers together, and notes which it got together and when. */
function doubling() {
  const clock = drivenClock(0);
  const groups: { at: number; items: number[] }[] = [];
  const double = coalesce<number, number>(
    async (items) => {
      groups.push({ at: clock.now(), items });
      if (items.includes(13)) throw new Error('unlucky');
      await clock.sleep(100);
      return items.map((item) => item * 2);
    },
    { clock, ...OPTIONS },
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

test('a call that fails fails its own group, and no other', async () => {
  const { double } = doubling();
  const outcomes = await Promise.allSettled([double(1), double(13), double(2), double(3)]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected', 'fulfilled'],
  );
});
