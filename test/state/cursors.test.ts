import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '#platform/runtime/random.ts';
import { createCursors, isPassed } from '#platform/state/cursors.ts';
import { createStateWorld, slowed } from '#test/support/state-world.ts';

const MINUTE_MS = 60_000;

test('a watermark never moves back, however the ends of windows meet', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 8 }),
      fc.string(),
      async (ends, seed) => {
        const { clock, store } = createStateWorld();
        const random = seededRandom(seed);
        const cursors = createCursors({ store: slowed(store, clock, () => random.fraction() * 30) });
        await cursors.start('c', 100, 0);
        let watched = 100;
        await Promise.all(
          ends.map(async (end) => {
            await clock.sleep(random.fraction() * 100);
            await cursors.finish('c', end);
            // Before the read: what others see while it is under way may be newer than what it brings.
            const seenBefore = watched;
            const { watermark } = (await cursors.get('c'))!;
            assert.ok(watermark >= seenBefore && watermark >= end);
            watched = Math.max(watched, watermark);
          }),
        );
        assert.equal((await cursors.get('c'))?.watermark, Math.max(100, ...ends));
      },
    ),
    { numRuns: 30 },
  );
});

test('a cursor that exists keeps its watermark when its connection is connected again', async () => {
  const cursors = createCursors(createStateWorld());
  await cursors.start('c', 100, 5);
  await cursors.start('c', 900, 7);
  assert.equal((await cursors.get('c'))?.watermark, 100);
  assert.deepEqual(await cursors.due(10, 10), ['c']);
});

test('what is due is found in the order of its time, each once, and nothing that is not due', async () => {
  const cursors = createCursors(createStateWorld());
  const due = (at: number) => cursors.due(at, 10);
  for (const [id, dueAt] of [
    ['b', 20],
    ['a', 20],
    ['late', 30],
    ['first', 9],
  ] as const)
    await cursors.start(id, 0, dueAt);
  assert.deepEqual(await due(8), []);
  assert.deepEqual(await due(20), ['first', 'a', 'b']);
  assert.deepEqual(await cursors.due(30, 2), ['first', 'a']);
  await cursors.begin('first', { dueAt: 10 * MINUTE_MS, underWayUntil: 1 });
  await cursors.begin('a', { dueAt: 10 * MINUTE_MS, underWayUntil: 1 });
  assert.deepEqual(await due(30), ['b', 'late']);
  assert.deepEqual(await due(10 * MINUTE_MS), ['b', 'late', 'a', 'first']);
});

test('a sign of life lengthens a poll under way, never shortens it; its end ends it', async () => {
  const cursors = createCursors(createStateWorld());
  const underWayUntil = async () => (await cursors.get('c'))?.underWayUntil;
  await cursors.start('c', 0, 0);
  await cursors.begin('c', { dueAt: 5, underWayUntil: 100 });
  await cursors.goOn('c', 'poll', { windowTo: 1, pageNumber: 2 }, 200);
  await cursors.goOn('c', 'poll', { windowTo: 1, pageNumber: 3 }, 150);
  await cursors.goOn('c', 'backfill', { windowTo: 1, pageNumber: 2 }, 900);
  assert.equal(await underWayUntil(), 200);
  await cursors.finish('c', 50);
  assert.equal(await underWayUntil(), 0);
});

test('a page before the one asked for last is passed, so is each of a sync begun before; the mark never goes back', async () => {
  const cursors = createCursors(createStateWorld());
  await cursors.start('c', 0, 0);
  const isPassedNow = async (windowTo: number, pageNumber: number) =>
    isPassed({ windowTo, pageNumber }, (await cursors.get('c'))?.asked?.poll);
  assert.equal(await isPassedNow(10, 1), false);
  await cursors.goOn('c', 'poll', { windowTo: 10, pageNumber: 3 }, 100);
  await cursors.goOn('c', 'poll', { windowTo: 10, pageNumber: 2 }, 200);
  await cursors.goOn('c', 'backfill', { windowTo: 50, pageNumber: 2 }, 100);
  assert.deepEqual(
    [await isPassedNow(10, 2), await isPassedNow(10, 3), await isPassedNow(10, 4)],
    [true, false, false],
  );
  assert.deepEqual([await isPassedNow(9, 7), await isPassedNow(11, 1)], [true, false]);
});

test('what has no cursor has none afterwards either', async () => {
  const cursors = createCursors(createStateWorld());
  await cursors.finish('nobody', 5);
  await cursors.begin('nobody', { dueAt: 1, underWayUntil: 1 });
  assert.equal(await cursors.get('nobody'), undefined);
  assert.deepEqual(await cursors.due(10, 10), []);
});
