import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, type Json, MINUTE_MS } from './sandbox-world.ts';

/** A world with five orders, one a minute; the second is cancelled, the third shipped. */
async function createBusyWorld() {
  const world = createWorld();
  for (let count = 0; count < 5; count++) {
    world.place();
    await world.advance(MINUTE_MS);
  }
  world.sandbox.books.cancel('5600000000002');
  world.sandbox.books.ship('5600000000003', { carrier: 'DPD', trackingNumber: 'D1' });
  const names = async (query: string): Promise<string> =>
    (await world.rest('GET', `orders.json${query}`)).body.orders.map(({ name }: Json) => name.slice(1)).join(' ');
  return { world, names };
}

test('orders are listed newest first, open ones unless others are asked for', async () => {
  const { names } = await createBusyWorld();
  assert.equal(await names(''), '1005 1004 1003 1001');
  assert.equal(await names('?status=any&order=created_at+asc'), '1001 1002 1003 1004 1005');
  assert.equal(await names('?status=cancelled'), '1002');
  assert.equal(await names('?fulfillment_status=shipped'), '1003');
  assert.equal(await names('?status=any&updated_at_min=2026-11-24T06:05:00Z'), '1003 1002');
  assert.equal(await names('?since_id=5600000000003'), '1004 1005');
});

test('a list goes on by its link, to the end', async () => {
  const { world } = await createBusyWorld();
  const seen: string[] = [];
  let path: string | undefined = 'orders.json?limit=2&status=any&fields=name';
  while (path) {
    const { headers, body } = await world.rest('GET', path);
    seen.push(body.orders.map((order: Json) => Object.values(order)).join());
    const link = /<([^>]*)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    assert.ok(!link || link.startsWith('https://sandbox-shop-1.myshopify.com/admin/api/2026-10/orders.json?'));
    path = link && `orders.json${new URL(link).search}`;
  }
  assert.deepEqual(seen, ['#1005,#1004', '#1003,#1002', '#1001']);
});

test('a wrong limit, page or id is told', async () => {
  const { world } = await createBusyWorld();
  assert.equal((await world.rest('GET', 'orders.json?limit=251')).status, 400);
  assert.equal((await world.rest('GET', 'orders.json?page_info=none')).status, 400);
  assert.deepEqual((await world.rest('GET', 'orders/1.json')).body, { errors: 'Not Found' });
});

test('an order is fulfilled, and answers it', async () => {
  const { world } = await createBusyWorld();
  const path = 'orders/5600000000001';
  const [open] = (await world.rest('GET', `${path}/fulfillment_orders.json`)).body.fulfillment_orders;
  assert.deepEqual([open.status, open.line_items[0].fulfillable_quantity], ['open', 3]);
  const fulfillment = {
    line_items_by_fulfillment_order: [{ fulfillment_order_id: open.id }],
    tracking_info: { company: 'UPS', number: 'U1' },
  };
  const made = await world.rest('POST', 'fulfillments.json', { fulfillment });
  assert.deepEqual([made.status, made.body.fulfillment.tracking_number], [201, 'U1']);
  const { order } = (await world.rest('GET', `${path}.json`)).body;
  assert.deepEqual([order.fulfillment_status, order.fulfillments[0].tracking_company], ['fulfilled', 'UPS']);
  const again = await world.rest('POST', 'fulfillments.json', { fulfillment });
  assert.deepEqual([again.status, again.body.errors.length], [422, 1]);
});

test('stock is set and read', async () => {
  const { world } = await createBusyWorld();
  const level = { inventory_item_id: 46300000000001, location_id: 61900000001 };
  const set = await world.rest('POST', 'inventory_levels/set.json', { ...level, available: 4 });
  assert.equal(set.body.inventory_level.available, 4);
  const { inventory_levels } = (await world.rest('GET', 'inventory_levels.json?inventory_item_ids=46300000000001'))
    .body;
  assert.deepEqual([inventory_levels.length, inventory_levels[0].available], [1, 4]);
  const wrong = await world.rest('POST', 'inventory_levels/set.json', { ...level, location_id: 1, available: 4 });
  assert.equal(wrong.status, 404);
  assert.equal((await world.rest('POST', 'inventory_levels/set.json', level)).status, 422);
});

test('subscriptions are made, listed and deleted', async () => {
  const { world } = await createBusyWorld();
  const webhook = { topic: 'inventory_levels/update', address: 'https://other.example.test/', format: 'json' };
  const made = await world.rest('POST', 'webhooks.json', { webhook });
  assert.deepEqual([made.status, made.body.webhook.topic], [201, 'inventory_levels/update']);
  const again = await world.rest('POST', 'webhooks.json', { webhook });
  assert.deepEqual([again.status, again.body.errors.address], [422, ['for this topic has already been taken']]);
  assert.equal((await world.rest('GET', 'webhooks.json?topic=inventory_levels/update')).body.webhooks.length, 1);
  assert.equal((await world.rest('DELETE', `webhooks/${made.body.webhook.id}.json`)).status, 200);
  assert.equal((await world.rest('GET', 'webhooks.json')).body.webhooks.length, 2);
});

test('forty calls fill the bucket, which leaks two a second', async () => {
  const world = createWorld();
  for (let call = 1; call <= 40; call++) {
    const { headers } = await world.rest('GET', 'shop.json');
    assert.equal(headers.get('x-shopify-shop-api-call-limit'), `${call}/40`);
  }
  const { status, headers } = await world.rest('GET', 'shop.json');
  assert.deepEqual([status, headers.get('retry-after')], [429, '2.0']);
  assert.equal(world.sandbox.calls.throttled, 1);
  await world.advance(500);
  assert.equal((await world.rest('GET', 'shop.json')).status, 200);
});

test('REST wants the token and the scopes too', async () => {
  const world = createWorld();
  assert.equal((await world.rest('GET', 'orders.json', undefined, { token: 'wrong' })).status, 401);
  const { code } = await world.consent({ scope: 'read_locations' });
  const token = (await world.tokenCall({ code: code!, expiring: '1' })).body.access_token;
  assert.equal((await world.rest('GET', 'orders.json', undefined, { token })).status, 403);
  assert.equal((await world.rest('GET', 'locations.json', undefined, { token })).status, 200);
});
