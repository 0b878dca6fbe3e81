import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { type Engine, MAX_DELAY_MS } from '#platform/engines/engine.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import { drivenClock } from '#test/support/driven-clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const NOW = { visibilityTimeoutMs: 30_000, waitMs: 0 };

async function bodiesOf(engine: Engine, maxMessages: number): Promise<string[]> {
  const messages = await engine.queues.receive('queue', { ...NOW, maxMessages });
  return messages.map(({ body }) => body);
}

test('a receipt is refused once its message was acknowledged, received again, or belongs to another queue', async () => {
  const clock = drivenClock();
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const { queues } = engine;
  await queues.send('queue', [{ body: 'x' }]);
  const [first] = await queues.receive('queue', { ...NOW, maxMessages: 1 });
  await clock.sleep(30_000);
  const [second] = await queues.receive('queue', { ...NOW, maxMessages: 1 });
  const refusals = [
    await queues.acknowledge('queue', [first!.receipt]),
    await queues.extend('queue', [first!.receipt], 0),
    await queues.acknowledge('other', [second!.receipt]),
    await queues.acknowledge('queue', [second!.receipt, second!.receipt]).then((results) => results.slice(1)),
    await queues.acknowledge('queue', [second!.messageId]),
    await queues.acknowledge('queue', [`${second!.messageId}.0`]),
  ];
  for (const [result] of refusals) assert.match(result!.ok ? '' : result!.reason, /not the newest receipt/);
  await engine.close();
});

test('a message that is in no one’s hands cannot be moved by a made-up receipt', async () => {
  const engine = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  await engine.queues.send('queue', [{ body: 'x' }]);
  assert.equal((await engine.queues.extend('queue', ['1.0'], 1_000))[0]!.ok, false);
  assert.equal((await engine.queues.acknowledge('queue', ['1.0']))[0]!.ok, false);
  assert.deepEqual(await bodiesOf(engine, 1), ['x']);
  await engine.close();
});

test('delays and visibilities that are no duration, or too long, are refused by name', async () => {
  const { queues, close } = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  for (const ms of [-1, Number.NaN, MAX_DELAY_MS + 1, Number.POSITIVE_INFINITY]) {
    const [sent] = await queues.send('queue', [{ body: 'x', delayMs: ms }]);
    assert.match(sent!.ok ? '' : sent!.reason, /delayMs is .* not from 0 to 900000/);
    const [extended] = await queues.extend('queue', ['1.1'], ms);
    assert.match(extended!.ok ? '' : extended!.reason, /visibilityTimeoutMs/);
    const receive = queues.receive('queue', { maxMessages: 1, visibilityTimeoutMs: ms, waitMs: 0 });
    await assert.rejects(receive, /visibilityTimeoutMs/);
  }
  await close();
});

test('a delay that is no whole number of milliseconds never ends early', async () => {
  const clock = drivenClock();
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  await engine.queues.send('queue', [{ body: 'x', delayMs: 10.2 }]);
  await clock.sleep(10);
  assert.deepEqual(await bodiesOf(engine, 1), []);
  await clock.sleep(1);
  assert.deepEqual(await bodiesOf(engine, 1), ['x']);
  await engine.close();
});

test('groups take turns: each receive gives one message of each group before a second one of any', async () => {
  const engine = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  const send = (groupId: string | undefined, count: number) =>
    engine.queues.send(
      'queue',
      Array.from({ length: count }, (_, i) => ({ body: `${groupId} ${i}`, groupId })),
    );
  await send('busy', 10_000);
  await send(undefined, 5);
  await send('calm', 5);
  assert.deepEqual(await bodiesOf(engine, 2), ['undefined 0', 'busy 0']);
  assert.deepEqual(await bodiesOf(engine, 2), ['calm 0', 'undefined 1']);
  assert.deepEqual(await bodiesOf(engine, 5), ['busy 1', 'calm 1', 'undefined 2', 'busy 2', 'busy 3']);
  await engine.close();
});

test('thousands of groups that only wait do not hide one that has a visible message', async () => {
  const engine = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  const delayed = Array.from({ length: 1_000 }, (_, i) => ({ body: 'later', groupId: `g${i}`, delayMs: 60_000 }));
  await engine.queues.send('queue', [...delayed, { body: 'now', groupId: 'zz' }]);
  assert.deepEqual(await bodiesOf(engine, 1), ['now']);
  await engine.close();
});

test('a receive that waits in memory sets no timer but its own', async () => {
  const clock = virtualClock(0);
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const waiting = engine.queues.receive('queue', { ...NOW, maxMessages: 1, waitMs: 20_000 });
  await clock.run();
  assert.deepEqual(await waiting, []);
  assert.deepEqual({ now: clock.now(), fired: clock.fired() }, { now: 20_000, fired: 1 });
  await engine.close();
});

test('a waiting receive hears of what another process sends to the file', async () => {
  const clock = drivenClock();
  const path = join(folder, 'heard.db');
  const [receiver, sender] = [openEmbeddedEngine({ path, clock }), openEmbeddedEngine({ path, clock })];
  const startedAt = clock.now();
  const waiting = receiver.queues.receive('queue', { ...NOW, maxMessages: 1, waitMs: 20_000 });
  await clock.sleep(1_000);
  await sender.queues.send('queue', [{ body: 'over here' }]);
  assert.equal((await waiting)[0]?.body, 'over here');
  assert.ok(clock.now() - startedAt <= 1_100);
  await Promise.all([receiver.close(), sender.close()]);
});

test('of receives at once none gets what another has', async () => {
  const engine = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  const sent = Array.from({ length: 100 }, (_, i) => ({ body: String(i), groupId: `g${i % 7}` }));
  await engine.queues.send('queue', sent);
  const received = (await Promise.all(sent.map(() => bodiesOf(engine, 3)))).flat();
  assert.deepEqual(received.sort(), sent.map(({ body }) => body).sort());
  await engine.close();
});

test('messages outlast the engine, and the number of a deleted one is never given again', async () => {
  const clock = drivenClock();
  const path = join(folder, 'kept.db');
  const before = openEmbeddedEngine({ path, clock });
  await before.queues.send('queue', [{ body: 'one' }, { body: 'two' }]);
  const messages = await before.queues.receive('queue', { ...NOW, maxMessages: 2 });
  const receipts = messages.map(({ receipt }) => receipt);
  await before.queues.acknowledge('queue', receipts);
  const unfinished = before.queues.send('queue', [{ body: 'three' }]);
  await before.close();
  assert.deepEqual(await unfinished, [{ ok: true }]);

  const after = openEmbeddedEngine({ path, clock });
  assert.deepEqual(await bodiesOf(after, 2), ['three']);
  const again = await after.queues.acknowledge('queue', receipts);
  assert.ok(again.every(({ ok }) => !ok));
  await after.close();
});
