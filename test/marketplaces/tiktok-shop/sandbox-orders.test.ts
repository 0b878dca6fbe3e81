import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, DRAFT, GB_SHOP, idsOf, type Json, MINUTE_MS, ORDERS, SG_SHOP, START } from './sandbox-world.ts';

const NOW = START / 1000;
const INVALID_PARAMETER = 36009004;

test('pages together hold every order of the window once, whatever changes in between', async () => {
  for (const sort_order of ['ASC', 'DESC']) {
    const world = createWorld();
    const placed: string[] = [];
    for (let count = 0; count < 25; count++) {
      placed.push(world.place().orderId);
      await world.advance(count % 3 === 0 ? 0 : 1000); // some in the same second
    }
    const query = { page_size: 10, sort_field: 'create_time', sort_order };
    const window = { create_time_ge: NOW, create_time_lt: world.now() / 1000 + 1 };
    const seen: string[] = [];
    let page_token = '';
    do {
      const { body } = await world.search({ ...query, page_token }, window);
      assert.deepEqual([body.code, body.data.total_count], [0, 25]);
      seen.push(...body.data.orders.map((order: Json) => order.id));
      page_token = body.data.next_page_token;
      await world.advance(2000);
      if (seen.length === 10) {
        world.sandbox.books.ship(seen[0]!, { carrier: 'DPD', trackingNumber: 'GB1' });
        world.place();
      }
    } while (page_token !== '');
    assert.deepEqual(seen, sort_order === 'ASC' ? placed : placed.toReversed());
  }
});

test('an order that changes between two pages of a list by update_time is met again at its end', async () => {
  const world = createWorld();
  const placed: string[] = [];
  for (let count = 0; count < 4; count++) {
    placed.push(world.place().orderId);
    await world.advance(1000);
  }
  const query = { page_size: 2, sort_field: 'update_time', sort_order: 'ASC' };
  const first = await world.search(query);
  world.sandbox.books.cancel(placed[0]!);
  const second = await world.search({ ...query, page_token: first.body.data.next_page_token });
  const third = await world.search({ ...query, page_token: second.body.data.next_page_token });
  assert.deepEqual([...idsOf(first), ...idsOf(second), ...idsOf(third)], [...placed, placed[0]]);
});

test('a window holds its beginning and not its end, and other shops stay out of it', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  world.place(SG_SHOP);
  const found = async (update_time_ge: number, update_time_lt: number) =>
    idsOf(await world.search({ sort_field: 'update_time' }, { update_time_ge, update_time_lt }));
  assert.deepEqual(await found(NOW, NOW + 1), [orderId]);
  assert.deepEqual(await found(NOW - 1, NOW), []);
  assert.deepEqual(await found(NOW + 1, NOW + 2), []);
  assert.deepEqual(await found(NOW + 1, NOW - 1), []);
});

test('creation and last change are two windows, in either order of the list', async () => {
  const world = createWorld();
  const { orderId } = world.place();
  await world.advance(MINUTE_MS);
  world.sandbox.books.ship(orderId, { carrier: 'DPD', trackingNumber: 'GB1' });
  for (const sort_field of ['create_time', 'update_time']) {
    const found = async (body: Json) => idsOf(await world.search({ sort_field }, body));
    assert.deepEqual(await found({ update_time_ge: NOW, update_time_lt: NOW + 1 }), []);
    assert.deepEqual(await found({ create_time_ge: NOW, create_time_lt: NOW + 1 }), [orderId]);
    assert.deepEqual(await found({ create_time_ge: NOW, update_time_ge: NOW + 60 }), [orderId]);
  }
});

test('filters pick from the list and its count', async () => {
  const world = createWorld();
  const shipped = world.place();
  const placed = world.place();
  world.sandbox.books.ship(shipped.orderId, { carrier: 'DPD', trackingNumber: 'GB1' });
  const { user_id, warehouse_id } = await world.order(placed.orderId);
  const found = async (body: Json) => {
    const answer = await world.search({}, body);
    assert.equal(answer.body.data.total_count, idsOf(answer).length);
    return idsOf(answer);
  };
  assert.deepEqual(await found({ order_status: 'IN_TRANSIT' }), [shipped.orderId]);
  assert.deepEqual(await found({ order_status: 'AWAITING_SHIPMENT' }), [placed.orderId]);
  assert.deepEqual(await found({ order_status: 'UNPAID' }), []);
  const both = [placed.orderId, shipped.orderId];
  assert.deepEqual(await found({ buyer_user_id: user_id, warehouse_ids: [warehouse_id] }), both);
  assert.deepEqual(await found({ shipping_type: 'SELLER', is_buyer_request_cancel: false }), both);
  assert.deepEqual(await found({ buyer_user_id: '1' }), []);
  assert.deepEqual(await found({ warehouse_ids: ['1'] }), []);
  assert.deepEqual(await found({ shipping_type: 'TIKTOK' }), []);
  assert.deepEqual(await found({ is_buyer_request_cancel: true }), []);
});

test('wrong parameters are refused by name', async () => {
  const world = createWorld();
  const refusal = async (query: Record<string, string | number>, body: Json) => (await world.search(query, body)).body;
  const wrong: [string, Record<string, string | number>, Json][] = [
    ['page_size', { page_size: 0 }, {}],
    ['page_size', { page_size: 101 }, {}],
    ['page_size', { page_size: '' }, { page_size: 10 }],
    ['sort_field', { sort_field: 'paid_time' }, {}],
    ['sort_order', { sort_order: 'asc' }, {}],
    ['update_time_ge', {}, { update_time_ge: String(NOW) }],
    ['order_status', {}, { order_status: 'CANCEL' }],
  ];
  for (const [name, query, filter] of wrong) {
    const { code, message } = await refusal(query, filter);
    assert.equal(code, INVALID_PARAMETER, name);
    assert.ok(message.includes(name), message);
  }
});

test('a page token is refused with another list, when it is made up, and when it was told to expire', async () => {
  const world = createWorld();
  for (let count = 0; count < 3; count++) world.place();
  const { next_page_token: page_token } = (await world.search({ page_size: 1 })).body.data;
  const code = async (query: Record<string, string | number>, body: Json = {}) =>
    (await world.search({ page_size: 1, page_token, ...query }, body)).body.code;
  assert.equal(await code({}), 0);
  assert.equal(await code({ page_size: 2 }), 0, 'the size of a page may change');
  assert.equal(await code({ sort_order: 'ASC' }), INVALID_PARAMETER);
  assert.equal(await code({}, { create_time_ge: 0 }), INVALID_PARAMETER);
  assert.equal(await code({ page_token: 'MjA=' }), INVALID_PARAMETER);
  world.faults.next('expire-page-token');
  assert.equal(await code({}), INVALID_PARAMETER);
});

test('up to 50 orders are read at once, and what is not the shop’s is left out', async () => {
  const world = createWorld();
  const own = world.place().orderId;
  const foreign = world.place(SG_SHOP).orderId;
  const read = (ids: string[]) => world.call(ORDERS, { query: { ids: ids.join(',') } });
  assert.deepEqual(idsOf(await read([own, foreign, '1', own])), [own]);
  const many = Array.from({ length: 51 }, (_, index) => String(index));
  assert.equal((await read(many.slice(1))).body.code, 0);
  assert.equal((await read(many)).body.code, INVALID_PARAMETER);
  assert.equal((await world.call(ORDERS, { query: { ids: '' } })).body.code, INVALID_PARAMETER);
});

test('an order is the books: one element for each unit, the buyer unmasked, money as text', async () => {
  const world = createWorld();
  const book = world.place();
  const order = await world.order(book.orderId);
  assert.deepEqual(
    [order.status, order.create_time, order.update_time, order.paid_time, order.shipping_type],
    ['AWAITING_SHIPMENT', NOW, NOW, NOW, 'SELLER'],
  );
  const units = order.line_items.map((unit: Json) => [unit.id, unit.seller_sku, unit.product_name, unit.sale_price]);
  const [first, second] = book.lines;
  assert.equal(units.length, 4);
  assert.deepEqual(units[0], [first!.lineId, '85123A', 'WHITE HANGING HEART T-LIGHT HOLDER', '2.55']);
  assert.deepEqual(units[3], [second!.lineId, '71053', 'WHITE METAL LANTERN', '3.39']);
  assert.equal(new Set(units.map(([id]: string[]) => id)).size, 4);
  assert.deepEqual([order.payment.currency, order.payment.total_amount], ['GBP', '11.04']);
  assert.equal(order.buyer_email, 'ann@example.test');
  const { name, first_name, last_name, phone_number, full_address, post_town, postal_code, region_code } =
    order.recipient_address;
  assert.deepEqual(
    [name, first_name, last_name, phone_number, full_address, post_town, postal_code, region_code],
    [
      'Ann Mary Example',
      'Ann',
      'Mary Example',
      '(+44)1632 960001',
      '1 Test Street, Leeds, LS1 1AA, GB',
      'Leeds',
      'LS1 1AA',
      'GB',
    ],
  );
});

test('the units of an order name what is offered, by the same ids as the listing', async () => {
  const world = createWorld();
  const { reference } = world.sandbox.books.listing(GB_SHOP, '71053');
  const { line_items } = await world.order(world.place().orderId);
  const { product_id, sku_id } = line_items[3];
  assert.deepEqual([product_id, sku_id], [reference.productId, reference.skuId]);
  assert.notEqual(line_items[0].sku_id, sku_id);
});

test('the same SKU at the same price is one line of the books, as TikTok Shop can’t tell more', () => {
  const world = createWorld();
  const [heart] = DRAFT.lines;
  const lines = [heart!, { ...heart!, unitPrice: '2.550' }, { ...heart!, unitPrice: '1.00' }];
  const order = world.sandbox.books.place(GB_SHOP, { ...DRAFT, lines });
  assert.deepEqual(
    order.lines.map(({ quantity, unitPrice }) => [quantity, unitPrice]),
    [
      [6, '2.55'],
      [3, '1.00'],
    ],
  );
});

test('a shipped, a delivered and a cancelled order say so in their status, times and units', async () => {
  const world = createWorld();
  const sent = world.place();
  const lost = world.place();
  await world.advance(MINUTE_MS + 500);
  world.sandbox.books.ship(sent.orderId, { carrier: 'Royal Mail', trackingNumber: 'GB1' });
  world.sandbox.books.cancel(lost.orderId);

  const shipped = await world.order(sent.orderId);
  assert.deepEqual(
    [shipped.status, shipped.rts_time, shipped.update_time, shipped.tracking_number, shipped.shipping_provider],
    ['IN_TRANSIT', NOW + 60, NOW + 60, 'GB1', 'Royal Mail'],
  );
  assert.equal(shipped.packages.length, 1);
  for (const unit of shipped.line_items) {
    assert.deepEqual(
      [unit.display_status, unit.package_status, unit.tracking_number, unit.package_id],
      ['IN_TRANSIT', 'FULFILLING', 'GB1', shipped.packages[0].id],
    );
  }
  const cancelled = await world.order(lost.orderId);
  assert.deepEqual(
    [cancelled.status, cancelled.cancel_time, cancelled.cancellation_initiator],
    ['CANCELLED', NOW + 60, 'BUYER'],
  );
  assert.deepEqual([cancelled.line_items[0].display_status, cancelled.packages], ['CANCELLED', []]);

  world.sandbox.books.deliver(sent.orderId);
  const delivered = await world.order(sent.orderId);
  assert.deepEqual([delivered.status, delivered.delivery_time], ['DELIVERED', NOW + 60]);
  assert.equal(delivered.line_items[0].display_status, 'DELIVERED');
});
