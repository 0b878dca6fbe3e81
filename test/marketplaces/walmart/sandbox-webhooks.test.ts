import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { writeRequest } from '#marketplaces/walmart/sandbox/notification-request.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import vectors from '#test/vectors/walmart/sandbox-webhook.json' with { type: 'json' };
import { createWorld, DRAFT, errorOf, FIRST, type Json, SECOND, START } from './sandbox-world.ts';

const SUBSCRIPTIONS = '/v3/webhooks/subscriptions';
const EVENT = {
  eventType: 'ORDER_UPDATES',
  eventVersion: 'V1',
  resourceName: 'ORDER',
  eventUrl: 'https://me.test/hook',
  status: 'ACTIVE',
};
const bodyOf = (request: HttpRequest | undefined): Json => JSON.parse(request?.body ?? '');

for (const { name, authDetails, body, header } of vectors as Json[]) {
  test(`a notification proves itself by ${name}`, () => {
    const target = { eventType: 'ORDER_UPDATES', eventVersion: 'V1' as const, resourceName: 'ORDER' };
    const request = writeRequest({ ...target, eventUrl: 'https://me.test/hook', authDetails }, body);
    assert.equal(request.headers['X-Auth'], header);
    assert.equal(request.body, body);
  });
}

test('a new order is notified once, signed over the bytes of its body, without a word of its buyer', () => {
  const { world, sandbox, app } = createWorld();
  const order = sandbox.books.place(SECOND, DRAFT);
  sandbox.books.ship(order.orderId, { carrier: 'UPS', trackingNumber: '1' });
  sandbox.books.deliver(order.orderId);
  assert.equal(world.sent.length, 1);
  const request = world.sent[0]!;
  assert.equal(request.url, 'http://sluice.test/webhooks/walmart');
  const { source, payload } = bodyOf(request);
  assert.equal(source.eventType, 'ORDER_UPDATES');
  assert.equal(source.eventTime, new Date(START).toISOString());
  assert.match(source.eventId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(payload.subEventType, 'PO_CREATED');
  assert.equal(payload.partnerId, SECOND);
  assert.equal(payload.order.purchaseOrderId, order.orderId);
  assert.doesNotMatch(request.body ?? '', /Ada|relay\.example|Example Street|60601/);
  const digest = createHmac('sha256', app.webhookSecret ?? '').update(request.body ?? '');
  assert.equal(request.headers['WM_SEC.SIGNATURE'], digest.digest('base64'));
});

test("Walmart's own cancellation is notified, the seller's is not", async () => {
  const { world, sandbox, call, sellerToken } = createWorld();
  const first = sandbox.books.place(FIRST, DRAFT);
  sandbox.books.cancel(first.orderId);
  assert.deepEqual(
    world.sent.map((request) => bodyOf(request).payload.subEventType),
    ['PO_CREATED', 'PO_LINE_AUTOCANCELLED'],
  );
  const second = sandbox.books.place(FIRST, DRAFT);
  const orderLine = second.lines.map(({ lineId, quantity }) => ({
    lineNumber: lineId,
    orderLineStatuses: {
      orderLineStatus: [
        {
          status: 'Cancelled',
          cancellationReason: 'SELLER_CANCEL_OUT_OF_STOCK',
          statusQuantity: { unitOfMeasurement: 'EACH', amount: String(quantity) },
        },
      ],
    },
  }));
  await call(await sellerToken(), `/v3/orders/${second.orderId}/cancel`, {
    method: 'POST',
    body: { orderCancellation: { orderLines: { orderLine } } },
  });
  assert.equal(second.status, 'cancelled');
  assert.equal(world.sent.length, 3);
});

test('a refused notification comes again after 5, 15 and 45 minutes with the same event id, then no more', async () => {
  const { world, sandbox } = createWorld({ webhookStatus: () => 503 });
  sandbox.books.place(FIRST, DRAFT);
  while (sandbox.webhooksUnderWay() > 0) await Promise.resolve();
  assert.deepEqual(world.slept, [300_000, 900_000, 2_700_000]);
  assert.equal(new Set(world.sent.map((request) => request.body)).size, 1);
  assert.deepEqual(sandbox.webhooks, { sent: 4, accepted: 0, refused: 4, lost: 0 });
});

test('a seller sees, makes, changes and deletes only its own subscriptions', async () => {
  const { world, sandbox, call, sellerToken } = createWorld();
  const token = await sellerToken();
  const foreign = await sellerToken(2);
  const [given] = (await call(token, SUBSCRIPTIONS)).body.events;
  assert.equal(given.eventType, 'ORDER_UPDATES');
  assert.equal(given.partnerId, FIRST);
  const path = `${SUBSCRIPTIONS}/${given.subscriptionId}`;
  assert.equal((await call(foreign, path, { method: 'DELETE' })).status, 404);
  assert.equal((await call(foreign, path, { method: 'PATCH', body: {} })).status, 404);

  const off = await call(token, path, { method: 'PATCH', body: { status: 'INACTIVE' } });
  assert.equal(off.body.status, 'INACTIVE');
  sandbox.books.place(FIRST, DRAFT);
  assert.equal(world.sent.length, 0);
  assert.equal((await call(token, `${SUBSCRIPTIONS}?status=ACTIVE`)).body.events.length, 0);
  const deleted = await call(token, path, { method: 'DELETE' });
  assert.deepEqual(deleted.body, {
    subscriptionId: given.subscriptionId,
    message: 'Successfully deleted subscription',
  });

  const authDetails = {
    authMethod: 'BASIC_AUTH',
    authHeaderName: 'X-Auth',
    userName: 'hookuser',
    password: 'hookpass',
  };
  const event = { ...EVENT, authDetails, headers: { 'X-Custom': 'mine' } };
  const created = await call(token, SUBSCRIPTIONS, { method: 'POST', body: { events: [event] } });
  const [made] = created.body.events;
  assert.deepEqual(Object.keys(made).sort(), [
    'eventType',
    'eventVersion',
    'partnerId',
    'resourceName',
    'status',
    'subscriptionId',
  ]);
  sandbox.books.place(FIRST, DRAFT);
  assert.equal(world.sent.at(-1)?.url, 'https://me.test/hook');
  assert.equal(world.sent.at(-1)?.headers['X-Auth'], 'aG9va3VzZXI6aG9va3Bhc3M=');
  assert.equal(world.sent.at(-1)?.headers['X-Custom'], 'mine');
});

test('a subscription to nothing that exists, with half an address or half a secret is refused', async () => {
  const { call, sellerToken } = createWorld();
  const token = await sellerToken();
  const { status: _, ...withoutStatus } = EVENT;
  for (const [event, field] of [
    [{ ...EVENT, eventType: 'ORDER_EATEN' }, /eventType/],
    [{ ...EVENT, resourceName: 'ITEM' }, /eventType/],
    [{ ...EVENT, eventUrl: 'me.test/hook' }, /eventUrl/],
    [{ ...EVENT, eventVersion: 'V9' }, /eventVersion/],
    [withoutStatus, /status/],
    [{ ...EVENT, authDetails: { authMethod: 'HMAC', authHeaderName: 'X' } }, /clientSecret/],
  ] as const) {
    const answer = await call(token, SUBSCRIPTIONS, { method: 'POST', body: { events: [event] } });
    assert.deepEqual([answer.status, errorOf(answer)], [400, 'INVALID_REQUEST_CONTENT']);
    assert.match(answer.body.errors[0].field, field);
  }
});

test('the legacy events are sent until 15 December 2026 and unknown from then on', async () => {
  const { world, sandbox, call, sellerToken } = createWorld();
  const token = await sellerToken();
  const legacy = { ...EVENT, eventType: 'PO_CREATED' };
  await call(token, SUBSCRIPTIONS, { method: 'POST', body: { events: [legacy] } });
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  const own = world.sent.map(bodyOf).find((event) => event.source.eventType === 'PO_CREATED');
  assert.equal(own.payload.purchaseOrderId, orderId);
  assert.equal(own.payload.orderLines[0].quantity.measurementValue, 6);

  world.now = Date.parse('2026-12-15T00:00:00Z');
  const sentBefore = world.sent.length;
  sandbox.books.place(FIRST, DRAFT);
  assert.equal(world.sent.length, sentBefore + 1);
  const later = await sellerToken();
  assert.equal((await call(later, SUBSCRIPTIONS, { method: 'POST', body: { events: [legacy] } })).status, 400);
  const types = (await call(later, '/v3/webhooks/eventTypes')).body.events.map((one: Json) => one.eventType);
  assert.equal(types.includes('ORDER_UPDATES'), true);
  assert.equal(types.includes('PO_CREATED'), false);
});

test('a test event is signed as the real ones and reports whether the URL took it', async () => {
  let status = 200;
  const { world, call, sellerToken } = createWorld({ webhookStatus: () => status });
  const token = await sellerToken();
  const { status: _, ...event } = EVENT;
  const authDetails = { authMethod: 'HMAC', authHeaderName: 'X-Signature', clientSecret: 'walmart-test-secret' };
  const body = { ...event, authDetails };
  const answer = await call(token, '/v3/webhooks/test', { method: 'POST', body });
  assert.deepEqual(answer.body, { message: 'Eventurl successfully validated' });
  const sent = world.sent[0]!;
  const digest = createHmac('sha256', 'walmart-test-secret').update(sent.body ?? '');
  assert.equal(sent.headers['X-Signature'], digest.digest('base64'));
  status = 404;
  assert.equal((await call(token, '/v3/webhooks/test', { method: 'POST', body })).body.errors[0].field, 'eventUrl');
  for (let count = 2; count < 10; count++) await call(token, '/v3/webhooks/test', { method: 'POST', body });
  assert.equal((await call(token, '/v3/webhooks/test', { method: 'POST', body })).status, 429);
});
