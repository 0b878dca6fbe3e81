import assert from 'node:assert/strict';
import { MAX_BODY_BYTES, MAX_DELAY_MS } from '#platform/engines/engine.ts';
import type { EnginePromises } from './engine-conformance.ts';
import { OTHER_QUEUE, QUEUE } from './names.ts';
import {
  BATCH,
  eventually,
  expectNothingElse,
  LONG_MS,
  receiveOne,
  receiveUntil,
  SECOND_MS,
  sendAll,
} from './receiving.ts';

const oks = (results: { ok: boolean }[]) => results.map(({ ok }) => ok);
const bodies = (messages: { body: string }[]) => messages.map(({ body }) => body).sort();

export const queuePromises: EnginePromises = {
  'a message is received as it was sent': async (world) => {
    const { engine, clock } = world;
    const body = JSON.stringify({ text: 'Grüße, 你好 🚚\n"quoted"' });
    const attributes = { attempts: '2', reason: 'http-500: é' };
    const before = clock.now();
    const results = await engine.queues.send(QUEUE, [{ body, groupId: 'shopee-1', attributes }]);
    const after = clock.now();
    assert.deepEqual(results, [{ ok: true }]);
    const message = await receiveOne(world);
    assert.equal(message.body, body);
    assert.deepEqual(message.attributes, attributes);
    assert.equal(message.groupId, 'shopee-1');
    assert.equal(message.receiveCount, 1);
    assert.ok(message.sentAt >= before - SECOND_MS && message.sentAt <= after + SECOND_MS);
    assert.ok(message.messageId.length > 0);
  },

  'a message sent without group and attributes has none': async (world) => {
    await sendAll(world, ['plain']);
    const message = await receiveOne(world);
    assert.equal(message.groupId, undefined);
    assert.deepEqual(message.attributes, {});
  },

  'every message of a large batch is received, and no receive gives more than was asked for': async (world) => {
    const sent = Array.from({ length: 35 }, (_, i) => `message ${i}`);
    await sendAll(world, sent);
    const few = await world.engine.queues.receive(QUEUE, {
      maxMessages: 3,
      visibilityTimeoutMs: LONG_MS,
      waitMs: SECOND_MS,
    });
    assert.ok(few.length <= 3);
    const rest = await receiveUntil(world, ({ length }) => few.length + length >= sent.length);
    assert.deepEqual(bodies([...few, ...rest]), sent.sort());
    assert.equal(new Set([...few, ...rest].map(({ messageId }) => messageId)).size, sent.length);
  },

  'calls at once keep their own results and lose nothing': async (world) => {
    const sent = Array.from({ length: 40 }, (_, i) => `message ${i}`);
    await Promise.all(sent.map((body) => sendAll(world, [body])));
    const received: string[] = [];
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        while (new Set(received).size < sent.length) {
          const messages = await world.engine.queues.receive(QUEUE, {
            maxMessages: BATCH,
            visibilityTimeoutMs: LONG_MS,
            waitMs: SECOND_MS,
          });
          received.push(...messages.map(({ body }) => body));
          const receipts = messages.map(({ receipt }) => receipt);
          const results = await world.engine.queues.acknowledge(QUEUE, receipts);
          assert.deepEqual(
            oks(results),
            receipts.map(() => true),
          );
        }
      }),
    );
    assert.deepEqual([...new Set(received)].sort(), sent.sort());
  },

  'a message of one queue does not appear in another': async (world) => {
    await sendAll(world, ['mine']);
    await expectNothingElse(world, OTHER_QUEUE);
    assert.equal((await receiveOne(world)).body, 'mine');
  },

  'a received message is hidden until its visibility ends, then comes back': async (world) => {
    await sendAll(world, ['again']);
    const first = await receiveOne(world, { visibilityTimeoutMs: 2 * SECOND_MS });
    const receivedAt = world.clock.now();
    await expectNothingElse(world);
    const second = await receiveOne(world);
    assert.ok(world.clock.now() - receivedAt >= SECOND_MS, 'it came back too early');
    assert.equal(second.body, 'again');
    assert.equal(second.messageId, first.messageId);
    assert.equal(second.receiveCount, 2);
    const [acknowledged] = await world.engine.queues.acknowledge(QUEUE, [second.receipt]);
    assert.deepEqual(acknowledged, { ok: true });
  },

  'an acknowledged message does not come back': async (world) => {
    await sendAll(world, ['done']);
    const message = await receiveOne(world, { visibilityTimeoutMs: SECOND_MS });
    assert.deepEqual(await world.engine.queues.acknowledge(QUEUE, [message.receipt]), [{ ok: true }]);
    await world.clock.sleep(1.5 * SECOND_MS);
    await expectNothingElse(world);
  },

  'a receipt that names nothing is refused without harm to the others': async (world) => {
    await sendAll(world, ['one']);
    const { receipt } = await receiveOne(world, { visibilityTimeoutMs: SECOND_MS });
    const acknowledged = await world.engine.queues.acknowledge(QUEUE, ['nothing', receipt]);
    assert.deepEqual(oks(acknowledged), [false, true]);
    assert.ok(!acknowledged[0]!.ok && acknowledged[0]!.reason.length > 0);
    assert.deepEqual(oks(await world.engine.queues.extend(QUEUE, ['nothing'], SECOND_MS)), [false]);
    await world.clock.sleep(1.5 * SECOND_MS);
    await expectNothingElse(world);
  },

  'a delayed message comes after its delay and not before': async (world) => {
    const sentAt = world.clock.now();
    await world.engine.queues.send(QUEUE, [{ body: 'later', delayMs: 2 * SECOND_MS }]);
    await expectNothingElse(world);
    assert.equal((await receiveOne(world)).body, 'later');
    assert.ok(world.clock.now() - sentAt >= 2 * SECOND_MS, 'it came too early');
  },

  'a message whose visibility is set to 0 comes back at once': async (world) => {
    await sendAll(world, ['given back']);
    const { receipt } = await receiveOne(world);
    assert.deepEqual(await world.engine.queues.extend(QUEUE, [receipt], 0), [{ ok: true }]);
    const again = await receiveOne(world);
    assert.equal(again.body, 'given back');
    assert.equal(again.receiveCount, 2);
  },

  'a message whose visibility is extended stays hidden for that long': async (world) => {
    await sendAll(world, ['slow work']);
    const { receipt } = await receiveOne(world, { visibilityTimeoutMs: SECOND_MS });
    const extendedAt = world.clock.now();
    assert.deepEqual(await world.engine.queues.extend(QUEUE, [receipt], 3 * SECOND_MS), [{ ok: true }]);
    await world.clock.sleep(1.5 * SECOND_MS);
    await expectNothingElse(world);
    assert.equal((await receiveOne(world)).body, 'slow work');
    assert.ok(world.clock.now() - extendedAt >= 3 * SECOND_MS, 'it came back too early');
  },

  'the longest delay and the longest visibility are accepted': async (world) => {
    const { queues } = world.engine;
    assert.deepEqual(await queues.send(QUEUE, [{ body: 'x', delayMs: MAX_DELAY_MS }, { body: 'y' }]), [
      { ok: true },
      { ok: true },
    ]);
    const { receipt } = await receiveOne(world, { visibilityTimeoutMs: MAX_DELAY_MS });
    assert.deepEqual(await queues.extend(QUEUE, [receipt], MAX_DELAY_MS), [{ ok: true }]);
    await expectNothingElse(world);
  },

  'the largest body is accepted, and a larger one or a longer delay refused without harm to the others': async (
    world,
  ) => {
    // Two bytes a letter, since the limit counts bytes.
    const largest = 'é'.repeat(MAX_BODY_BYTES / 2);
    const results = await world.engine.queues.send(QUEUE, [
      { body: `${largest}.` },
      { body: largest },
      { body: 'late', delayMs: MAX_DELAY_MS + SECOND_MS },
      { body: 'small' },
    ]);
    assert.deepEqual(oks(results), [false, true, false, true]);
    for (const result of results) assert.ok(result.ok || result.reason.length > 0);
    const messages = await receiveUntil(world, ({ length }) => length >= 2);
    assert.ok(bodies(messages)[0] === 'small' && bodies(messages)[1] === largest);
    await expectNothingElse(world);
  },

  'calls about nothing do nothing': async ({ engine }) => {
    assert.deepEqual(await engine.queues.send(QUEUE, []), []);
    assert.deepEqual(await engine.queues.acknowledge(QUEUE, []), []);
    assert.deepEqual(await engine.queues.extend(QUEUE, [], SECOND_MS), []);
  },

  'the depth counts what is visible, in flight and delayed': async (world) => {
    const { queues } = world.engine;
    await eventually(world, () => queues.depth(QUEUE), { visible: 0, inFlight: 0, delayed: 0 });
    await sendAll(world, ['one']);
    await receiveOne(world);
    await queues.send(QUEUE, [{ body: 'two' }, { body: 'three' }, { body: 'four', delayMs: LONG_MS }]);
    await eventually(world, () => queues.depth(QUEUE), { visible: 2, inFlight: 1, delayed: 1 });
  },

  'a group with a large backlog does not hold up another': async (world) => {
    const backlog = Array.from({ length: 300 }, (_, i) => ({ body: `busy ${i}`, groupId: 'busy' }));
    await world.engine.queues.send(QUEUE, backlog);
    await world.engine.queues.send(QUEUE, [{ body: 'quiet', groupId: 'quiet' }]);
    const messages = await receiveUntil(world, (all) => all.some(({ body }) => body === 'quiet'));
    assert.ok(messages.length <= 3 * BATCH, `it came after ${messages.length} messages`);
  },
};
