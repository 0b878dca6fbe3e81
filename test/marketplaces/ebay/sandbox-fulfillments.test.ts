import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionDropped } from '#marketplaces/sandbox-kit/sandbox.ts';
import { BASE_SCOPE, createWorld, DRAFT, errorIdOf, iso, type Json, ORDERS, START } from './sandbox-world.ts';

const FIRST = 'sandboxuser0001';
const HREF = 'http://sandbox.test/ebay/sell/fulfillment/v1/order';

async function openOrder() {
  const parts = createWorld();
  const token = await parts.sellerToken();
  const order = parts.sandbox.books.place(FIRST, DRAFT);
  const [six, one] = order.lines;
  parts.world.now += 1_000;
  const path = `${ORDERS}/${order.orderId}`;
  const all = [
    { lineItemId: six!.lineId, quantity: 6 },
    { lineItemId: one!.lineId, quantity: 1 },
  ];
  const ship = (changes: Json = {}, withToken = token) =>
    parts.call(withToken, `${path}/shipping_fulfillment`, {
      method: 'POST',
      body: { lineItems: all, shippingCarrierCode: 'RoyalMail', trackingNumber: 'RM123456789GB', ...changes },
    });
  const readToken = async (): Promise<string> => {
    const scope = `${BASE_SCOPE}/sell.fulfillment.readonly`;
    const refresh_token = 'v^1.1#i^1#sandbox-refresh-1';
    return (await parts.token({ grant_type: 'refresh_token', refresh_token, scope })).body.access_token;
  };
  const read = async (what = '') => (await parts.call(token, path + what)).body;
  return { ...parts, token, order, six: six!.lineId, one: one!.lineId, ship, read, readToken };
}

test('a shipment of the whole order is created once, under its tracking number', async () => {
  const { world, sandbox, order, ship, read } = await openOrder();
  const created = await ship({ shippedDate: iso(START) });
  assert.deepEqual([created.status, created.body], [201, undefined]);
  assert.equal(created.location, `${HREF}/${order.orderId}/shipping_fulfillment/RM123456789GB`);
  assert.equal(sandbox.books.orders.get(order.orderId)?.status, 'shipped');
  assert.deepEqual((await read('/shipping_fulfillment')).fulfillments, [
    {
      fulfillmentId: 'RM123456789GB',
      shipmentTrackingNumber: 'RM123456789GB',
      shippingCarrierCode: 'RoyalMail',
      shippedDate: iso(START),
      lineItems: order.lines.map(({ lineId, quantity }) => ({ lineItemId: lineId, quantity })),
    },
  ]);
  const shipped = await read();
  assert.deepEqual([shipped.orderFulfillmentStatus, shipped.lastModifiedDate], ['FULFILLED', iso(world.now)]);
  const again = await ship();
  assert.deepEqual([again.status, errorIdOf(again)], [400, 34500]);
});

test('a part of an order is in progress until the rest has its own package', async () => {
  const { world, sandbox, order, six, one, list, token, ship, read } = await openOrder();
  assert.equal((await ship({ lineItems: [{ lineItemId: six, quantity: 4 }] })).status, 201);
  const partly = await read();
  assert.equal(partly.orderFulfillmentStatus, 'IN_PROGRESS');
  assert.deepEqual(
    partly.lineItems.map((line: Json) => line.lineItemFulfillmentStatus),
    ['IN_PROGRESS', 'NOT_STARTED'],
  );
  assert.equal(partly.lastModifiedDate, iso(world.now));
  const filter = 'orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}';
  assert.equal((await list(token, { filter })).body.total, 1);
  assert.equal(errorIdOf(await ship({ lineItems: [{ lineItemId: six, quantity: 3 }] })), 32600);

  const lineItems = [{ lineItemId: six, quantity: 2 }, { lineItemId: one }];
  assert.equal((await ship({ lineItems, trackingNumber: 'RM2' })).status, 201);
  assert.equal((await read()).orderFulfillmentStatus, 'FULFILLED');
  const { fulfillments, total } = await read('/shipping_fulfillment');
  assert.equal(total, 2);
  assert.deepEqual(
    fulfillments.map((one: Json) => one.fulfillmentId),
    ['RM123456789GB', 'RM2'],
  );
  assert.equal(sandbox.books.orders.get(order.orderId)?.shipment?.trackingNumber, 'RM123456789GB');
});

test('a shipment without tracking gets a number for its id', async () => {
  const { ship, read } = await openOrder();
  const created = await ship({ shippingCarrierCode: undefined, trackingNumber: undefined });
  assert.match(created.location, /\/shipping_fulfillment\/\d+$/);
  const [only] = (await read('/shipping_fulfillment')).fulfillments;
  assert.equal('shipmentTrackingNumber' in only, false);
});

test('each mistake in a shipment has its own error id and ships nothing', async () => {
  const { sandbox, order, six, ship } = await openOrder();
  const cases: [Json, number][] = [
    [{ lineItems: [{ lineItemId: '1', quantity: 1 }] }, 32200],
    [{ lineItems: [{ lineItemId: six }, { lineItemId: six }] }, 32210],
    [{ trackingNumber: undefined }, 32300],
    [{ shippingCarrierCode: undefined }, 32300],
    [{ trackingNumber: 'RM 123-4' }, 32300],
    [{ shippedDate: '24.11.2026' }, 32500],
    [{ lineItems: [] }, 32600],
    [{ lineItems: [{ lineItemId: six, quantity: 0 }] }, 32600],
    [{ lineItems: [{ lineItemId: six, quantity: 7 }] }, 32600],
  ];
  for (const [changes, errorId] of cases) {
    const answer = await ship(changes);
    assert.deepEqual([answer.status, errorIdOf(answer)], [400, errorId], JSON.stringify(changes));
  }
  assert.equal(sandbox.books.orders.get(order.orderId)?.status, 'placed');
});

test('a cancelled order and another seller’s order are not shipped', async () => {
  const { sandbox, order, ship, sellerToken } = await openOrder();
  const foreign = await ship({}, await sellerToken(2));
  assert.deepEqual([foreign.status, errorIdOf(foreign)], [404, 32100]);
  sandbox.books.cancel(order.orderId);
  assert.equal(errorIdOf(await ship()), 32600);
});

test('a token that may only read ships nothing', async () => {
  const { readToken, ship } = await openOrder();
  const answer = await ship({}, await readToken());
  assert.deepEqual([answer.status, errorIdOf(answer)], [403, 1100]);
});

test('a shipment whose answer is lost is there all the same', async () => {
  const { faults, ship, read } = await openOrder();
  faults.next('drop-answer', 'shipping_fulfillment');
  await assert.rejects(ship(), ConnectionDropped);
  assert.equal((await read('/shipping_fulfillment')).total, 1);
});
