import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleOrder, type Order } from '#events/order.ts';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import type { MessageContext } from '#platform/runtime/consume.ts';
import { readHintedOrders } from '#services/throttled-sync/read-hinted-orders.ts';
import { createRecentReads } from '#services/throttled-sync/recent-reads.ts';
import { requestDuePolls } from '#services/throttled-sync/request-due-polls.ts';
import { storeOrder } from '#services/throttled-sync/store-order.ts';
import { syncOrderPage } from '#services/throttled-sync/sync-order-page.ts';
import { createFunctionWorld, type FunctionWorld, publisherAway } from '#test/support/function-world.ts';
import { answer, type PlainPage } from '#test/support/plain-marketplace.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const CONNECTION = 'plain-1';

const orderOf = (orderId: string, change: Partial<Order> = {}): Order => ({
  ...exampleOrder,
  marketplace: 'plain',
  connectionId: CONNECTION,
  orderId,
  ...change,
});

/** An active connection with a token in force, whose orders have been read up to an hour ago. */
async function connected() {
  const all = await createFunctionWorld();
  await all.connect(CONNECTION, 'access-1');
  const watermark = all.clock.now() - HOUR_MS;
  await all.deps.cursors.start(CONNECTION, watermark, all.clock.now());
  await all.taken();
  return { ...all, watermark };
}

/** Polls once, as a tick does, and takes what it asks for. */
async function poll({ deps, takeEvents }: FunctionWorld) {
  await requestDuePolls(deps);
  const [request] = await takeEvents('sync', 'order-sync.requested');
  assert.ok(request);
  return request;
}

const pages = ({ calls }: FunctionWorld): string[] =>
  calls.filter(({ url }) => url.includes('/orders?')).map(({ url }) => new URL(url).searchParams.get('page') ?? '');

/** Answers with pages by their token, and with the details of any order. */
const answeringPages = (of: Record<string, PlainPage>) => (request: { url: string }) => {
  const url = new URL(request.url);
  if (url.pathname !== '/details') return answer(of[url.searchParams.get('page') ?? '']);
  return answer((url.searchParams.get('ids') ?? '').split(',').map((id) => orderOf(id)));
};

/** the n-th attempt at a message that waits for nothing */
const on = (attempt: number): MessageContext => ({ attempt, turnAt: undefined, rest: (wait) => wait });

test('a poll reads from an overlap before the watermark to a little before now', async () => {
  const all = await connected();
  const now = all.clock.now();
  const { data } = await poll(all);
  assert.equal(Date.parse(data.windowFrom), all.watermark - 5 * MINUTE_MS);
  assert.ok(Date.parse(data.windowTo) <= now - MINUTE_MS + 10 && Date.parse(data.windowTo) >= now - MINUTE_MS);
  assert.deepEqual([data.reason, data.pageToken, data.pageNumber], ['poll', null, 1]);
});

test('the watermark moves only after the last page is stored', async () => {
  const all = await connected();
  const { deps, world, takeEvents } = all;
  world.answering = answeringPages({
    '': { orders: [orderOf('a')], next: 'two' },
    two: { orderIds: ['b', 'c', 'd'], next: 'three' },
    three: { orders: [orderOf('e')] },
  });
  let request = await poll(all);
  for (const pageNumber of [1, 2]) {
    await syncOrderPage(deps, request, on(1));
    assert.equal((await deps.cursors.get(CONNECTION))?.watermark, all.watermark);
    const [next, ...more] = await takeEvents('sync', 'order-sync.requested');
    assert.deepEqual([next?.data.pageNumber, more], [pageNumber + 1, []]);
    request = next!;
  }
  await syncOrderPage(deps, request, on(1));
  assert.deepEqual(pages(all), ['', 'two', 'three']);
  const stored = await deps.orders.list(CONNECTION, { limit: 10 });
  assert.deepEqual(
    stored.map(({ order, foundBy }) => [order.orderId, foundBy]),
    ['a', 'b', 'c', 'd', 'e'].map((id) => [id, 'poll']),
  );
  const cursor = (await deps.cursors.get(CONNECTION))!;
  assert.deepEqual([cursor.watermark, cursor.underWayUntil], [Date.parse(request.data.windowTo), 0]);
  assert.deepEqual(await takeEvents('sync', 'order-sync.requested'), []);
});

test('a page that can’t be stored moves nothing, and is read whole when it comes again', async () => {
  const all = await connected();
  const { world } = all;
  world.answering = answeringPages({ '': { orders: [orderOf('a'), orderOf('b')] } });
  const request = await poll(all);
  let away = true;
  const deps = publisherAway(all.deps, 'order.changed', () => away);
  await assert.rejects(syncOrderPage(deps, request, on(1)), /killed/);
  assert.equal((await deps.cursors.get(CONNECTION))?.watermark, all.watermark);
  away = false;
  await syncOrderPage(deps, request, on(2));
  assert.equal((await all.takeEvents('seller-events', 'order.changed')).length, 2);
  assert.equal((await deps.cursors.get(CONNECTION))?.watermark, Date.parse(request.data.windowTo));
});

test('a page request that comes twice is followed by each page once', async () => {
  const all = await connected();
  const { deps, world, takeEvents } = all;
  world.answering = answeringPages({ '': { next: '2' }, '2': { next: '3' }, '3': { next: '4' }, '4': {} });
  let requests = [await poll(all)];
  for (let rounds = 0; requests.length > 0 && rounds < 9; rounds++) {
    for (const request of requests) {
      await syncOrderPage(deps, request, on(1));
      await syncOrderPage(deps, request, on(1));
    }
    requests = await takeEvents('sync', 'order-sync.requested');
  }
  assert.deepEqual(pages(all), ['', '2', '3', '4', '4']);
});

test('a lost page token begins anew at the watermark, with the first page', async () => {
  const all = await connected();
  const { deps, world, takeEvents, clock } = all;
  world.answering = answeringPages({ '': { orders: [orderOf('a')], next: 'two' } });
  await syncOrderPage(deps, await poll(all), on(1));
  const [second] = await takeEvents('sync', 'order-sync.requested');
  await clock.sleep(HOUR_MS);
  world.answering = () => answer({ error: 'page-token-expired' }, 410);
  await syncOrderPage(deps, second!, on(1));
  const [again, ...more] = await takeEvents('sync', 'order-sync.requested');
  assert.deepEqual(more, []);
  assert.deepEqual([again?.data.pageToken, again?.data.pageNumber], [null, 1]);
  assert.equal(Date.parse(again!.data.windowFrom), all.watermark - 5 * MINUTE_MS);
  assert.ok(Date.parse(again!.data.windowTo) > Date.parse(second!.data.windowTo));
  assert.equal((await deps.cursors.get(CONNECTION))?.watermark, all.watermark);
});

test('a lost page token of a backfill begins the backfill’s own window anew', async () => {
  const all = await connected();
  const { deps, world, takeEvents } = all;
  world.answering = () => answer({ error: 'page-token-expired' }, 410);
  const data = {
    connectionId: CONNECTION,
    reason: 'backfill' as const,
    windowFrom: '2025-01-01T00:00:00.000Z',
    windowTo: '2025-01-02T00:00:00.000Z',
    pageToken: 'two',
    pageNumber: 2,
  };
  await syncOrderPage(deps, deps.newEvent('order-sync.requested', data), on(1));
  const [again] = await takeEvents('sync', 'order-sync.requested');
  // A little longer, so that its pages are not taken for those of the one that was broken off.
  assert.deepEqual(again?.data, { ...data, windowTo: '2025-01-02T00:00:00.001Z', pageToken: null, pageNumber: 1 });
});

test('a backfill of the past never moves the watermark back', async () => {
  const all = await connected();
  const { deps, world } = all;
  world.answering = answeringPages({ '': {} });
  const data = { connectionId: CONNECTION, reason: 'backfill' as const, pageToken: null, pageNumber: 1 };
  const window = { windowFrom: '2025-01-01T00:00:00.000Z', windowTo: '2025-01-02T00:00:00.000Z' };
  await syncOrderPage(deps, deps.newEvent('order-sync.requested', { ...data, ...window }), on(1));
  assert.equal((await deps.cursors.get(CONNECTION))?.watermark, all.watermark);
});

test('a backfill of what no poll has read yet does not let the watermark jump over the rest', async () => {
  const all = await connected();
  const { deps, world, clock } = all;
  world.answering = answeringPages({ '': {} });
  const data = { connectionId: CONNECTION, reason: 'backfill' as const, pageToken: null, pageNumber: 1 };
  const window = {
    windowFrom: new Date(clock.now() - 10 * MINUTE_MS).toISOString(),
    windowTo: new Date(clock.now() - 5 * MINUTE_MS).toISOString(),
  };
  await syncOrderPage(deps, deps.newEvent('order-sync.requested', { ...data, ...window }), on(1));
  assert.equal((await deps.cursors.get(CONNECTION))?.watermark, all.watermark);
});

test('a backfill holds up no poll', async () => {
  const all = await connected();
  const { deps, world, takeEvents } = all;
  world.answering = answeringPages({ '': { next: 'two' } });
  const data = { connectionId: CONNECTION, reason: 'backfill' as const, pageToken: null, pageNumber: 1 };
  const window = { windowFrom: '2025-01-01T00:00:00.000Z', windowTo: '2025-01-02T00:00:00.000Z' };
  await syncOrderPage(deps, deps.newEvent('order-sync.requested', { ...data, ...window }), on(1));
  const [next] = await takeEvents('sync', 'order-sync.requested');
  assert.deepEqual([next?.data.reason, next?.data.pageToken], ['backfill', 'two']);
  assert.equal((await poll(all)).data.reason, 'poll');
});

test('details that lack an order are never taken for the whole', async () => {
  const all = await connected();
  const { deps, world } = all;
  const request = await poll(all);
  world.answering = ({ url }) => answer(url.includes('/details') ? [orderOf('a')] : { orderIds: ['a', 'b'] });
  await assert.rejects(syncOrderPage(deps, request, on(1)), { kind: 'retryable', code: 'order-missing-in-answer' });
  assert.equal((await deps.cursors.get(CONNECTION))?.watermark, all.watermark);
});

test('orders are read by id in calls no larger than the marketplace takes', async () => {
  const all = await connected();
  all.world.answering = answeringPages({ '': { orderIds: ['a', 'b', 'c', 'd', 'e'] } });
  await syncOrderPage(all.deps, await poll(all), on(1));
  const asked = all.calls.filter(({ url }) => url.includes('/details')).map(({ url }) => url.split('=')[1]);
  assert.deepEqual(asked, ['a,b', 'c,d', 'e']);
});

test('order.changed has the same id each time, and is published again after a crash between store and mark', async () => {
  const all = await connected();
  const { takeEvents, deps } = all;
  const read = { order: orderOf('a'), buyer: null };
  const about = {
    readAt: 1,
    foundBy: 'webhook' as const,
    cause: deps.newEvent('schedule.elapsed', { schedule: 'x' }).traceparent,
  };
  const killedBeforePublishing = publisherAway(deps, 'order.changed', () => true);
  await assert.rejects(storeOrder(killedBeforePublishing, read, about), /killed/);
  assert.deepEqual(await takeEvents('seller-events', 'order.changed'), []);

  const killedBeforeMark: FunctionDeps = {
    ...deps,
    orders: { ...deps.orders, announced: () => Promise.reject(new Error('killed')) },
  };
  await assert.rejects(storeOrder(killedBeforeMark, read, { ...about, foundBy: 'webhook' }), /killed/);
  await storeOrder(deps, read, { ...about, readAt: 2 });
  await storeOrder(deps, read, { ...about, readAt: 3 });
  const events = await takeEvents('seller-events', 'order.changed');
  assert.equal(events.length, 2);
  assert.equal(events[0]!.id, events[1]!.id);
  assert.deepEqual(events[0]!.data, events[1]!.data);
});

test('each version of an order is published under an id of its own, also one found before a crash', async () => {
  const all = await connected();
  const { takeEvents, deps } = all;
  const about = {
    readAt: 1,
    foundBy: 'poll' as const,
    cause: deps.newEvent('schedule.elapsed', { schedule: 'x' }).traceparent,
  };
  const killed = publisherAway(deps, 'order.changed', () => true);
  await assert.rejects(storeOrder(killed, { order: orderOf('a'), buyer: null }, about), /killed/);
  const shipped = orderOf('a', { status: 'shipped', updatedAt: '2026-11-24T07:00:00.000Z' });
  await storeOrder(deps, { order: shipped, buyer: null }, { ...about, readAt: 2 });
  const events = await takeEvents('seller-events', 'order.changed');
  assert.deepEqual(
    events.map(({ data }) => [data.orderVersion, data.previousStatus, data.order.status]),
    [
      [1, null, 'unshipped'],
      [2, 'unshipped', 'shipped'],
    ],
  );
  assert.equal(new Set(events.map(({ id }) => id)).size, 2);
});

test('an order that has not changed is published once, whoever finds it and however often', async () => {
  const all = await connected();
  const { deps, world, takeEvents } = all;
  world.answering = answeringPages({ '': { orders: [orderOf('a')], orderIds: ['b'] } });
  const hint = deps.newEvent('webhook.received', {
    marketplace: 'plain',
    connectionId: CONNECTION,
    topic: 'order',
    orderIds: ['a', 'b'],
    occurredAt: null,
    receivedAt: '2026-11-24T07:00:00.000Z',
    bodyBytes: 1,
    bodySha256: '0'.repeat(64),
  });
  await readHintedOrders({ ...deps, recentReads: createRecentReads() }, hint, on(1));
  await readHintedOrders({ ...deps, recentReads: createRecentReads() }, hint, on(1));
  await syncOrderPage(deps, await poll(all), on(1));
  const events = await takeEvents('seller-events', 'order.changed');
  assert.deepEqual(
    events.map(({ data }) => [data.order.orderId, data.foundBy]),
    [
      ['a', 'webhook'],
      ['b', 'webhook'],
    ],
  );
});

test('a connection that needs its seller’s consent is skipped, and goes on from its watermark after it', async () => {
  const all = await connected();
  const { deps, clock, takeEvents } = all;
  const request = await poll(all);
  await deps.connections.needsConsent(CONNECTION, 'grant-dead');
  await syncOrderPage(deps, request, on(1));
  await clock.sleep(2 * HOUR_MS);
  await requestDuePolls(deps);
  assert.deepEqual(await takeEvents('sync', 'order-sync.requested'), []);
  assert.equal(all.calls.length, 0);
  await all.connect(CONNECTION, 'access-2');
  await clock.sleep(5 * MINUTE_MS);
  const { data } = await poll(all);
  assert.equal(Date.parse(data.windowFrom), all.watermark - 5 * MINUTE_MS);
});

test('a poll under way is not begun again beside itself; one that has died is, after an hour', async () => {
  const all = await connected();
  const { deps, clock, takeEvents } = all;
  await poll(all);
  for (let minutes = 0; minutes < 55; minutes += 5) {
    await clock.sleep(5 * MINUTE_MS);
    await requestDuePolls(deps);
  }
  assert.deepEqual(await takeEvents('sync', 'order-sync.requested'), []);
  await clock.sleep(15 * MINUTE_MS);
  await poll(all);
});

test('a wish for a poll that can’t be sent is sent at the next tick', async () => {
  const all = await connected();
  const { deps, takeEvents } = all;
  const killed = publisherAway(deps, 'order-sync.requested', () => true);
  await assert.rejects(requestDuePolls(killed), /killed/);
  await poll(all);
  assert.deepEqual(await takeEvents('sync', 'order-sync.requested'), []);
});

test('a watermark further back than the marketplace’s longest window is reached window by window', async () => {
  const all = await createFunctionWorld();
  const { deps, clock, world, takeEvents } = all;
  await all.connect(CONNECTION, 'access-1');
  const from = clock.now() - 3 * DAY_MS;
  await deps.cursors.start(CONNECTION, from, clock.now());
  world.answering = answeringPages({ '': {} });
  let reached = from;
  for (let polls = 0; polls < 100 && reached < clock.now() - HOUR_MS; polls++) {
    await requestDuePolls(deps);
    for (const request of await takeEvents('sync', 'order-sync.requested')) {
      assert.ok(Date.parse(request.data.windowFrom) <= reached);
      assert.ok(Date.parse(request.data.windowTo) - Date.parse(request.data.windowFrom) <= DAY_MS);
      await syncOrderPage(deps, request, on(1));
      reached = (await deps.cursors.get(CONNECTION))!.watermark;
    }
    await clock.sleep(MINUTE_MS);
  }
  assert.ok(reached >= clock.now() - HOUR_MS);
});

test('every connection that is due is polled by one tick', async () => {
  const all = await createFunctionWorld();
  const { deps, clock } = all;
  for (let i = 0; i < 230; i++) {
    await all.connect(`plain-${i}`);
    await deps.cursors.start(`plain-${i}`, clock.now() - HOUR_MS, clock.now());
  }
  await requestDuePolls(deps);
  const asked = await all.takeEvents('sync', 'order-sync.requested');
  assert.equal(new Set(asked.map(({ data }) => data.connectionId)).size, 230);
  assert.equal(asked.length, 230);
});

test('without a token in force no call is made: a fresh one is asked for, of the generation that ended', async () => {
  const all = await connected();
  const { deps, clock } = all;
  await clock.sleep(DAY_MS);
  await assert.rejects(syncOrderPage(deps, await poll(all), on(1)), {
    kind: 'auth',
    connectionId: CONNECTION,
    credentialsVersion: 2,
  });
  assert.equal(all.calls.length, 0);
});

test('every call that was made is recorded with its outcome, and without its query', async () => {
  const all = await connected();
  const { deps, world } = all;
  const request = await poll(all);
  await all.taken();
  world.answering = () => answer({ error: 'broken' }, 500);
  await assert.rejects(syncOrderPage(deps, request, on(3)), {
    kind: 'retryable',
    code: 'broken',
    connectionId: CONNECTION,
  });
  const [recorded, ...more] = await all.takeEvents('audit', 'api-call.recorded');
  assert.deepEqual(more, []);
  assert.deepEqual(
    [recorded?.data.status, recorded?.data.outcome, recorded?.data.path, recorded?.data.attempt],
    [500, 'broken', '/orders', 3],
  );
  assert.equal(recorded?.traceparent.slice(0, 36), request.traceparent.slice(0, 36));
});

test('an answer that says wait rests the budget of whoever asks next', async () => {
  const all = await connected();
  const { deps, world, clock } = all;
  const request = await poll(all);
  world.answering = () => answer({ error: 'too-many' }, 429);
  await assert.rejects(syncOrderPage(deps, request, on(1)), { kind: 'throttled' });
  const asked = clock.now();
  world.answering = answeringPages({ '': {} });
  await syncOrderPage(deps, request, on(1));
  assert.ok(clock.now() - asked >= 900, `${clock.now() - asked} ms`);
});

test('where the marketplace refuses an app whose registration was changed meanwhile, the next attempt has the new one', async () => {
  const all = await connected();
  const { deps, world, marketplace } = all;
  world.answering = () => answer({ error: 'signature-refused' }, 403);
  const request = await poll(all);
  const members = new Map([['plain', { marketplace, app: {} }]]);
  let isChanged = false;
  const reread = async () => {
    if (isChanged) members.set('plain', { marketplace, app: {} });
  };
  const watching = { ...deps, members: Object.assign(members, { reread }) };
  await assert.rejects(syncOrderPage(watching, request, on(1)), { kind: 'permanent', code: 'signature-refused' });
  isChanged = true;
  await assert.rejects(syncOrderPage(watching, request, on(1)), { kind: 'retryable', code: 'registration-changed' });
});
