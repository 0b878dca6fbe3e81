import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Engine } from '#platform/engines/engine.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import { drivenClock } from '#test/support/driven-clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const MINUTE_MS = 60_000;
const RULE = { name: 'poll', everyMs: MINUTE_MS, queue: 'queue', body: 'tick' };

/** When each tick so far was sent, ms after `startedAt`; takes them away. */
async function takeTicks(engine: Engine, startedAt: number): Promise<number[]> {
  const messages = await engine.queues.receive('queue', { maxMessages: 100, visibilityTimeoutMs: 1_000, waitMs: 0 });
  await engine.queues.acknowledge(
    'queue',
    messages.map(({ receipt }) => receipt),
  );
  return messages.map(({ sentAt }) => sentAt - startedAt);
}

test('ticks keep to their interval, however late one is, and those missed meanwhile are made up by one', async () => {
  const clock = drivenClock();
  const path = join(folder, 'missed.db');
  const startedAt = clock.now();
  const before = openEmbeddedEngine({ path, clock });
  await before.schedule.put(RULE);
  await clock.sleep(2.5 * MINUTE_MS);
  assert.deepEqual(await takeTicks(before, startedAt), [MINUTE_MS, 2 * MINUTE_MS]);
  await before.close();
  await clock.sleep(4 * MINUTE_MS);
  const after = openEmbeddedEngine({ path, clock });
  await clock.sleep(1.2 * MINUTE_MS);
  assert.deepEqual(await takeTicks(after, startedAt), [6.5 * MINUTE_MS, 7 * MINUTE_MS]);
  await after.close();
});

test('several processes on one file send one tick', async () => {
  const clock = drivenClock();
  const path = join(folder, 'several.db');
  const startedAt = clock.now();
  const engines = [1, 2, 3].map(() => openEmbeddedEngine({ path, clock }));
  for (const engine of engines) await engine.schedule.put(RULE);
  await clock.sleep(3.5 * MINUTE_MS);
  assert.deepEqual(await takeTicks(engines[0]!, startedAt), [MINUTE_MS, 2 * MINUTE_MS, 3 * MINUTE_MS]);
  for (const engine of engines) await engine.close();
});

test('a rule that a process has put before it ended is run by another', async () => {
  const clock = drivenClock();
  const path = join(folder, 'left.db');
  const stays = openEmbeddedEngine({ path, clock });
  const leaves = openEmbeddedEngine({ path, clock });
  const startedAt = clock.now();
  await leaves.schedule.put(RULE);
  await leaves.close();
  await clock.sleep(1.5 * MINUTE_MS);
  assert.deepEqual(await takeTicks(stays, startedAt), [MINUTE_MS]);
  await stays.close();
});

test('a rule that is put again at each start still comes when it was due', async () => {
  const clock = drivenClock();
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const startedAt = clock.now();
  for (let i = 0; i < 4; i++) {
    await engine.schedule.put(RULE);
    await clock.sleep(0.4 * MINUTE_MS);
  }
  assert.deepEqual(await takeTicks(engine, startedAt), [MINUTE_MS]);
  await engine.schedule.put({ ...RULE, everyMs: 1_000 });
  await clock.sleep(1_500);
  assert.equal((await takeTicks(engine, startedAt)).length, 1);
  await engine.close();
});

test('in memory a rule sets one timer a tick, and none is left once it is removed or the engine closed', async () => {
  const clock = virtualClock(0);
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  await engine.schedule.put(RULE);
  await clock.run({ endAt: 10.5 * MINUTE_MS });
  assert.equal(clock.fired(), 10);
  await engine.schedule.remove(RULE.name);
  await clock.run();
  assert.equal(clock.fired(), 10);
  await engine.schedule.put(RULE);
  await clock.run({ endAt: 12 * MINUTE_MS });
  assert.equal(clock.fired(), 11);
  await engine.close();
  await clock.run();
  assert.equal(clock.fired(), 11);
});

test('a rule without a real interval is refused', async () => {
  const engine = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  for (const everyMs of [0, -1, Number.NaN]) await assert.rejects(engine.schedule.put({ ...RULE, everyMs }), /everyMs/);
  await engine.close();
});
