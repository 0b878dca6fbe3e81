import assert from 'node:assert/strict';
import type { EnginePromises, World } from './engine-conformance.ts';
import { QUEUE } from './names.ts';
import { BATCH, expectNothingElse, LONG_MS, receiveOne, SECOND_MS, sendAll } from './receiving.ts';

/** Longest wait of one receive, ms: SQS's WaitTimeSeconds limit, 20 s. */
const MAX_WAIT_MS = 20_000;
/** What may still be called "at once", ms: less than a wait that was not cut short. */
const AT_ONCE_MS = 5_000;

/** A receive that has begun to wait. */
function waitingReceive({ engine, clock }: World, options: { waitMs?: number; signal?: AbortSignal } = {}) {
  const startedAt = clock.now();
  const received = engine.queues.receive(QUEUE, {
    maxMessages: BATCH,
    visibilityTimeoutMs: LONG_MS,
    waitMs: MAX_WAIT_MS,
    ...options,
  });
  return received.then((messages) => ({
    bodies: messages.map(({ body }) => body),
    tookMs: clock.now() - startedAt,
  }));
}

export const waitingPromises: EnginePromises = {
  'a receive of an empty queue waits as long as it was told to': async (world) => {
    const none = await waitingReceive(world, { waitMs: 2 * SECOND_MS });
    assert.deepEqual(none.bodies, []);
    assert.ok(none.tookMs >= 1.5 * SECOND_MS && none.tookMs < 2 * SECOND_MS + AT_ONCE_MS, `it took ${none.tookMs} ms`);
    const atOnce = await waitingReceive(world, { waitMs: 0 });
    assert.deepEqual(atOnce.bodies, []);
    assert.ok(atOnce.tookMs < SECOND_MS, `it took ${atOnce.tookMs} ms`);
  },

  'a waiting receive gets a message that is sent meanwhile': async (world) => {
    const waiting = waitingReceive(world);
    await world.clock.sleep(SECOND_MS);
    await sendAll(world, ['meanwhile']);
    const { bodies, tookMs } = await waiting;
    assert.deepEqual(bodies, ['meanwhile']);
    assert.ok(tookMs >= SECOND_MS / 2 && tookMs < SECOND_MS + AT_ONCE_MS, `it took ${tookMs} ms`);
  },

  'a waiting receive gets a message whose delay ends meanwhile': async (world) => {
    const waiting = waitingReceive(world);
    await world.engine.queues.send(QUEUE, [{ body: 'later', delayMs: SECOND_MS }]);
    const { bodies, tookMs } = await waiting;
    assert.deepEqual(bodies, ['later']);
    assert.ok(tookMs >= SECOND_MS / 2 && tookMs < SECOND_MS + AT_ONCE_MS, `it took ${tookMs} ms`);
  },

  'a waiting receive gets a message that is given back meanwhile': async (world) => {
    await sendAll(world, ['given back']);
    const { receipt } = await receiveOne(world);
    const waiting = waitingReceive(world);
    await world.clock.sleep(SECOND_MS);
    await world.engine.queues.extend(QUEUE, [receipt], 0);
    const { bodies, tookMs } = await waiting;
    assert.deepEqual(bodies, ['given back']);
    assert.ok(tookMs < SECOND_MS + AT_ONCE_MS, `it took ${tookMs} ms`);
  },

  'every one of several waiting receives can get a message': async (world) => {
    const waiting = [
      waitingReceive(world, { waitMs: 2 * SECOND_MS }),
      waitingReceive(world, { waitMs: 2 * SECOND_MS }),
    ];
    await world.clock.sleep(SECOND_MS / 2);
    await sendAll(world, ['one']);
    const received = await Promise.all(waiting);
    assert.deepEqual(
      received.flatMap(({ bodies }) => bodies),
      ['one'],
    );
  },

  'an aborted receive ends at once and takes nothing': async (world) => {
    const abort = new AbortController();
    const waiting = waitingReceive(world, { signal: abort.signal });
    await world.clock.sleep(SECOND_MS);
    abort.abort();
    const { bodies, tookMs } = await waiting;
    assert.deepEqual(bodies, []);
    assert.ok(tookMs < SECOND_MS + AT_ONCE_MS, `it took ${tookMs} ms`);
    assert.deepEqual((await waitingReceive(world, { signal: abort.signal })).bodies, []);
    await expectNothingElse(world);
  },

  'a waiting receive ends with nothing when the engine is closed': async (world) => {
    const waiting = waitingReceive(world);
    await world.clock.sleep(SECOND_MS);
    await world.engine.close();
    const { bodies, tookMs } = await waiting;
    assert.deepEqual(bodies, []);
    assert.ok(tookMs < SECOND_MS + AT_ONCE_MS, `it took ${tookMs} ms`);
  },
};
