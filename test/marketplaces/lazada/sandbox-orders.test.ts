import assert from 'node:assert/strict';
import { test } from 'node:test';
import fields from '#test/vectors/lazada/sandbox-fields.json' with { type: 'json' };
import { createWorld, DAY_MS, DRAFT, FIRST, isoTime, type Json, MINUTE_MS, SECOND, START } from './sandbox-world.ts';

const fieldsOf = (shape: Json): string[] => Object.keys(shape).sort();
const idsOf = (answer: Json): string[] => answer.data.orders.map((order: Json) => order.order_id);

test('a list holds the orders with every documented field, money as text and times in the seller’s zone', async () => {
  const { sandbox, seller } = createWorld();
  const { list } = await seller();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  sandbox.books.place(SECOND, DRAFT);
  const { data, code } = await list();
  assert.equal(code, '0');
  assert.deepEqual([data.count, data.countTotal, data.orders.length], [1, 1, 1]);
  const [order] = data.orders;
  assert.deepEqual(fieldsOf(order), fields.GetOrders);
  assert.deepEqual(fieldsOf(order.address_shipping), fields.address);
  assert.equal(order.order_id, orderId);
  assert.match(orderId, /^\d{15}$/);
  assert.deepEqual(order.statuses, ['pending']);
  assert.equal(order.price, '11.04');
  assert.equal(order.items_count, 4);
  assert.equal(order.created_at, '2026-11-24 14:00:00 +0800');
  assert.equal(order.customer_first_name, 'Ada Example');
  assert.equal(order.address_shipping.post_code, '460001');
  assert.equal(order.address_shipping.country, 'Singapore');
  assert.equal(order.currency, undefined);
});

test('the single order has ids as numbers, and belongs to its seller alone', async () => {
  const { sandbox, seller } = createWorld();
  const { as } = await seller();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  const foreign = sandbox.books.place(SECOND, DRAFT);
  const { data } = await as('/order/get', { order_id: orderId });
  assert.deepEqual(fieldsOf(data), fields.GetOrder);
  assert.equal(data.order_id, Number(orderId));
  assert.equal(data.address_shipping.addressDistrict, '');
  for (const path of ['/order/get', '/order/items/get']) {
    assert.equal((await as(path, { order_id: foreign.orderId })).code, '16');
    assert.equal((await as(path, {})).code, 'MissingParameter');
  }
});

test('each piece is an item of its own, the first of a line with the id of the line', async () => {
  const { sandbox, seller } = createWorld();
  const { items } = await seller();
  const order = sandbox.books.place(FIRST, DRAFT);
  const found = await items(order.orderId);
  const lineId = Number(order.lines[0]!.lineId);
  assert.deepEqual(
    found.map((item) => item.order_item_id),
    [lineId, lineId + 1, lineId + 2, Number(order.lines[1]!.lineId)],
  );
  const [item] = found;
  assert.deepEqual(fieldsOf(item), fields.GetOrderItems);
  assert.deepEqual(
    [item.sku, item.item_price, item.paid_price, item.currency, item.status],
    ['85123A', '2.55', '2.55', 'SGD', 'pending'],
  );
  assert.equal(item.payment_time, START);
  assert.equal(item.sla_time_stamp, '2026-11-26T14:00:00+08:00');
  const { itemId, skuId } = sandbox.books.listing(FIRST, '85123A').reference;
  assert.deepEqual([item.product_id, item.sku_id], [itemId, skuId]);
});

test('the items of several orders come at once, all or none, up to 50', async () => {
  const { sandbox, seller } = createWorld();
  const { as } = await seller();
  const ids = Array.from({ length: 51 }, () => sandbox.books.place(FIRST, DRAFT).orderId);
  const foreign = sandbox.books.place(SECOND, DRAFT).orderId;
  const get = (text: string): Promise<Json> => as('/orders/items/get', { order_ids: text });
  const { data } = await get(`[${ids.slice(0, 50)}]`);
  assert.deepEqual(
    data.map((order: Json) => [String(order.order_id), order.order_items.length]),
    ids.slice(0, 50).map((id) => [id, 4]),
  );
  assert.deepEqual(fieldsOf(data[0].order_items[0]), fields.GetMultipleOrderItems);
  assert.equal(data[0].order_items[0].payment_time, String(START));
  assert.equal((await get(JSON.stringify(ids.slice(0, 2)))).data.length, 2);
  for (const [text, code] of [
    [`[${ids}]`, '38'],
    [`[${ids[0]},${foreign}]`, '37'],
    [`[${foreign}]`, '39'],
    ['[]', '39'],
    [ids[0]!, '56'],
    ['[1', '56'],
    ['', 'MissingParameter'],
  ] as const) {
    assert.equal((await get(text)).code, code, text);
  }
});

test('an order is listed by its last change, and where the time is both bounds are in', async () => {
  const { sandbox, seller, world } = createWorld();
  const { list } = await seller();
  const first = sandbox.books.place(FIRST, DRAFT).orderId;
  world.now += MINUTE_MS;
  const second = sandbox.books.place(FIRST, DRAFT).orderId;
  world.now += MINUTE_MS;
  sandbox.books.ship(first, { carrier: 'DPD', trackingNumber: 'T1' });
  assert.deepEqual(idsOf(await list()), [second, first]);
  assert.deepEqual(idsOf(await list({ sort_direction: 'DESC' })), [first, second]);
  assert.deepEqual(idsOf(await list({ sort_by: 'created_at' })), [first, second]);
  const at = isoTime(START + MINUTE_MS);
  assert.deepEqual(idsOf(await list({ update_after: at, update_before: at })), [second]);
  assert.deepEqual(idsOf(await list({ update_after: isoTime(START + MINUTE_MS + 1000) })), [first]);
  assert.deepEqual(idsOf(await list({ created_before: isoTime(START) })), [first]);
  assert.deepEqual(idsOf(await list({ update_after: '', created_after: at })), [second]);
  assert.deepEqual(idsOf(await list({ status: 'shipped' })), [first]);
});

test('pages are cut by offset and limit, and count what there is in all', async () => {
  const { sandbox, seller } = createWorld();
  const { list } = await seller();
  const ids = Array.from({ length: 5 }, () => sandbox.books.place(FIRST, DRAFT).orderId);
  const { data } = await list({ limit: '2', offset: '4' });
  assert.deepEqual([data.count, data.countTotal], [1, 5]);
  assert.deepEqual(idsOf({ data }), ids.slice(4));
  assert.deepEqual(idsOf(await list({ offset: '10' })), []);
});

test('a list without a lower bound, past its end or with a parameter out of range is refused', async () => {
  const { seller } = createWorld();
  const { list } = await seller();
  for (const [query, code] of [
    [{ update_after: '' }, 'MissingParameter'],
    [{ update_after: '2026-11-24' }, '17'],
    [{ update_before: '2026-11-24T06:00:00Z' }, '17'],
    [{ update_before: '2026-11-24T06:00:00 08:00' }, '17'],
    [{ limit: '101' }, '19'],
    [{ limit: '0' }, '19'],
    [{ limit: 'many' }, '19'],
    [{ offset: '-1' }, '14'],
    [{ offset: '5001' }, '14'],
    [{ offset: '5000' }, '97'],
    [{ status: 'eaten' }, '36'],
    [{ sort_direction: 'UP' }, '74'],
    [{ sort_by: 'price' }, '75'],
  ] as [Record<string, string>, string][]) {
    assert.equal((await list(query)).code, code, JSON.stringify(query));
  }
  assert.equal((await list({ offset: '4900', limit: '100' })).code, '0');
});

test('what the books say of shipping, delivery and cancellation is read from the items', async () => {
  const { sandbox, seller, world } = createWorld();
  const { items, list } = await seller();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  assert.deepEqual(
    (await items(orderId)).map((item) => item.package_id),
    ['', '', '', ''],
  );
  world.now += DAY_MS;
  sandbox.books.ship(orderId, { carrier: 'DPD', trackingNumber: 'T1' });
  const shipped = await items(orderId);
  assert.equal(new Set(shipped.map((item) => item.package_id)).size, 1);
  assert.deepEqual(
    [shipped[0].status, shipped[0].shipment_provider, shipped[0].tracking_code, shipped[0].updated_at],
    ['shipped', 'DPD', 'T1', '2026-11-25 14:00:00 +0800'],
  );
  sandbox.books.deliver(orderId);
  assert.equal((await items(orderId))[0].status, 'delivered');
  const cancelled = sandbox.books.place(FIRST, DRAFT).orderId;
  sandbox.books.cancel(cancelled);
  const [item] = await items(cancelled);
  assert.deepEqual([item.status, item.cancel_return_initiator], ['canceled', 'cancellation-customer']);
  assert.deepEqual(
    (await list()).data.orders.map((order: Json) => order.statuses),
    [['delivered'], ['canceled']],
  );
});
