import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { createWorld, DAY_MS, DRAFT, FIRST, HOUR_MS, type Json, SECOND, START } from './sandbox-world.ts';

const bodyOf = (request: HttpRequest | undefined): Json => JSON.parse(request?.body ?? '');

test('a notification points at what changed and says nothing of it', () => {
  const { world, sandbox, app } = createWorld();
  const { orderId } = sandbox.books.place(SECOND, DRAFT);
  const [order, shipment] = world.sent.map(bodyOf);
  assert.equal(world.sent[0]?.url, 'http://sluice.test/webhooks/mercadolibre');
  const { _id, ...rest } = order;
  assert.match(_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.deepEqual(rest, {
    resource: `/orders/${orderId}`,
    user_id: Number(SECOND),
    topic: 'orders_v2',
    application_id: Number(app.clientId),
    attempts: 1,
    sent: new Date(START).toISOString(),
    received: new Date(START).toISOString(),
  });
  assert.deepEqual([shipment.topic, /^\/shipments\/\d{11}$/.test(shipment.resource)], ['shipments', true]);
});

test('every change of an order is told', () => {
  const { world, sandbox } = createWorld();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  sandbox.books.ship(orderId, { carrier: 'Loggi', trackingNumber: 'L1' });
  sandbox.books.deliver(orderId);
  const other = sandbox.books.place(FIRST, DRAFT);
  sandbox.books.cancel(other.orderId);
  const told = world.sent.map(bodyOf).filter(({ topic }) => topic === 'orders_v2');
  assert.deepEqual(
    told.map(({ resource }) => resource),
    [orderId, orderId, orderId, other.orderId, other.orderId].map((id) => `/orders/${id}`),
  );
  assert.equal(new Set(world.sent.map((request) => bodyOf(request)._id)).size, world.sent.length);
});

for (const status of [503, 202]) {
  test(`a notification answered ${status} comes eight times within the hour, is lost, and can be read back`, async () => {
    const { world, sandbox, app, call, sellerToken } = createWorld({ webhookStatus: () => status });
    const { orderId } = sandbox.books.place(FIRST, DRAFT);
    while (sandbox.webhooksUnderWay() > 0) await Promise.resolve();
    const tries = world.sent.map(bodyOf).filter(({ topic }) => topic === 'orders_v2');
    assert.deepEqual(
      tries.map(({ attempts }) => attempts),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    assert.equal(new Set(tries.map(({ _id }) => _id)).size, 1);
    assert.equal(new Set(tries.map(({ received }) => received)).size, 1);
    // Both topics wait on the same clock, which moves for each.
    assert.equal(
      world.slept.reduce((sum, ms) => sum + ms, 0),
      2 * HOUR_MS,
    );

    const token = await sellerToken();
    const missed = async (query = '') => (await call(token, `/missed_feeds?app_id=${app.clientId}${query}`)).body;
    assert.equal((await missed()).messages.length, 2);
    const [message] = (await missed('&topic=orders_v2')).messages;
    assert.deepEqual([message.resource, message.attempts], [`/orders/${orderId}`, 8]);
    assert.deepEqual([message.response.http_code, message.request.url], [status, app.webhookUrl]);
    assert.equal(bodyOf({ body: message.request.data } as HttpRequest)._id, message._id);
    assert.equal((await missed('&limit=1&offset=1')).messages.length, 1);
    assert.equal((await missed('&topic=items')).messages.length, 0);
  });
}

test('what was lost two days ago can’t be read back any more', async () => {
  const { world, sandbox, app, call, sellerToken } = createWorld({ webhookStatus: () => 500 });
  sandbox.books.place(FIRST, DRAFT);
  while (sandbox.webhooksUnderWay() > 0) await Promise.resolve();
  world.now += 2 * DAY_MS;
  const { body } = await call(await sellerToken(), `/missed_feeds?app_id=${app.clientId}`);
  assert.deepEqual(body.messages, []);
});

test('missed feeds of no application, or of another, are refused', async () => {
  const { call, sellerToken } = createWorld();
  const token = await sellerToken();
  assert.equal((await call(token, '/missed_feeds')).status, 400);
  assert.equal((await call(token, '/missed_feeds?app_id=1')).status, 403);
});

test('a seller who took the consent back is not told of any more', async () => {
  const { world, sandbox, app, call, sellerToken } = createWorld();
  await call(await sellerToken(), `/users/${FIRST}/applications/${app.clientId}`, { method: 'DELETE' });
  sandbox.books.place(FIRST, DRAFT);
  assert.equal(world.sent.length, 0);
  sandbox.books.place(SECOND, DRAFT);
  assert.equal(world.sent.length, 2);
});
