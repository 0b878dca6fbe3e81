import assert from 'node:assert/strict';
import type { ReceivedMessage } from '#platform/engines/engine.ts';
import type { World } from './engine-conformance.ts';
import { QUEUE } from './names.ts';

/** Most messages of one receive: SQS's limit. */
export const BATCH = 10;
/** The shortest time that every engine can count, ms: SQS counts in seconds. */
export const SECOND_MS = 1_000;
/** Visibility long enough to outlast a test, ms. */
export const LONG_MS = 60_000;
/** How long something that must come may take, ms. */
const PATIENCE_MS = 10_000;

/** Receives, again and again, until `isEnough` of what has come; fails when it does not come. */
export async function receiveUntil(
  { engine, clock }: World,
  isEnough: (messages: ReceivedMessage[]) => boolean,
  { queue = QUEUE, visibilityTimeoutMs = LONG_MS } = {},
): Promise<ReceivedMessage[]> {
  const endAt = clock.now() + PATIENCE_MS;
  const messages: ReceivedMessage[] = [];
  while (!isEnough(messages)) {
    assert.ok(clock.now() < endAt, `only ${messages.length} messages came: ${messages.map(({ body }) => body)}`);
    messages.push(
      ...(await engine.queues.receive(queue, { maxMessages: BATCH, visibilityTimeoutMs, waitMs: SECOND_MS })),
    );
  }
  return messages;
}

export async function receiveOne(world: World, options: { queue?: string; visibilityTimeoutMs?: number } = {}) {
  const messages = await receiveUntil(world, ({ length }) => length >= 1, options);
  assert.equal(messages.length, 1);
  return messages[0]!;
}

/** Shows that nothing else is to be received: sends one more message, which must come, alone. */
export async function expectNothingElse(world: World, queue = QUEUE): Promise<void> {
  await sendAll(world, ['the last one'], queue);
  const messages = await receiveUntil(world, (all) => all.some(({ body }) => body === 'the last one'), { queue });
  assert.deepEqual(
    messages.map(({ body }) => body),
    ['the last one'],
  );
}

export async function sendAll({ engine }: World, bodies: string[], queue = QUEUE): Promise<void> {
  const results = await engine.queues.send(
    queue,
    bodies.map((body) => ({ body })),
  );
  assert.deepEqual(
    results,
    bodies.map(() => ({ ok: true })),
  );
}

/** Waits for what an engine may show late. */
export async function eventually<T>({ clock }: World, look: () => Promise<T>, expected: T): Promise<void> {
  const endAt = clock.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    try {
      return assert.deepEqual(seen, expected);
    } catch (error) {
      if (clock.now() >= endAt) throw error;
    }
    await clock.sleep(SECOND_MS / 10);
  }
}
