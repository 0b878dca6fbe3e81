import assert from 'node:assert/strict';
import { test } from 'node:test';
import { order as orderSchema } from '#events/order.ts';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { OrderPage, ReadOrder } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import details from '#test/vectors/amazon/details.json' with { type: 'json' };
import pages from '#test/vectors/amazon/pages.json' with { type: 'json' };
import { connection, failureOf } from './support.ts';

type PageVector = { name: string; response: HttpResponse; page: Omit<OrderPage, 'nextPageToken'> };
type DetailVector = { name: string; response: HttpResponse } & ReadOrder;

const window = { from: 0, to: 1, pageToken: undefined };
const pageVectors = pages as unknown as PageVector[];
const detailVectors = details as unknown as DetailVector[];

for (const { name, response, page } of pageVectors) {
  test(`page: ${name}`, () => {
    assert.equal(amazon.readFailure(response, 'searchOrders'), undefined);
    const { orders, ...rest } = amazon.orders.readPage(response, connection, window);
    const read = { ...rest, orders: orders.map(({ order, buyer }) => ({ order, buyer })) };
    assert.deepEqual(read, { nextPageToken: undefined, ...page });
  });
}

for (const { name, response, order, buyer } of detailVectors) {
  test(`order: ${name}`, () => {
    assert.equal(amazon.readFailure(response, 'getOrder'), undefined);
    const [read, ...more] = amazon.orders.readDetails(response, connection);
    assert.deepEqual([read?.order, read?.buyer, more], [order, buyer, []]);
    orderSchema.strict().parse(read!.order);
  });
}

test('no personal data of the buyer is in an order', () => {
  for (const { order, buyer } of [...pageVectors.flatMap(({ page }) => page.orders), ...detailVectors]) {
    const personal = [buyer?.name, buyer?.email, buyer?.phone, buyer?.postalCode, ...(buyer?.addressLines ?? [])];
    for (const value of personal) if (value) assert.equal(JSON.stringify(order).includes(value), false);
  }
});

test('a page cut off anywhere is an answer to ask for again, never a shorter page', () => {
  const { response } = pageVectors[0]!;
  for (let length = 0; length < response.body.length; length += 7) {
    const cut = { ...response, body: response.body.slice(0, length) };
    assert.equal(amazon.readFailure(cut, 'searchOrders')?.code, 'unreadable-answer');
    assert.equal(failureOf(() => amazon.orders.readPage(cut, connection, window)).kind, 'retryable');
  }
});

const missing: [string, (order: Record<string, unknown>) => void][] = [
  ['its id', (order) => delete order.orderId],
  ['its status', (order) => delete order.fulfillment],
  ['its items', (order) => delete order.orderItems],
  ['a readable time of change', (order) => Object.assign(order, { lastUpdatedTime: 'yesterday' })],
  [
    'a decimal total',
    (order) => Object.assign(order, { proceeds: { grandTotal: { amount: 'Maria', currencyCode: 'BRL' } } }),
  ],
];

for (const [what, remove] of missing) {
  test(`an order without ${what} makes the whole answer unreadable, and the failure quotes none of it`, () => {
    const whole = JSON.parse(detailVectors[0]!.response.body) as { order: Record<string, unknown> };
    remove(whole.order);
    const page = { status: 200, headers: {}, body: JSON.stringify({ orders: [whole.order] }) };
    const detail = { status: 200, headers: {}, body: JSON.stringify(whole) };
    for (const read of [
      () => amazon.orders.readPage(page, connection, window),
      () => amazon.orders.readDetails(detail, connection),
    ]) {
      const failure = failureOf(read);
      assert.deepEqual([failure.kind, failure.code], ['retryable', 'unreadable-answer']);
      assert.doesNotMatch(`${failure.message}${failure.cause}`, /Maria|Silva|Flores/);
    }
  });
}
