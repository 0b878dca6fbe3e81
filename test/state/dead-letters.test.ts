import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Queues } from '#platform/engines/engine.ts';
import { type DeadLetter, type Disposal, lookAtDeadLetters } from '#platform/state/dead-letters.ts';
import { createStateWorld } from '#test/support/state-world.ts';

const NAMES = { queue: 'work', deadLetterQueue: 'work-dead-letters' };
const ATTRIBUTES = {
  reason: 'order-unknown',
  detail: 'there is no such order',
  handler: 'worker',
  attempt: '3',
  diedAt: '2026-01-01T00:00:00.000Z',
  eventId: 'event-1',
};

async function createWorld(bodies: readonly string[]) {
  const { engine, clock } = createStateWorld();
  const { queues } = engine;
  const letters = bodies.map((body) => ({ body, groupId: 'ebay-1', attributes: ATTRIBUTES }));
  await queues.send(NAMES.deadLetterQueue, letters);
  const bodiesIn = async (queue: string) => {
    const messages = await queues.receive(queue, { maxMessages: 1_000, visibilityTimeoutMs: 1, waitMs: 0 });
    await clock.sleep(1);
    return messages.map(({ body }) => body);
  };
  const look = (decide: (letter: DeadLetter) => Disposal, through: Queues = queues) =>
    lookAtDeadLetters(through, NAMES, decide);
  return { queues, clock, look, bodiesIn };
}

test('each letter is redriven, dropped or kept, as it was decided', async () => {
  const { look, bodiesIn } = await createWorld(['redrive', 'drop', 'keep']);
  const seen = await look(({ body }) => body as Disposal);
  assert.deepEqual(
    seen.map(({ body }) => body),
    ['redrive', 'drop', 'keep'],
  );
  assert.deepEqual(await bodiesIn('work'), ['redrive']);
  assert.deepEqual(await bodiesIn('work-dead-letters'), ['keep']);
});

test('a letter tells where, when and why it died', async () => {
  const { look } = await createWorld(['x']);
  const [letter] = await look(() => 'keep');
  const { messageId, ...told } = letter!;
  assert.notEqual(messageId, '');
  assert.deepEqual(told, { ...ATTRIBUTES, queue: 'work', attempt: 3, body: 'x' });
});

test('a letter without attributes, put there by another hand, can be looked at too', async () => {
  const { look, queues } = await createWorld([]);
  await queues.send(NAMES.deadLetterQueue, [{ body: 'x' }]);
  const [letter] = await look(() => 'keep');
  assert.deepEqual([letter?.reason, letter?.handler, letter?.eventId], ['unknown', 'unknown', null]);
  assert.equal(new Date(letter!.diedAt).toISOString(), letter!.diedAt);
});

test('a redriven message begins anew: it belongs to its connection, and its attempts are counted from one', async () => {
  const { look, queues } = await createWorld(['x']);
  await look(() => 'redrive');
  const [message] = await queues.receive('work', { maxMessages: 1, visibilityTimeoutMs: 1, waitMs: 0 });
  assert.deepEqual([message?.body, message?.groupId, message?.attributes], ['x', 'ebay-1', {}]);
});

test('a look at many takes in each once, and what is kept can be looked at again at once', async () => {
  const bodies = Array.from({ length: 250 }, (_, i) => String(i));
  const { look } = await createWorld(bodies);
  for (let times = 0; times < 2; times++) {
    const seen = await look(() => 'keep');
    assert.deepEqual(
      seen.map(({ body }) => Number(body)).sort((a, b) => a - b),
      bodies.map(Number),
    );
  }
});

test('a letter that its queue does not take back stays a dead letter', async () => {
  const { look, queues, clock, bodiesIn } = await createWorld(['x']);
  const full: Queues = { ...queues, send: async () => [{ ok: false, reason: 'full' }] };
  await assert.rejects(
    look(() => 'redrive', full),
    /work did not take/,
  );
  await clock.sleep(60_000);
  assert.deepEqual(await bodiesIn('work-dead-letters'), ['x']);
  assert.deepEqual(await bodiesIn('work'), []);
});
