import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyEvent, definitions, type EventType, parseEvent, readEvent } from '#events/index.ts';
import { exampleOrder } from '#events/order.ts';
import { QUEUES, routes } from '#events/routes.ts';
import { MAX_BODY_BYTES } from '#platform/engines/engine.ts';
import { asFailure } from '#platform/runtime/failure.ts';
import { createEventFactory, createPublisher, type PublishQueues } from '#platform/runtime/publish.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const TYPES = Object.keys(definitions) as EventType[];
type Message = { queue: string; body: string; groupId: string | undefined };

function createWorld(failing: { queue?: string; how?: 'refuses' | 'throws' } = {}) {
  const clock = drivenClock();
  const messages: Message[] = [];
  let writes = 0;
  const queues: PublishQueues = {
    async send(queue, outgoing) {
      writes += 1;
      if (queue === failing.queue && failing.how === 'throws') throw new TypeError('the connection is gone');
      if (queue === failing.queue)
        return outgoing.map((_, i) => (i === 0 ? { ok: false, reason: 'no' } : { ok: true }));
      messages.push(...outgoing.map(({ body, groupId }) => ({ queue, body, groupId })));
      return outgoing.map(() => ({ ok: true }));
    },
  };
  const newEvent = createEventFactory({ source: '/sluice/test', clock, random: seededRandom('publish') });
  const { publish } = createPublisher({ queues, clock });
  const to = (queue: string) => messages.filter((message) => message.queue === queue);
  return { clock, failing, newEvent, publish, messages, to, writes: () => writes };
}

test('every event goes where the routes say, and nowhere else', async () => {
  for (const type of TYPES) {
    const { publish, to } = createWorld();
    const { example } = definitions[type];
    await publish(example as AnyEvent);
    for (const queue of QUEUES) {
      const read = to(queue).flatMap(({ body }) => JSON.parse(body) as unknown);
      assert.deepEqual(read, routes[type].includes(queue) ? [example] : [], `${type} to ${queue}`);
    }
  }
});

test('events of one moment share a write to each queue; in the audit queue they share a message too', async () => {
  const { publish, newEvent, to, writes } = createWorld();
  const events = Array.from({ length: 60 }, () =>
    newEvent('token-refresh.requested', { connectionId: 'shopee-1', reason: 'due', credentialsVersion: 1 }),
  );
  await Promise.all(events.map(publish));
  assert.equal(writes(), 2);
  assert.deepEqual(
    to('token-refresh').map(({ body }) => parseEvent(body)),
    events,
  );
  const [batch, ...more] = to('audit');
  assert.deepEqual(more, []);
  assert.deepEqual((JSON.parse(batch!.body) as unknown[]).map(readEvent), events);
});

test('no audit message is larger than a queue takes, however much comes at once and in whatever script', async () => {
  const { publish, newEvent, to } = createWorld();
  const title = '白い吊り下げハート型キャンドルホルダー'.repeat(100);
  const lines = Array.from({ length: 20 }, (_, i) => ({ ...exampleOrder.lines[0]!, lineId: String(i), title }));
  const data = { orderVersion: 1, previousStatus: null, foundBy: 'poll' as const };
  const events = Array.from({ length: 99 }, () =>
    newEvent('order.changed', { ...data, order: { ...exampleOrder, lines } }),
  );
  await Promise.all(events.map(publish));
  const batches = to('audit');
  assert.ok(batches.length > 1 && batches.length < events.length);
  for (const { body } of batches) assert.ok(Buffer.byteLength(body) <= MAX_BODY_BYTES, `${Buffer.byteLength(body)}`);
  const ids = batches.flatMap(({ body }) => (JSON.parse(body) as AnyEvent[]).map(({ id }) => id));
  assert.deepEqual(
    ids,
    events.map(({ id }) => id),
  );
});

test('a message belongs to its connection, so that queues can be fair; one to the app as a whole to none', async () => {
  const { publish, newEvent, to } = createWorld();
  const { example } = definitions['webhook.received'];
  await publish(example);
  await publish(newEvent('webhook.received', { ...example.data, connectionId: null }));
  await publish(definitions['order.changed'].example);
  assert.deepEqual(
    [...to('sync'), ...to('seller-events')].map(({ groupId }) => groupId),
    ['ebay-1', undefined, 'ebay-1'],
  );
});

for (const how of ['refuses', 'throws'] as const) {
  test(`an event that one of its queues ${how} is not published, and can be tried again`, async () => {
    const { publish, failing, to } = createWorld({ queue: 'audit', how });
    const { example } = definitions['order.changed'];
    await assert.rejects(publish(example), (thrown) => asFailure(thrown).kind === 'retryable');
    delete failing.queue;
    await publish(example);
    assert.equal(to('audit').length, 1);
    assert.equal(to('seller-events').length, 2);
  });
}

test('a queue that refuses holds up no event that does not go there', async () => {
  const { publish, newEvent, to } = createWorld({ queue: 'sync' });
  const lost = publish(definitions['webhook.received'].example);
  await publish(newEvent('connection.consent-needed', { connectionId: 'a', marketplace: 'b', reason: 'c' }));
  await assert.rejects(lost, { kind: 'retryable', code: 'queue-refused' });
  assert.equal(to('seller-events').length, 1);
});

test('what is made is an event by its schema, with an id of its own unless one is given', () => {
  const { newEvent, clock } = createWorld();
  const data = { schedule: 'order-polls' };
  const one = newEvent('schedule.elapsed', data);
  const other = newEvent('schedule.elapsed', data);
  const given = newEvent('schedule.elapsed', data, { id: 'given', subject: 'x' });
  for (const event of [one, other, given]) assert.deepEqual(readEvent(event), event);
  assert.notEqual(one.id, other.id);
  assert.deepEqual([given.id, given.subject], ['given', 'x']);
  assert.deepEqual([one.source, one.time], ['/sluice/test', new Date(clock.now()).toISOString()]);
});

test('what an event leads to is a new step of the same trace; what comes from nothing begins one', () => {
  const { newEvent } = createWorld();
  const data = { schedule: 'order-polls' };
  const [cause, stranger] = [newEvent('schedule.elapsed', data), newEvent('schedule.elapsed', data)];
  const effect = newEvent('schedule.elapsed', data, { cause: cause.traceparent });
  assert.equal(effect.traceparent.slice(0, 36), cause.traceparent.slice(0, 36));
  assert.notEqual(effect.traceparent, cause.traceparent);
  assert.notEqual(stranger.traceparent.slice(0, 36), cause.traceparent.slice(0, 36));
  assert.deepEqual(readEvent(effect), effect);
});
