import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { realClock, virtualClock } from '#platform/runtime/clock.ts';

test('sleepers wake in the order of their times, and of equal times in the order in which they went to sleep', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }), async (waits) => {
      const clock = virtualClock(1_000);
      const woken: { wait: number; index: number; at: number }[] = [];
      waits.forEach((wait, index) => {
        void clock.sleep(wait).then(() => woken.push({ wait, index, at: clock.now() }));
      });
      await clock.run();
      const expected = waits
        .map((wait, index) => ({ wait, index, at: 1_000 + wait }))
        .sort((a, b) => a.wait - b.wait || a.index - b.index);
      assert.deepEqual(woken, expected);
      assert.equal(clock.fired(), waits.length);
    }),
  );
});

test('time stands still while anything can run', async () => {
  const clock = virtualClock(0);
  let steps = 0;
  void clock.sleep(5).then(async () => {
    for (; steps < 1_000; steps++) await Promise.resolve();
    assert.equal(clock.now(), 5);
    await clock.sleep(5);
    steps += 1;
  });
  void clock.sleep(6).then(() => assert.equal(steps, 1_000));
  await clock.run();
  assert.deepEqual([steps, clock.now()], [1_001, 10]);
});

test('a run ends where it is told to, and the next one goes on from there', async () => {
  const clock = virtualClock(0);
  const woken: number[] = [];
  for (const wait of [10, 20, 30]) void clock.sleep(wait).then(() => woken.push(wait));
  await clock.run({ endAt: 15 });
  assert.deepEqual([clock.now(), woken], [15, [10]]);
  await clock.run({ until: () => woken.length === 2 });
  assert.deepEqual([clock.now(), woken], [20, [10, 20]]);
  await clock.run();
  assert.deepEqual([clock.now(), woken], [30, [10, 20, 30]]);
});

test('a sleep that is aborted ends at once, never rejects, and leaves no timer', async () => {
  const clock = virtualClock(0);
  const abort = new AbortController();
  const slept = clock.sleep(1_000, abort.signal);
  abort.abort('enough');
  await slept;
  await clock.sleep(1_000, abort.signal);
  await clock.run();
  assert.deepEqual([clock.now(), clock.fired()], [0, 0]);
});

test('a wait of less than nothing is over at once', async () => {
  const clock = virtualClock(50);
  void clock.sleep(-10);
  await clock.run();
  assert.equal(clock.now(), 50);
});

test('a real sleep that is aborted ends at once, and one of less than nothing does too', async () => {
  const abort = new AbortController();
  const slept = realClock.sleep(3_600_000, abort.signal);
  abort.abort('enough');
  await slept;
  await realClock.sleep(3_600_000, abort.signal);
  await realClock.sleep(-1);
});
