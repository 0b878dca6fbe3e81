import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionDropped } from '#marketplaces/sandbox-kit/sandbox.ts';
import {
  createWorld,
  DAY_MS,
  DRAFT,
  errorOf,
  FIRST,
  idsOf,
  type Json,
  MINUTE_MS,
  SECOND,
  SECOND_MS,
  START,
  statusesOf,
} from './sandbox-world.ts';

const iso = (at: number): string => new Date(at).toISOString();

test('an order is shown with its money, its lines, its buyer and the state of each line', async () => {
  const { world, sandbox, call, sellerToken } = createWorld();
  const token = await sellerToken();
  const { orderId, lines } = sandbox.books.place(FIRST, DRAFT);
  assert.match(orderId, /^\d{13}$/);
  assert.deepEqual(
    lines.map((line) => line.lineId),
    ['1', '2'],
  );
  assert.equal(sandbox.books.place(FIRST, DRAFT).lines[0]?.lineId, '1');

  const { order } = (await call(token, `/v3/orders/${orderId}`)).body;
  assert.equal(order.purchaseOrderId, orderId);
  assert.equal(order.orderDate, START);
  assert.equal(order.customerEmailId, 'ada@relay.example');
  assert.equal(order.shippingInfo.postalAddress.name, 'Ada Example');
  assert.equal(order.shippingInfo.postalAddress.country, 'USA');
  assert.deepEqual(order.orderSummary.totalAmount, { currencyAmount: 18.69, currencyUnit: 'USD' });
  const [line] = order.orderLines.orderLine;
  assert.deepEqual(line.orderLineQuantity, { unitOfMeasurement: 'EACH', amount: '6' });
  assert.equal(line.charges.charge[0].chargeType, 'PRODUCT');
  assert.deepEqual(line.charges.charge[0].chargeAmount, { currency: 'USD', amount: 15.3 });
  assert.deepEqual(statusesOf(order), ['6 Created', '1 Created']);
  assert.equal(line.item.imageUrl, undefined);
  const withInfo = await call(token, `/v3/orders/${orderId}?productInfo=true`);
  assert.equal(withInfo.body.order.orderLines.orderLine[0].item.weight.unit, 'Pounds');

  world.now += MINUTE_MS;
  sandbox.books.ship(orderId, { carrier: 'DPD', trackingNumber: 'T1' });
  const shipped = (await call(token, `/v3/orders/${orderId}`)).body.order;
  assert.deepEqual(statusesOf(shipped), ['6 Shipped', '1 Shipped']);
  const { trackingInfo } = shipped.orderLines.orderLine[0].orderLineStatuses.orderLineStatus[0];
  assert.deepEqual(trackingInfo.carrierName, { otherCarrier: 'DPD' });
  assert.equal(trackingInfo.trackingNumber, 'T1');
  assert.equal(shipped.orderLines.orderLine[0].statusDate, world.now);
  sandbox.books.deliver(orderId);
  assert.deepEqual(statusesOf((await call(token, `/v3/orders/${orderId}`)).body.order), ['6 Delivered', '1 Delivered']);
});

test("another seller's order and an unknown one are not found", async () => {
  const { sandbox, call, list, sellerToken } = createWorld();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  const foreign = await sellerToken(2);
  for (const id of [orderId, '1000000000000']) {
    const answer = await call(foreign, `/v3/orders/${id}`);
    assert.deepEqual([answer.status, answer.body.errors[0].code], [404, 'NOT_FOUND.GMP_ORDER_API']);
  }
  assert.deepEqual(idsOf(await list(foreign)), []);
});

test('a list starts seven days back unless told, and never reaches further than 180 days', async () => {
  const { world, sandbox, list, sellerToken } = createWorld();
  const first = sandbox.books.place(FIRST, DRAFT).orderId;
  world.now += 8 * DAY_MS;
  const second = sandbox.books.place(FIRST, DRAFT).orderId;
  sandbox.books.cancel(first);
  const token = await sellerToken();
  assert.deepEqual(idsOf(await list(token)), [second]);
  const modified = { lastModifiedStartDate: iso(world.now - MINUTE_MS) };
  assert.deepEqual(idsOf(await list(token, modified)), [second], 'the default for creation still holds');
  const both = await list(token, { ...modified, createdStartDate: '2026-11-01' });
  assert.deepEqual(idsOf(both).sort(), [first, second].sort());
  assert.deepEqual(idsOf(await list(token, { createdStartDate: '2026-11-01', createdEndDate: '2026-11-25' })), [first]);

  world.now = START + 180 * DAY_MS + 1;
  const later = await sellerToken();
  assert.deepEqual(idsOf(await list(later, { createdStartDate: '2026-01-01' })), [second]);
});

test('a list is filtered by time of change, to the millisecond and with any zone', async () => {
  const { world, sandbox, list, sellerToken } = createWorld();
  const orders = [0, 1, 2].map(() => {
    const { orderId } = sandbox.books.place(FIRST, DRAFT);
    world.now += MINUTE_MS;
    return orderId;
  });
  const token = await sellerToken();
  const between = async (from: string, to: string) =>
    idsOf(await list(token, { lastModifiedStartDate: from, lastModifiedEndDate: to }));
  assert.deepEqual(await between('2026-11-24T06:00:00.001Z', '2026-11-24T06:02:00Z'), [orders[2], orders[1]]);
  assert.deepEqual(await between('2026-11-24T07:01:00+0100', '2026-11-24T07:01:00+01:00'), [orders[1]]);
});

test('a list is filtered by status, SKU, ids, promised shipping and kind', async () => {
  const { world, sandbox, list, sellerToken } = createWorld();
  const first = sandbox.books.place(FIRST, DRAFT).orderId;
  world.now += SECOND_MS;
  const other = { ...DRAFT, lines: [{ sku: '22423', title: 'CAKESTAND', quantity: 1, unitPrice: '12.75' }] };
  const second = sandbox.books.place(FIRST, other).orderId;
  sandbox.books.cancel(second);
  const token = await sellerToken();
  const found = async (query: Record<string, string>) => idsOf(await list(token, query));
  assert.deepEqual(await found({ status: 'Created' }), [first]);
  assert.deepEqual(await found({ status: 'Cancelled' }), [second]);
  assert.deepEqual(await found({ sku: '22423' }), [second]);
  assert.deepEqual(await found({ purchaseOrderId: first }), [first]);
  assert.deepEqual(await found({ customerOrderId: `2${first.slice(1)}` }), [first]);
  assert.deepEqual(await found({ fromExpectedShipDate: iso(START + 2 * DAY_MS + 1) }), [second]);
  assert.deepEqual(await found({ shipNodeType: 'WFSFulfilled' }), []);
  assert.deepEqual(await found({ orderType: 'REPLACEMENT' }), []);
  assert.equal((await found({ orderType: 'REGULAR' })).length, 2);
});

test('a wrong parameter is refused by name', async () => {
  const { list, sellerToken } = createWorld();
  const token = await sellerToken();
  for (const [name, value] of [
    ['limit', '201'],
    ['limit', '0'],
    ['status', 'Lost'],
    ['createdStartDate', 'yesterday'],
    ['createdStartDate', '2026-13-01'],
    ['lastModifiedStartDate', '2026-11-24T06:00:00'],
    ['shipNodeType', 'Drone'],
  ] as const) {
    const answer = await list(token, { [name]: value });
    assert.deepEqual([answer.status, errorOf(answer)], [400, 'INVALID_REQUEST_CONTENT']);
    assert.equal(answer.body.errors[0].field, name);
  }
});

test('pages hold every order once, and orders placed meanwhile do not move them', async () => {
  const { world, sandbox, call, list, sellerToken } = createWorld();
  const placed = Array.from({ length: 5 }, () => {
    world.now += SECOND_MS;
    return sandbox.books.place(FIRST, DRAFT).orderId;
  });
  const token = await sellerToken();
  let page = await list(token, { limit: '2', lastModifiedStartDate: iso(START) });
  assert.equal(page.body.list.meta.totalCount, 5);
  const seen = idsOf(page);
  for (let cursor = page.body.list.meta.nextCursor; cursor !== ''; cursor = page.body.list.meta.nextCursor) {
    assert.match(cursor, /^\?limit=2&.*hasMoreElements=true&soIndex=\d+&poIndex=\d+&partnerId=10001000001&/);
    world.now += SECOND_MS;
    sandbox.books.place(FIRST, DRAFT);
    page = await call(token, `/v3/orders${cursor}`);
    seen.push(...idsOf(page));
  }
  assert.deepEqual(seen, placed.toReversed());
});

test('a cursor that was encoded anew starts at the first page, and one of another seller is refused', async () => {
  const { sandbox, call, list, sellerToken, faults } = createWorld();
  for (let count = 0; count < 3; count++) sandbox.books.place(FIRST, DRAFT);
  const token = await sellerToken();
  const first = await list(token, { limit: '2' });
  const cursor: string = first.body.list.meta.nextCursor;
  assert.equal(idsOf(await call(token, `/v3/orders${cursor}`)).length, 1);
  const anew = await call(token, `/v3/orders?${new URLSearchParams(cursor)}`);
  assert.deepEqual(idsOf(anew), idsOf(first));

  const foreign = await call(await sellerToken(2), `/v3/orders${cursor}`);
  assert.deepEqual([foreign.status, foreign.body.errors[0].field], [400, 'partnerId']);
  faults.next('expire-page-token', '/orders');
  assert.equal((await call(token, `/v3/orders${cursor}`)).body.errors[0].field, 'nextCursor');
});

test('no query gives more than 10,000 orders', async () => {
  const { sandbox, call, sellerToken } = createWorld();
  for (let count = 0; count < 10_001; count++) sandbox.books.place(SECOND, DRAFT);
  const token = await sellerToken(2);
  const last = await call(token, `/v3/orders?limit=200&hasMoreElements=true&poIndex=9900&partnerId=${SECOND}`);
  assert.equal(last.body.list.meta.totalCount, 10_001);
  assert.equal(idsOf(last).length, 100);
  assert.equal(last.body.list.meta.nextCursor, '');
});

test('released orders are those that nobody acknowledged, and none of them is a 404', async () => {
  const { sandbox, call, sellerToken } = createWorld();
  const token = await sellerToken();
  const empty = await call(token, '/v3/orders/released');
  assert.deepEqual([empty.status, errorOf(empty)], [404, 'CONTENT_NOT_FOUND']);
  const placed = [0, 1, 2].map(() => sandbox.books.place(FIRST, DRAFT).orderId);
  await call(token, `/v3/orders/${placed[0]}/acknowledge`, { method: 'POST' });
  const released = await call(token, '/v3/orders/released?limit=1');
  assert.equal(released.body.list.meta.totalCount, 2);
  const next = await call(token, `/v3/orders/released${released.body.list.meta.nextCursor}`);
  assert.deepEqual([...idsOf(released), ...idsOf(next)].sort(), placed.slice(1).sort());
});

test("each seller's limit is its own, and every answer tells what is left", async () => {
  const { world, sandbox, call, sellerToken } = createWorld();
  const token = await sellerToken();
  const path = '/v3/orders/released';
  let answer = await call(token, path);
  assert.equal(answer.headers.get('x-current-token-count'), '59');
  assert.equal(answer.headers.get('x-next-replenishment-time'), String(START + SECOND_MS));
  for (let count = 1; count < 60; count++) answer = await call(token, path);
  assert.notEqual(answer.status, 429);
  const refused = await call(token, path);
  assert.deepEqual([refused.status, errorOf(refused)], [429, 'RATE_LIMIT_EXCEEDED']);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(sandbox.calls.throttled, 1);
  assert.notEqual((await call(await sellerToken(2), path)).status, 429);
  assert.notEqual((await call(token, '/v3/orders')).status, 429);
  world.now += SECOND_MS;
  assert.notEqual((await call(token, path)).status, 429);
  assert.equal((await call(token, path)).status, 429);
});

test('faults strike API calls in the words of the API', async () => {
  const { call, sellerToken, faults, sandbox } = createWorld();
  const token = await sellerToken();
  faults.next('server-error', '/orders');
  const broken = await call(token, '/v3/orders');
  assert.deepEqual([broken.status, broken.body.errors[0].code], [500, 'INTERNAL_SERVER_ERROR.GMP_ORDER_API']);
  faults.next('throttle', '/orders');
  const throttled = await call(token, '/v3/orders');
  assert.equal(throttled.status, 429);
  assert.equal(throttled.body.error[0].code, 'REQUEST_THRESHOLD_VIOLATED.GMP_GATEWAY_API');
  assert.equal(sandbox.calls.throttled, 0);
  faults.next('drop-connection', '/orders');
  await assert.rejects(call(token, '/v3/orders'), ConnectionDropped);
  const unknown = await call(token, '/v3/nothing');
  assert.deepEqual([unknown.status, errorOf(unknown)], [404, 'CONTENT_NOT_FOUND']);
});

test('an address of a country outside the table keeps its two letters', async () => {
  const { sandbox, call, sellerToken } = createWorld();
  const { orderId } = sandbox.books.place(FIRST, { ...DRAFT, buyer: { ...DRAFT.buyer, countryCode: 'IS' } });
  const answer: Json = (await call(await sellerToken(), `/v3/orders/${orderId}`)).body;
  assert.equal(answer.order.shippingInfo.postalAddress.country, 'IS');
});
