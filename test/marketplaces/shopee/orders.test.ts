import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimal, ORDER_STATUSES, order as orderSchema } from '#events/order.ts';
import { plainDecimal, price } from '#marketplaces/shopee/body.ts';
import { shopee } from '#marketplaces/shopee/index.ts';
import { Failure } from '#platform/runtime/failure.ts';
import kept from '#test/vectors/shopee/kept-order.json' with { type: 'json' };
import details from '#test/vectors/shopee/order-details.json' with { type: 'json' };
import pages from '#test/vectors/shopee/order-pages.json' with { type: 'json' };
import signing from '#test/vectors/shopee/signing.json' with { type: 'json' };
import { answer, app, connection, NOW } from './app.ts';

const { orders } = shopee;
const DAY_MS = 86_400_000;
const accessToken = '546173746174657374746f6b656e31';
const context = { app: { ...app, partnerKey: signing.partnerKey }, connection, accessToken, now: NOW + 1 };

const unreadable = (thrown: unknown) =>
  thrown instanceof Failure && thrown.kind === 'retryable' && thrown.code === 'unreadable-answer';

test('a page is asked for by update time, in seconds, with the signature of the published vector', () => {
  const { operation, request } = orders.pageCall(context, { from: NOW - DAY_MS + 999, to: NOW, pageToken: undefined });
  assert.equal(operation, 'getOrderList');
  assert.equal(request.method, 'GET');
  const url = new URL(request.url);
  assert.equal(url.origin + url.pathname, 'https://partner.shopeemobile.com/api/v2/order/get_order_list');
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    partner_id: '2001887',
    timestamp: '1764547200',
    sign: signing.cases.find(({ name }) => name === 'shop_api')?.sign,
    access_token: accessToken,
    shop_id: '14701711',
    time_range_field: 'update_time',
    time_from: '1764460800',
    time_to: '1764547200',
    page_size: '100',
    cursor: '',
    response_optional_fields: 'order_status',
    request_order_status_pending: 'true',
  });
});

test('the next page is asked for with the cursor, and no page is larger than Shopee takes', () => {
  const window = { from: NOW - DAY_MS, to: NOW, pageToken: 'a b&c' };
  const small = new URL(orders.pageCall(context, { ...window, pageSize: 20 }).request.url).searchParams;
  assert.equal(small.get('cursor'), 'a b&c');
  assert.equal(small.get('page_size'), '20');
  const large = new URL(orders.pageCall(context, { ...window, pageSize: 500 }).request.url).searchParams;
  assert.equal(large.get('page_size'), '100');
});

test('the longest window stays within 15 days once cut to seconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 2000 }), (offset, less) => {
      const from = NOW + offset;
      const window = { from, to: from + orders.maxWindowMs - less, pageToken: undefined };
      const query = new URL(orders.pageCall(context, window).request.url).searchParams;
      assert.ok(Number(query.get('time_to')) - Number(query.get('time_from')) <= 15 * 86_400);
    }),
  );
});

const window = { from: NOW - DAY_MS, to: NOW, pageToken: undefined };

for (const { name, body, page } of pages) {
  test(`a page is ${page ? 'read' : 'refused'}: ${name}`, () => {
    if (page) {
      return assert.deepEqual(orders.readPage(answer(body), connection, window), { nextPageToken: undefined, ...page });
    }
    assert.throws(() => orders.readPage(answer(body), connection, window), unreadable);
  });
}

test('a cursor that Shopee refuses is an expired page token, and no other failure is', () => {
  const refusal = (message: string) => answer(JSON.stringify({ error: 'error_param', message }));
  const cursor = shopee.readFailure(refusal('Invalid cursor.'), 'getOrderList');
  const other = shopee.readFailure(refusal('Invalid page_size.'), 'getOrderList');
  assert.ok(cursor && other);
  assert.equal(orders.isPageTokenExpired(cursor), true);
  assert.equal(orders.isPageTokenExpired(other), false);
});

test('details are asked for by order number, with no field that is not read', () => {
  const { operation, request } = orders.detailCall(context, ['251201AAAAAAA1', '251201AAAAAAA2']);
  assert.equal(operation, 'getOrderDetail');
  const url = new URL(request.url);
  assert.equal(url.pathname, '/api/v2/order/get_order_detail');
  assert.equal(url.searchParams.get('order_sn_list'), '251201AAAAAAA1,251201AAAAAAA2');
  assert.equal(url.searchParams.get('request_order_status_pending'), 'true');
  assert.equal(
    url.searchParams.get('response_optional_fields'),
    'buyer_user_id,buyer_username,cancel_by,cancel_reason,fulfillment_flag,item_list,package_list,pay_time,payment_method,' +
      'pickup_done_time,recipient_address,shipping_carrier,split_up,total_amount',
  );
  assert.equal(orders.detailBatch, 50);
});

for (const { name, body, orders: expected } of details) {
  test(`details are ${expected ? 'read' : 'refused'}: ${name}`, () => {
    if (!expected) return assert.throws(() => orders.readDetails(answer(body), connection), unreadable);
    const read = orders.readDetails(answer(body), connection);
    assert.deepEqual(
      read.map(({ order, buyer }) => ({ order, buyer })),
      expected,
    );
    for (const { order } of read) orderSchema.parse(order);
  });
}

test("what is kept of an order is Shopee's own, with every digit, and nothing of the buyer", () => {
  const [read] = orders.readDetails(answer(kept.body), connection);
  assert.deepEqual(JSON.parse(JSON.stringify(read!.raw)), kept.raw);
  assert.deepEqual(read!.order.lines, kept.lines);
  assert.doesNotMatch(JSON.stringify([read!.order, read!.raw]), /Ada|ada_buyer|Example Street|90001111|secret/);
});

test('a field that is only kept never makes an order unreadable', () => {
  const odd = kept.body.replace('"cod":false', '"cod":[],"cancel_by":{"a":1},"payment_method":7');
  const [read] = orders.readDetails(answer(odd), connection);
  assert.deepEqual(read!.order.lines, kept.lines);
});

for (const [word, status] of Object.entries({
  UNPAID: 'pending',
  PENDING: 'pending',
  READY_TO_SHIP: 'unshipped',
  PROCESSED: 'unshipped',
  RETRY_SHIP: 'unshipped',
  IN_CANCEL: 'unshipped',
  SHIPPED: 'shipped',
  TO_CONFIRM_RECEIVE: 'shipped',
  COMPLETED: 'delivered',
  CANCELLED: 'cancelled',
  TO_RETURN: 'returned',
  SOMETHING_NEW: 'pending',
  constructor: 'pending',
})) {
  test(`${word} is ${status}`, () => {
    const body = details[0]?.body.replace('"SHIPPED"', JSON.stringify(word)) ?? '';
    const [read] = orders.readDetails(answer(body), connection);
    assert.equal(read?.order.status, status);
    assert.equal(read?.order.marketplaceStatus, word);
    assert.ok(ORDER_STATUSES.includes(status as (typeof ORDER_STATUSES)[number]));
  });
}

for (const [written, read] of [
  ['0', '0'],
  ['-0.0', '0'],
  ['1004.0', '1004'],
  ['15.30', '15.3'],
  ['0.1', '0.1'],
  ['19.989999999999998', '19.989999999999998'],
  ['1.5e+07', '15000000'],
  ['1.5E-3', '0.0015'],
  ['1234e-2', '12.34'],
  ['123456789012345678.25', '123456789012345678.25'],
] as const) {
  test(`the price ${written} is read as ${read}`, () => {
    assert.equal(plainDecimal(price.parse(written)), read);
  });
}

test('a price is read as the same number, without an exponent', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: -40, max: 40 }), (digits, exponent) => {
      const number = Number(`${digits}e${exponent}`);
      const read = plainDecimal(price.parse(JSON.stringify(number)));
      decimal.parse(read);
      assert.equal(Number(read), number === 0 ? 0 : number);
    }),
  );
});

test('what is no price, or would fill the memory, is refused', () => {
  for (const written of ['', 'free', '1,5', '.5', '1e999999999', 'NaN', '0x10']) {
    assert.equal(price.safeParse(written).success, false, written);
  }
});
