import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, DRAFT, type Json, SHOP, START } from './sandbox-world.ts';

const LIST = '/api/v2/order/get_order_list';
const DETAIL = '/api/v2/order/get_order_detail';
const NOW = START / 1000;
const DAY = 86_400;

const lastDay = { time_range_field: 'update_time', time_from: NOW - DAY, time_to: NOW + DAY, page_size: 100 };
const orderSns = (body: Json): string[] => body.response.order_list.map((order: Json) => order.order_sn);

async function openWorld() {
  const world = createWorld();
  const token = await world.accessToken();
  return {
    world,
    place: () => world.sandbox.books.place(String(SHOP), DRAFT),
    list: async (query: Record<string, string | number>) => (await world.shopGet(LIST, token, query)).body,
    detail: async (query: Record<string, string | number>) => (await world.shopGet(DETAIL, token, query)).body,
  };
}

test('an order number is the day in Singapore and eight letters or digits, never twice the same', async () => {
  const world = createWorld({ startAt: Date.UTC(2026, 10, 24, 16, 0, 0) });
  const numbers = new Set<string>();
  for (let count = 0; count < 2000; count++) {
    const { orderId } = world.sandbox.books.place(String(SHOP), DRAFT);
    assert.match(orderId, /^261125[0-9A-Z]{8}$/);
    numbers.add(orderId);
  }
  assert.equal(numbers.size, 2000);
});

test('pages together hold every order of the window once, whatever changes in between', async () => {
  const { world, place, list } = await openWorld();
  const placed: string[] = [];
  for (let count = 0; count < 25; count++) {
    placed.push(place().orderId);
    await world.advance(count % 3 === 0 ? 0 : 1000); // some in the same second
  }
  const window = { ...lastDay, time_to: Math.floor(world.now() / 1000), page_size: 10 };
  const seen: string[] = [];
  let cursor = '';
  do {
    const body = await list({ ...window, cursor });
    assert.equal(body.error, '');
    seen.push(...orderSns(body));
    cursor = body.response.next_cursor;
    assert.equal(body.response.more, cursor !== '');
    if (seen.length === 10) {
      await world.advance(2000);
      world.sandbox.books.ship(seen[0]!, { carrier: 'SPX', trackingNumber: 'SG1' });
    }
  } while (cursor !== '');
  assert.deepEqual([...seen].sort(), [...placed].sort());
});

test('both bounds of a window are inclusive, and other shops stay out of it', async () => {
  const { world, place, list } = await openWorld();
  const { orderId } = place();
  world.sandbox.books.place(String(SHOP + 1), DRAFT);
  const found = async (from: number, to: number) => orderSns(await list({ ...lastDay, time_from: from, time_to: to }));
  assert.deepEqual(await found(NOW, NOW + 1), [orderId]);
  assert.deepEqual(await found(NOW - 1, NOW), [orderId]);
  assert.deepEqual(await found(NOW + 1, NOW + 2), []);
  assert.deepEqual(await found(NOW - 2, NOW - 1), []);
});

test('create_time and update_time are two lists, and a status picks from them', async () => {
  const { world, place, list } = await openWorld();
  const { orderId } = place();
  await world.advance(60_000);
  world.sandbox.books.ship(orderId, { carrier: 'SPX', trackingNumber: 'SG1' });
  const first = { ...lastDay, time_from: NOW, time_to: NOW + 1 };
  assert.deepEqual(orderSns(await list(first)), []);
  assert.deepEqual(orderSns(await list({ ...first, time_range_field: 'create_time' })), [orderId]);
  const shown = await list({ ...lastDay, order_status: 'SHIPPED', response_optional_fields: 'order_status' });
  assert.deepEqual(shown.response.order_list, [{ order_sn: orderId, order_status: 'SHIPPED' }]);
  assert.deepEqual(orderSns(await list({ ...lastDay, order_status: 'READY_TO_SHIP' })), []);
});

test('a window is at most 15 days and ends after it begins', async () => {
  const { list } = await openWorld();
  const error = async (from: number, to: number) => (await list({ ...lastDay, time_from: from, time_to: to })).error;
  assert.equal(await error(NOW - 15 * DAY, NOW), '');
  assert.equal(await error(NOW - 15 * DAY - 1, NOW), 'order.order_list_invalid_time');
  assert.equal(await error(NOW, NOW), 'order.order_list_invalid_time');
});

test('wrong parameters are refused by name', async () => {
  const { list } = await openWorld();
  const wrong: Record<string, string | number>[] = [
    { page_size: 0 },
    { page_size: 101 },
    { page_size: '' },
    { time_range_field: 'pay_time' },
    { time_from: '2026-11-24' },
    { order_status: 'LOST' },
  ];
  for (const change of wrong) {
    const body = await list({ ...lastDay, ...change });
    assert.equal(body.error, 'error_param');
    assert.ok(body.message.includes(Object.keys(change)[0]!), body.message);
  }
});

test('a cursor is refused with another window, when it is made up, and when it has been told to expire', async () => {
  const { world, place, list } = await openWorld();
  for (let count = 0; count < 3; count++) place();
  const window = { ...lastDay, page_size: 1 };
  const cursor = (await list(window)).response.next_cursor;
  assert.equal((await list({ ...window, cursor })).error, '');
  assert.equal((await list({ ...window, cursor, time_to: NOW + 1 })).error, 'error_param');
  assert.equal((await list({ ...window, cursor: '20' })).error, 'error_param');
  world.faults.next('expire-page-token');
  assert.equal((await list({ ...window, cursor })).error, 'error_param');
});

test('details show the required fields, and the optional ones only when asked', async () => {
  const { place, detail } = await openWorld();
  const { orderId } = place();
  const bare = await detail({ order_sn_list: orderId });
  assert.deepEqual(bare.response.order_list, [
    {
      order_sn: orderId,
      region: 'SG',
      currency: 'GBP',
      cod: false,
      order_status: 'READY_TO_SHIP',
      message_to_seller: '',
      create_time: NOW,
      update_time: NOW,
      days_to_ship: 2,
      ship_by_date: NOW + 2 * DAY,
    },
  ]);
  const fields = 'total_amount,buyer_username,constructor';
  const [asked] = (await detail({ order_sn_list: orderId, response_optional_fields: fields })).response.order_list;
  assert.equal(asked.total_amount, 18.69);
  assert.match(asked.buyer_username, /^[0-9a-z]+$/);
  assert.equal('item_list' in asked || Object.hasOwn(asked, 'constructor'), false);
});

test('details are the books: items, recipient, package and status', async () => {
  const { world, place, detail } = await openWorld();
  const order = place();
  const fields = 'item_list,recipient_address,package_list,pickup_done_time';
  const read = async () =>
    (await detail({ order_sn_list: order.orderId, response_optional_fields: fields })).response.order_list[0];

  const placed = await read();
  const items = placed.item_list.map((item: Json) => ({
    lineId: String(item.line_item_id),
    sku: item.model_sku || item.item_sku,
    title: item.item_name,
    quantity: item.model_quantity_purchased,
    unitPrice: item.model_discounted_price.toFixed(2),
  }));
  assert.deepEqual(items, order.lines);
  const { name, phone, full_address, city, zipcode, region } = placed.recipient_address;
  assert.deepEqual(
    [name, phone, full_address, city, zipcode, region],
    ['Ann Example', '+441632960001', '1 Test Street, Leeds, LS1 1AA', 'Leeds', 'LS1 1AA', 'GB'],
  );
  assert.equal(placed.package_list[0].logistics_status, 'LOGISTICS_READY');
  assert.equal(placed.pickup_done_time, 0);

  await world.advance(5_500);
  world.sandbox.books.ship(order.orderId, { carrier: 'SPX Express', trackingNumber: 'SG1' });
  const shipped = await read();
  assert.deepEqual(
    [shipped.order_status, shipped.update_time, shipped.pickup_done_time],
    ['SHIPPED', NOW + 5, NOW + 5],
  );
  assert.deepEqual(
    [shipped.package_list[0].logistics_status, shipped.package_list[0].shipping_carrier],
    ['LOGISTICS_PICKUP_DONE', 'SPX Express'],
  );
  world.sandbox.books.deliver(order.orderId);
  const delivered = await read();
  assert.equal(delivered.order_status, 'COMPLETED');
  assert.equal(delivered.package_list[0].logistics_status, 'LOGISTICS_DELIVERY_DONE');
});

test('a cancelled order says so in its status, its package and its quantities', async () => {
  const { world, place, detail } = await openWorld();
  const { orderId } = place();
  world.sandbox.books.cancel(orderId);
  const fields = 'item_list,package_list,cancel_by';
  const [order] = (await detail({ order_sn_list: orderId, response_optional_fields: fields })).response.order_list;
  assert.deepEqual([order.order_status, order.cancel_by], ['CANCELLED', 'buyer']);
  assert.equal(order.package_list[0].logistics_status, 'LOGISTICS_INVALID');
  assert.deepEqual([order.item_list[0].active_qty, order.item_list[0].cancelled_qty], [0, 6]);
});

test('details take 50 orders, and one unknown or foreign order fails them all', async () => {
  const { world, place, detail } = await openWorld();
  const placed = Array.from({ length: 51 }, () => place().orderId);
  const fifty = await detail({ order_sn_list: placed.slice(0, 50).join(',') });
  assert.deepEqual(orderSns(fifty), placed.slice(0, 50));
  assert.equal((await detail({ order_sn_list: placed.join(',') })).error, 'error_param');
  assert.equal((await detail({ order_sn_list: '' })).error, 'error_param');
  const foreign = world.sandbox.books.place(String(SHOP + 1), DRAFT).orderId;
  for (const orderId of [foreign, '220810QSU5CHW2']) {
    assert.equal((await detail({ order_sn_list: `${placed[0]},${orderId}` })).error, 'error_not_found');
  }
});
