import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { order as orderSchema } from '#events/order.ts';
import { ebayApp } from '#marketplaces/ebay/app.ts';
import { orders } from '#marketplaces/ebay/orders.ts';
import type { OrderPage } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import registration from '#test/vectors/ebay/app.json' with { type: 'json' };
import vector from '#test/vectors/ebay/order.json' with { type: 'json' };

const connection = { connectionId: 'ebay-1', sellerId: 'sEllEr0Id01', settings: {} };
const from = Date.parse('2026-11-24T00:00:00.000Z');
const to = Date.parse('2026-11-24T01:00:00.000Z');
const context = { app: ebayApp.parse(registration), connection, accessToken: 'v^1.1#a', now: to + 60_000 };
const HOST = 'https://api.ebay.com/sell/fulfillment/v1/order';

type ReadPage = (response: object, on: object, window: { from: number; to: number; pageToken?: string }) => OrderPage;
const readPage = orders.readPage as ReadPage;

/** eBay's answer for the orders `ids` of a window, by offset and limit. */
function answerPage(ids: readonly string[], offset: number, limit: number) {
  const page = ids.slice(offset, offset + limit);
  const next = offset + limit < ids.length ? { next: `${HOST}?offset=${offset + limit}` } : {};
  const list = page.map((orderId) => ({ ...vector.source, orderId }));
  return {
    status: 200,
    headers: {},
    body: JSON.stringify({ href: HOST, total: ids.length, limit, offset, ...next, orders: list }),
  };
}

test('a page asks for a closed window with encoded brackets', () => {
  const { operation, request } = orders.pageCall(context, { from, to, pageToken: undefined });
  assert.equal(operation, 'getOrders');
  assert.equal(
    request.url,
    `${HOST}?filter=lastmodifieddate:%5B2026-11-24T00:00:00.000Z..2026-11-24T01:00:00.000Z%5D&limit=200&offset=0`,
  );
  assert.equal(request.headers.authorization, 'Bearer v^1.1#a');
});

test('a page token goes on at its offset, and no page is larger than eBay allows', () => {
  const url = (pageSize: number) => orders.pageCall(context, { from, to, pageToken: '400:950', pageSize }).request.url;
  assert.match(url(50), /&limit=50&offset=400$/);
  assert.match(url(500), /&limit=200&offset=400$/);
});

test('details are asked for by id, at most 50 in one call', () => {
  const { operation, request } = orders.detailCall(context, ['01-03955-36441', '01-03955-36442']);
  assert.equal(operation, 'getOrders');
  assert.equal(request.url, `${HOST}?orderIds=01-03955-36441,01-03955-36442`);
  assert.equal(orders.detailBatch, 50);
});

test("an order in eBay's form becomes one in Sluice's, its buyer set apart", () => {
  const body = JSON.stringify({ total: 1, limit: 50, offset: 0, orders: [vector.source] });
  const [read] = orders.readDetails({ status: 200, headers: {}, body }, connection);
  const { order, buyer, raw } = vector;
  assert.deepEqual(JSON.parse(JSON.stringify(read)), { order, buyer, raw, buyerAccounts: ['buyer_name'] });
  assert.deepEqual(orderSchema.parse(read!.order), vector.order);
  const kept = JSON.stringify([read!.order, read!.raw]);
  assert.doesNotMatch(kept, /Ada|Any Street|San Jose|4085550100|members\.ebay|buyer_name|ABC 123/);
});

test('an order without an address has no buyer, one without costs no unit price', () => {
  const { fulfillmentStartInstructions: _, fulfillmentHrefs: __, ...bare } = vector.source;
  const lineItems = [
    { lineItemId: '1', quantity: 1 },
    { lineItemId: '2', quantity: 0, lineItemCost: { value: '0.0', currency: 'USD' } },
  ];
  const body = JSON.stringify({ orders: [{ ...bare, lineItems }] });
  const [read] = orders.readDetails({ status: 200, headers: {}, body }, connection);
  assert.equal(read!.buyer, null);
  assert.deepEqual(read!.order.packages, []);
  assert.deepEqual(
    read!.order.lines.map((line) => line.unitPrice),
    [null, null],
  );
});

for (const { fulfillment, payment, cancel, status, marketplaceStatus } of vector.statuses) {
  test(`${fulfillment}, payment ${payment}, cancellation ${cancel}: ${status}`, () => {
    const source = {
      ...vector.source,
      orderFulfillmentStatus: fulfillment,
      orderPaymentStatus: payment,
      cancelStatus: { cancelState: cancel },
    };
    const body = JSON.stringify({ orders: [source] });
    const [read] = orders.readDetails({ status: 200, headers: {}, body }, connection);
    assert.deepEqual(
      { status: read!.order.status, marketplaceStatus: read!.order.marketplaceStatus },
      { status, marketplaceStatus },
    );
  });
}

test('a cancelled order has every unit cancelled, any other none', () => {
  for (const [cancelState, quantities] of [
    ['CANCELED', [6, 1]],
    ['IN_PROGRESS', [0, 0]],
  ] as const) {
    const body = JSON.stringify({ orders: [{ ...vector.source, cancelStatus: { cancelState } }] });
    const [read] = orders.readDetails({ status: 200, headers: {}, body }, connection);
    assert.deepEqual(
      read!.order.lines.map(({ cancelledQuantity }) => cancelledQuantity),
      quantities,
    );
  }
});

test('a field that is only kept never makes an order unreadable', () => {
  const odd = { paymentSummary: 'none', totalMarketplaceFee: [], salesRecordReference: { a: 1 } };
  const body = JSON.stringify({ orders: [{ ...vector.source, ...odd }] });
  const [read] = orders.readDetails({ status: 200, headers: {}, body }, connection);
  assert.deepEqual(read!.order, vector.order);
});

test('an empty window is one empty page', () => {
  assert.deepEqual(readPage(answerPage([], 0, 200), connection, { from, to }), {
    orders: [],
    orderIds: [],
    nextPageToken: undefined,
  });
});

test('an order that leaves the window during a scan makes no other one be skipped', () => {
  const ids = Array.from({ length: 6 }, (_, index) => `order-${index}`);
  const first = readPage(answerPage(ids, 0, 2), connection, { from, to });
  assert.equal(first.nextPageToken, '2:6');
  const left = ids.slice(1); // order-0 changed; order-2 now stands at offset 1
  const second = readPage(answerPage(left, 2, 2), connection, { from, to, pageToken: '2:6' });
  assert.equal(second.nextPageToken, '1:5');
});

test('an order that turns up late makes the scan begin again', () => {
  const ids = Array.from({ length: 7 }, (_, index) => `order-${index}`);
  assert.equal(readPage(answerPage(ids, 2, 2), connection, { from, to, pageToken: '2:6' }).nextPageToken, '0:7');
});

test('a scan ends having read every order that stayed in the window, whatever leaves it meanwhile', () => {
  const leaving = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { maxLength: 20 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 5 }), leaving, (count, pageSize, waves) => {
      let ids = Array.from({ length: count }, (_, index) => `order-${index}`);
      const seen = new Set<string>();
      let pageToken: string | undefined;
      for (let calls = 0; ; calls++) {
        assert.ok(calls < 300, 'the scan does not end');
        const window = { from, to, pageToken };
        const { url } = orders.pageCall(context, { ...window, pageSize }).request;
        const offset = Number(new URL(url).searchParams.get('offset'));
        const page = orders.readPage as (...args: unknown[]) => OrderPage;
        const { orders: read, nextPageToken } = page(answerPage(ids, offset, pageSize), connection, window);
        for (const { order } of read) seen.add(order.orderId);
        if (nextPageToken === undefined) break;
        pageToken = nextPageToken;
        const gone = new Set(waves[calls]?.map((index) => `order-${index}`));
        ids = ids.filter((id) => !gone.has(id));
      }
      assert.deepEqual(
        ids.filter((id) => !seen.has(id)),
        [],
      );
    }),
  );
});

test('a page token that is none is refused in the words that make the window start anew', () => {
  for (const pageToken of ['', '200', '200:', '-1:5', '1e3:5', 'abc']) {
    assert.throws(
      () => orders.pageCall(context, { from, to, pageToken }),
      (failure) => failure instanceof Failure && orders.isPageTokenExpired(failure),
      pageToken,
    );
  }
  assert.equal(orders.isPageTokenExpired(new Failure('permanent', '', { code: 'ebay-30800' })), false);
});

test('a page that is not whole, or not the one asked for, is never read as one', () => {
  const whole = answerPage(['a', 'b', 'c'], 0, 2);
  const bodies = [
    whole.body.slice(0, whole.body.length / 2),
    '<html>',
    '{"total":0,"offset":0}',
    '{"total":5,"offset":0,"orders":[]}',
    '{"total":1,"offset":0,"orders":[{"orderId":"a"}]}',
  ];
  const unreadable = { kind: 'retryable', code: 'unreadable-answer' };
  for (const body of bodies) {
    assert.throws(() => readPage({ ...whole, body }, connection, { from, to }), unreadable, body);
  }
  assert.throws(() => readPage(whole, connection, { from, to, pageToken: '2:3' }), unreadable);
});
