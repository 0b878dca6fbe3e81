import assert from 'node:assert/strict';
import { test } from 'node:test';
import { order as orderSchema } from '#events/order.ts';
import { shopify } from '#marketplaces/shopify/index.ts';
import vectors from '#test/vectors/shopify/orders.json' with { type: 'json' };
import { answer, connection, context, failureOf } from './support.ts';

const { orders } = shopify;
const { source, order, buyer, statuses } = vectors;
const WINDOW = { from: 0, to: 1_795_500_000_000, pageToken: undefined as string | undefined };
/** what else a parsed order may hold */
type Json = Record<string, unknown>;

const details = (...nodes: unknown[]) => answer({ data: { nodes } });
const read = (changed: Json = {}) => orders.readDetails(details({ ...source, ...changed }), connection)[0]!;
const page = (nodes: unknown[], pageInfo: object) => answer({ data: { orders: { nodes, pageInfo } } });
const readPage = (nodes: unknown[], pageInfo: object, pageToken?: string) =>
  orders.readPage(page(nodes, pageInfo), connection, { ...WINDOW, pageToken });

test('an order is read whole, its buyer apart', () => {
  assert.deepEqual(read().order, order);
  assert.deepEqual(read().buyer, buyer);
});

for (const { name, changed, status, marketplaceStatus, cancelled, returned, packages } of statuses) {
  test(`an order ${name} is ${status}`, () => {
    const found = read(changed as Json).order;
    assert.deepEqual([found.status, found.marketplaceStatus], [status, marketplaceStatus]);
    assert.deepEqual(
      found.lines.map((line) => line.cancelledQuantity),
      cancelled,
    );
    assert.deepEqual(
      found.lines.map((line) => line.returnedQuantity),
      returned,
    );
    assert.deepEqual(found.packages, packages);
    assert.ok(orderSchema.safeParse(found).success);
  });
}

test('what is kept of an order holds nothing of its buyer, and makes the same order again', () => {
  const { raw, order: found } = read();
  assert.doesNotMatch(JSON.stringify(raw), /ada|sample way|london|442071234567|customer/i);
  const again = orders.readDetails(details(raw), connection)[0]!;
  assert.deepEqual([again.order, again.buyer], [found, null]);
});

test('no query asks for more of a buyer than Sluice keeps', () => {
  const { body } = orders.detailCall(context, ['1']).request;
  assert.doesNotMatch(body ?? '', /customer|billingAddress|note|customAttributes|clientIp|latitude/);
});

test('an order of an app that is not approved for personal data has no buyer', () => {
  assert.equal(read({ email: null, phone: null, shippingAddress: null }).buyer, null);
});

test('a buyer with a company has it in the address, and the phone of the address before that of the order', () => {
  const shippingAddress = { ...source.shippingAddress, company: 'Engines Ltd', phone: '+441' };
  const found = read({ shippingAddress }).buyer;
  assert.deepEqual(found?.addressLines, ['Engines Ltd', '1 Ada Sample Way']);
  assert.equal(found?.phone, '+441');
});

test('money is what the buyer pays, in the buyer’s currency, as Shopify wrote it', () => {
  const totalPriceSet = { presentmentMoney: { amount: '2499', currencyCode: 'JPY' } };
  const found = read({ presentmentCurrencyCode: 'JPY', totalPriceSet }).order;
  assert.deepEqual([found.currency, found.total], ['JPY', '2499']);
});

test('a page has its orders and the way to the next, the last page none', () => {
  const first = readPage([source], { hasNextPage: true, endCursor: 'C1' });
  assert.deepEqual([first.orders.length, first.orderIds, first.nextPageToken], [1, [], 'C1']);
  assert.equal(readPage([source], { hasNextPage: false, endCursor: 'C2' }, 'C1').nextPageToken, undefined);
  assert.deepEqual(readPage([], { hasNextPage: false, endCursor: null }).orders, []);
});

test('a page that leads nowhere, or to itself, is never the last', () => {
  assert.equal(failureOf(() => readPage([], { hasNextPage: true, endCursor: null })).kind, 'retryable');
  assert.equal(failureOf(() => readPage([], { hasNextPage: true, endCursor: 'C1' }, 'C1')).kind, 'retryable');
});

test('a list that is not whole is no list', () => {
  const bodies = ['', '{}', '{"data":null}', '{"data":{"orders":null}}', '{"data":{"orders":{"nodes":[]}}}'];
  for (const body of bodies) {
    assert.equal(failureOf(() => orders.readPage(answer(body), connection, WINDOW)).kind, 'retryable');
  }
  assert.equal(failureOf(() => readPage([source, null], { hasNextPage: false })).kind, 'retryable');
});

for (const field of ['legacyResourceId', 'updatedAt', 'createdAt', 'lineItems', 'fulfillments', 'refunds']) {
  test(`an order without its ${field} is not read by halves`, () => {
    const { [field]: _, ...rest } = source as Json;
    assert.equal(failureOf(() => orders.readDetails(details(rest), connection)).kind, 'retryable');
  });
}

test('an order with more lines than one answer holds is not taken for a whole one', () => {
  const lineItems = { ...source.lineItems, pageInfo: { hasNextPage: true, endCursor: 'L1' } };
  const failure = failureOf(() => read({ lineItems }));
  assert.deepEqual([failure.kind, failure.code], ['permanent', 'too-many-lines']);
});

test('an order that the shop does not have is named as that', () => {
  const failure = failureOf(() => orders.readDetails(details(null), connection));
  assert.deepEqual([failure.kind, failure.code], ['permanent', 'order-not-found']);
});

test('a failure to read tells where, and nothing of what stands there', () => {
  const failure = failureOf(() => read({ updatedAt: 'Ada Example', legacyResourceId: 'Ada' }));
  assert.doesNotMatch(failure.message, /Ada/);
  assert.match(failure.message, /legacyResourceId|updatedAt/);
});
