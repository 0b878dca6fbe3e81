import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remember } from '#platform/runtime/remember.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

/** Answers after 10 ms with what `answer` gives for the n-th asking, from 1 on. */
function asking(answer: (n: number) => string | undefined) {
  const clock = drivenClock();
  const asked: string[] = [];
  const find = remember(
    async (marketplace: string, sellerId: string) => {
      const n = asked.push(`${marketplace}/${sellerId}`);
      await clock.sleep(10);
      return answer(n);
    },
    { clock, keptMs: 1_000, maxKept: 2 },
  );
  return { clock, find, asked };
}

test('it is asked once for as long as the answer is kept, however many ask at once', async () => {
  const { clock, find, asked } = asking((n) => `answer ${n}`);
  assert.deepEqual(await Promise.all([find('a', 'b'), find('a', 'b')]), ['answer 1', 'answer 1']);
  await clock.sleep(980);
  assert.equal(await find('a', 'b'), 'answer 1');
  await clock.sleep(10);
  assert.equal(await find('a', 'b'), 'answer 2');
  assert.equal(asked.length, 2);
});

test('keys are told apart, and too many are forgotten', async () => {
  const { find, asked } = asking((n) => `answer ${n}`);
  for (const [marketplace, sellerId] of [
    ['a', 'b'],
    ['a,b', ''],
    ['a', 'b'],
    ['c', 'd'],
    ['a', 'b'],
  ] as const) {
    await find(marketplace, sellerId);
  }
  assert.deepEqual(asked, ['a/b', 'a,b/', 'c/d', 'a/b']);
});

test('that there is none, or that asking failed, is told to all who wait and not remembered', async () => {
  const { find, asked } = asking((n) => {
    if (n === 2) throw new Error('the store is away');
    return n === 1 ? undefined : 'there';
  });
  assert.deepEqual(await Promise.all([find('a', 'b'), find('a', 'b')]), [undefined, undefined]);
  const both = await Promise.allSettled([find('a', 'b'), find('a', 'b')]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await find('a', 'b'), 'there');
  assert.equal(asked.length, 3);
});
