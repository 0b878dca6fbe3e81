import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, DAY_MS, DRAFT, errorIdOf, iso, type Json, ORDERS, SECOND_MS, START } from './sandbox-world.ts';

test('an order is shown with its money, its lines, its buyer and its state', async () => {
  const { world, sandbox, call, sellerToken } = createWorld();
  const token = await sellerToken();
  const { orderId } = sandbox.books.place('sandboxuser0001', DRAFT);
  assert.equal(orderId, '01-03955-36441');
  const path = `${ORDERS}/${orderId}`;

  const placed = (await call(token, path)).body;
  assert.equal(placed.orderFulfillmentStatus, 'NOT_STARTED');
  assert.equal(placed.orderPaymentStatus, 'PAID');
  assert.equal(placed.cancelStatus.cancelState, 'NONE_REQUESTED');
  assert.deepEqual(placed.pricingSummary.total, { value: '18.69', currency: 'GBP' });
  assert.deepEqual(placed.lineItems[0].lineItemCost, { value: '15.30', currency: 'GBP' });
  assert.equal(placed.lineItems[0].quantity, 6);
  assert.deepEqual(placed.fulfillmentHrefs, []);
  const { shipTo } = placed.fulfillmentStartInstructions[0].shippingStep;
  assert.equal(shipTo.fullName, 'Ada Example');
  assert.equal(shipTo.contactAddress.addressLine1, '1 Example Street');

  world.now += 60 * SECOND_MS;
  const shippedAt = iso(world.now);
  sandbox.books.ship(orderId, { carrier: 'Royal Mail', trackingNumber: 'RM123456789GB' });
  const shipped = (await call(token, path)).body;
  assert.equal(shipped.orderFulfillmentStatus, 'FULFILLED');
  assert.equal(shipped.lastModifiedDate, shippedAt);
  const href = 'http://sandbox.test/ebay/sell/fulfillment/v1/order/01-03955-36441/shipping_fulfillment/RM123456789GB';
  assert.deepEqual(shipped.fulfillmentHrefs, [href]);
  const fulfillments = (await call(token, `${path}/shipping_fulfillment`)).body;
  assert.equal(fulfillments.total, 1);
  assert.deepEqual(fulfillments.fulfillments[0], {
    fulfillmentId: 'RM123456789GB',
    shipmentTrackingNumber: 'RM123456789GB',
    shippingCarrierCode: 'Royal Mail',
    shippedDate: shippedAt,
    lineItems: placed.lineItems.map((line: Json) => ({ lineItemId: line.lineItemId, quantity: line.quantity })),
  });
  const single = await call(token, href.replace('http://sandbox.test/ebay', ''));
  assert.deepEqual(single.body, fulfillments.fulfillments[0]);

  world.now += 1;
  sandbox.books.deliver(orderId);
  const delivered = (await call(token, path)).body;
  assert.deepEqual({ ...delivered, lastModifiedDate: shippedAt }, shipped);
});

test('a cancelled order tells of its request only when read alone', async () => {
  const { world, sandbox, call, sellerToken } = createWorld();
  const token = await sellerToken();
  const { orderId } = sandbox.books.place('sandboxuser0001', DRAFT);
  world.now += 1;
  sandbox.books.cancel(orderId);
  const alone = (await call(token, `${ORDERS}/${orderId}`)).body;
  assert.equal(alone.cancelStatus.cancelState, 'CANCELED');
  assert.equal(alone.cancelStatus.cancelledDate, iso(world.now));
  assert.equal(alone.cancelStatus.cancelRequests.length, 1);
  assert.equal(alone.orderPaymentStatus, 'FULLY_REFUNDED');
  const listed = (await call(token, ORDERS)).body.orders[0];
  assert.deepEqual(listed.cancelStatus.cancelRequests, []);
});

test("a buyer's e-mail address is gone after 14 days, name and street after 90", async () => {
  const { world, sandbox, call, sellerToken } = createWorld();
  const { orderId } = sandbox.books.place('sandboxuser0001', DRAFT);
  const shipTo = async () =>
    (await call(await sellerToken(), `${ORDERS}/${orderId}`)).body.fulfillmentStartInstructions[0].shippingStep.shipTo;
  assert.equal((await shipTo()).email, 'ada@example.test');
  world.now += 14 * DAY_MS + 1;
  assert.equal((await shipTo()).email, undefined);
  assert.equal((await shipTo()).fullName, 'Ada Example');
  world.now = START + 90 * DAY_MS + 1;
  assert.deepEqual(await shipTo(), { contactAddress: { city: 'London', postalCode: 'N1 1AA', countryCode: 'GB' } });
});

test("an order that does not exist or is another seller's can't be found, a malformed id is refused", async () => {
  const { sandbox, call, list, sellerToken } = createWorld();
  const { orderId } = sandbox.books.place('sandboxuser0001', DRAFT);
  const other = await sellerToken(2);
  for (const id of [orderId, '01-00000-00000']) {
    const answer = await call(other, `${ORDERS}/${id}`);
    assert.deepEqual([answer.status, errorIdOf(answer)], [404, 32100]);
  }
  const malformed = await call(other, `${ORDERS}/nonsense`);
  assert.deepEqual([malformed.status, errorIdOf(malformed)], [400, 32100]);
  assert.equal((await call(other, ORDERS)).body.total, 0);
  assert.equal((await list(other, { orderIds: orderId })).body.total, 0);
});

test('both ends of a window belong to it', async () => {
  const { world, sandbox, list, sellerToken } = createWorld();
  const token = await sellerToken();
  const { orderId } = sandbox.books.place('sandboxuser0001', DRAFT);
  world.now += 10;
  const changedAt = world.now;
  sandbox.books.ship(orderId, { carrier: 'DHL', trackingNumber: '1' });
  world.now += 10;
  const total = async (filter: string) => (await list(token, { filter })).body.total;
  const window = (from: number, to: number) => `[${iso(from)}..${iso(to)}]`;
  assert.equal(await total(`lastmodifieddate:${window(changedAt, changedAt)}`), 1);
  assert.equal(await total(`lastmodifieddate:${window(changedAt + 1, changedAt + 2)}`), 0);
  assert.equal(await total(`lastmodifieddate:${window(START, changedAt - 1)}`), 0);
  assert.equal(await total(`lastmodifieddate:[${iso(changedAt)}..]`), 1);
  assert.equal(await total(`creationdate:${window(START, START)}`), 1);
  // The creation window wins: the modification window alone would leave the order out.
  assert.equal(await total(`lastmodifieddate:${window(START, START)},creationdate:${window(START, START)}`), 1);
  assert.equal(await total('orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}'), 0);
  assert.equal(await total('orderfulfillmentstatus:{FULFILLED|IN_PROGRESS}'), 1);
});

test('pages follow one another by offset and cover the window once', async () => {
  const { world, sandbox, list, call, sellerToken } = createWorld();
  const token = await sellerToken();
  for (let count = 0; count < 5; count++) {
    sandbox.books.place('sandboxuser0001', DRAFT);
    sandbox.books.place('sandboxuser0002', DRAFT);
    world.now += 1;
  }
  let page = (await list(token, { limit: '2', filter: `lastmodifieddate:[${iso(START)}..${iso(world.now)}]` })).body;
  assert.equal(page.prev, undefined);
  const seen: string[] = [];
  for (;;) {
    assert.equal(page.total, 5);
    assert.equal(page.limit, 2);
    assert.equal(page.offset, seen.length);
    seen.push(...page.orders.map((order: Json) => order.orderId));
    if (page.next === undefined) break;
    assert.match(page.next, /^http:\/\/sandbox\.test\/ebay\/sell\/fulfillment\/v1\/order\?/);
    page = (await call(token, page.next.replace('http://sandbox.test/ebay', ''))).body;
  }
  assert.equal(new Set(seen).size, 5);
  assert.match(page.prev, /offset=2/);
});

test('told to, the sandbox refuses the offset of a page after the first, once', async () => {
  const { sandbox, faults, list, sellerToken } = createWorld();
  const token = await sellerToken();
  for (let count = 0; count < 3; count++) sandbox.books.place('sandboxuser0001', DRAFT);
  faults.next('expire-page-token');
  assert.equal((await list(token, { limit: '2' })).status, 200);
  assert.equal(errorIdOf(await list(token, { limit: '2', offset: '2' })), 31000);
  assert.equal((await list(token, { limit: '2', offset: '2' })).status, 200);
});

test('orders named by id come back alone, whatever else is asked', async () => {
  const { sandbox, list, sellerToken } = createWorld();
  const token = await sellerToken();
  const first = sandbox.books.place('sandboxuser0001', DRAFT).orderId;
  const second = sandbox.books.place('sandboxuser0001', DRAFT).orderId;
  const answer = await list(token, { orderIds: `${first},01-00000-00000,${second}`, limit: '999', filter: 'nonsense' });
  assert.deepEqual(
    answer.body.orders.map((order: Json) => order.orderId),
    [first, second],
  );
  const many = Array.from({ length: 51 }, (_, index) => `01-00000-${String(index).padStart(5, '0')}`).join(',');
  assert.equal(errorIdOf(await list(token, { orderIds: many })), 30900);
});

test('each mistake in a list request has its own error id', async () => {
  const { list, sellerToken } = createWorld();
  const token = await sellerToken();
  const now = iso(START);
  const cases: [Record<string, string>, number][] = [
    [{ filter: 'orderstatus:{NEW}' }, 30700],
    [{ filter: 'orderfulfillmentstatus:{FULFILLED}' }, 30800],
    [{ filter: `lastmodifieddate:${now}` }, 30800],
    [{ filter: `lastmodifieddate:[${now}]` }, 30800],
    [{ filter: 'lastmodifieddate:[2026-11-24..]' }, 30810],
    [{ filter: 'lastmodifieddate:[2026-02-30T00:00:00.000Z..]' }, 30810],
    [{ filter: 'lastmodifieddate:[2026-11-24T05:00:00.000+01:00..]' }, 30810],
    [{ filter: `lastmodifieddate:[..${now}]` }, 30820],
    [{ filter: `creationdate:[${iso(START - 731 * DAY_MS)}..]` }, 30830],
    [{ filter: `creationdate:[${now}..${iso(START - 1)}]` }, 30840],
    [{ filter: `creationdate:[${now}..${iso(START + 1)}]` }, 30850],
    [{ offset: '-1' }, 31000],
    [{ offset: 'x' }, 31000],
    [{ limit: '201' }, 31100],
    [{ limit: '0' }, 31100],
    [{ fieldGroups: 'EVERYTHING' }, 32800],
  ];
  for (const [query, errorId] of cases) {
    const answer = await list(token, query);
    assert.deepEqual([answer.status, errorIdOf(answer)], [400, errorId], JSON.stringify(query));
  }
});

test('ten thousand orders of one seller are walked through once, each order exactly once', async () => {
  const { world, sandbox, call, sellerToken } = createWorld({ sellers: 1 });
  for (let count = 0; count < 10_000; count++) {
    sandbox.books.place('sandboxuser0001', DRAFT);
    world.now += 1;
  }
  const token = await sellerToken();
  const seen = new Set<string>();
  let path: string | undefined = `${ORDERS}?limit=200&filter=lastmodifieddate:%5B${iso(START)}..${iso(world.now)}%5D`;
  while (path !== undefined) {
    const { body } = await call(token, path);
    for (const order of body.orders) seen.add(order.orderId);
    path = body.next?.replace('http://sandbox.test/ebay', '');
  }
  assert.equal(seen.size, 10_000);
});
