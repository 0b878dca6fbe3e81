import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answer,
  createWorld,
  DRAFT,
  errorOf,
  FIRST,
  idsOf,
  MINUTE_MS,
  shipmentOf,
  statusesOf,
  wholeShipment,
} from './sandbox-world.ts';

async function createAcknowledged() {
  const parts = createWorld();
  const { sandbox, call, sellerToken } = parts;
  const token = await sellerToken();
  const order = sandbox.books.place(FIRST, DRAFT);
  const post = (what: string, body?: unknown): Promise<Answer> =>
    call(token, `/v3/orders/${order.orderId}/${what}`, { method: 'POST', body });
  await post('acknowledge');
  return { ...parts, token, order, post };
}

const cancellationOf = (lineNumber: string, quantity: number, reason = 'SELLER_CANCEL_OUT_OF_STOCK') => ({
  orderCancellation: {
    orderLines: {
      orderLine: [
        {
          lineNumber,
          orderLineStatuses: {
            orderLineStatus: [
              {
                status: 'Cancelled',
                cancellationReason: reason,
                statusQuantity: { unitOfMeasurement: 'EA', amount: String(quantity) },
              },
            ],
          },
        },
      ],
    },
  },
});

function refused(answer: Answer): string {
  assert.deepEqual([answer.status, errorOf(answer)], [400, 'INVALID_REQUEST_CONTENT']);
  return answer.body.errors[0].field;
}

test('an acknowledged order says so, is found by its time of change, and may be acknowledged again', async () => {
  const { world, sandbox, call, list, sellerToken } = createWorld();
  const token = await sellerToken();
  const order = sandbox.books.place(FIRST, DRAFT);
  world.now += MINUTE_MS;
  for (let turn = 0; turn < 2; turn++) {
    const answer = await call(token, `/v3/orders/${order.orderId}/acknowledge`, { method: 'POST' });
    assert.deepEqual(statusesOf(answer.body.order), ['6 Acknowledged', '1 Acknowledged']);
  }
  assert.equal(order.updatedAt, world.now);
  const changed = await list(token, { lastModifiedStartDate: new Date(world.now).toISOString() });
  assert.deepEqual(idsOf(changed), [order.orderId]);
  sandbox.books.cancel(order.orderId);
  assert.equal(refused(await call(token, `/v3/orders/${order.orderId}/acknowledge`, { method: 'POST' })), 'status');
});

test('an order that nobody acknowledged can not be shipped', async () => {
  const { sandbox, call, sellerToken } = createWorld();
  const order = sandbox.books.place(FIRST, DRAFT);
  const body = wholeShipment(order);
  const path = `/v3/orders/${order.orderId}/shipping`;
  assert.equal(refused(await call(await sellerToken(), path, { method: 'POST', body })), 'status');
  const foreign = await call(await sellerToken(2), path, { method: 'POST', body });
  assert.deepEqual([foreign.status, errorOf(foreign)], [404, 'NOT_FOUND']);
  assert.equal(order.status, 'placed');
});

test('a whole shipment ships the order in the books, and a second one is refused', async () => {
  const { order, post } = await createAcknowledged();
  const answer = await post('shipping', wholeShipment(order));
  assert.equal(answer.status, 200);
  assert.deepEqual(statusesOf(answer.body.order), ['6 Shipped', '1 Shipped']);
  assert.equal(answer.body.order.orderLines.orderLine[0].sellerOrderId, 'S-1');
  assert.equal(order.status, 'shipped');
  assert.equal(order.shipment?.carrier, 'UPS');
  assert.equal(order.shipment?.trackingNumber, '1Z1');
  assert.equal(refused(await post('shipping', wholeShipment(order))), 'orderLine');
  assert.equal(refused(await post('cancel', cancellationOf('1', 1))), 'orderLine');
});

test('an order shipped in parts shows each part, and is shipped in the books with the last', async () => {
  const { world, order, post } = await createAcknowledged();
  world.now += MINUTE_MS;
  const carrierName = { otherCarrier: 'Pigeon Post' };
  const first = await post(
    'shipping',
    shipmentOf([{ lineNumber: '1', quantity: 4, trackingNumber: 'A', carrierName }], 'PARTIAL_UPDATE'),
  );
  assert.deepEqual(statusesOf(first.body.order), ['4 Shipped, 2 Acknowledged', '1 Acknowledged']);
  assert.equal(order.status, 'placed');
  assert.equal(order.updatedAt, world.now);
  const cancelled = await post('cancel', cancellationOf('1', 2));
  assert.deepEqual(statusesOf(cancelled.body.order), ['4 Shipped, 2 Cancelled', '1 Acknowledged']);
  const last = await post('shipping', shipmentOf([{ lineNumber: '2', quantity: 1, trackingNumber: 'B' }]));
  assert.deepEqual(statusesOf(last.body.order), ['4 Shipped, 2 Cancelled', '1 Shipped']);
  assert.equal(order.status, 'shipped');
  assert.equal(order.shipment?.carrier, 'Pigeon Post');
  const numbers = last.body.order.orderLines.orderLine.map(
    (line: { orderLineStatuses: { orderLineStatus: { trackingInfo: { trackingNumber: string } }[] } }) =>
      line.orderLineStatuses.orderLineStatus[0]?.trackingInfo.trackingNumber,
  );
  assert.deepEqual(numbers, ['A', 'B']);
});

test('too many units or an unknown line refuse the whole shipment; a partial update takes the rest', async () => {
  const { order, post } = await createAcknowledged();
  const wrong = [
    { lineNumber: '2', quantity: 1 },
    { lineNumber: '3', quantity: 1 },
  ];
  assert.equal(refused(await post('shipping', shipmentOf([{ lineNumber: '1', quantity: 7 }]))), 'orderLine');
  const twice = [
    { lineNumber: '2', quantity: 1 },
    { lineNumber: '2', quantity: 1 },
  ];
  assert.equal(refused(await post('shipping', shipmentOf(twice))), 'orderLine');
  assert.equal(refused(await post('shipping', shipmentOf(wrong))), 'orderLine');
  assert.equal(refused(await post('shipping', shipmentOf(wrong.slice(1), 'PARTIAL_UPDATE'))), 'orderLine');
  assert.equal(order.status, 'placed');
  const partial = await post('shipping', shipmentOf(wrong, 'PARTIAL_UPDATE'));
  assert.deepEqual(statusesOf(partial.body.order), ['6 Acknowledged', '1 Shipped']);
});

test('a shipment with an unknown carrier, no tracking number or too long an order number is refused', async () => {
  const { post } = await createAcknowledged();
  const carrierName = { carrier: 'Pigeon Post' };
  assert.match(
    refused(await post('shipping', shipmentOf([{ lineNumber: '1', quantity: 1, carrierName }]))),
    /carrierName/,
  );
  assert.match(
    refused(await post('shipping', shipmentOf([{ lineNumber: '1', quantity: 1, trackingNumber: '' }]))),
    /trackingNumber$/,
  );
  const long = shipmentOf([{ lineNumber: '1', quantity: 1 }]);
  long.orderShipment.orderLines.orderLine[0]!.sellerOrderId = 'x'.repeat(31);
  assert.match(refused(await post('shipping', long)), /sellerOrderId$/);
  assert.equal(refused(await post('shipping', {})), 'orderShipment');
});

test('an order whose every unit the seller cancels is cancelled in the books', async () => {
  const { order, post } = await createAcknowledged();
  assert.match(refused(await post('cancel', cancellationOf('1', 6, ''))), /cancellationReason$/);
  await post('cancel', cancellationOf('1', 6));
  assert.equal(order.status, 'placed');
  const answer = await post('cancel', cancellationOf('2', 1));
  assert.deepEqual(statusesOf(answer.body.order), ['6 Cancelled', '1 Cancelled']);
  assert.equal(order.status, 'cancelled');
});

test('the 61st shipment within a minute is refused', async () => {
  const { post } = await createAcknowledged();
  for (let count = 0; count < 60; count++) assert.equal((await post('shipping', {})).status, 400);
  const over = await post('shipping', {});
  assert.deepEqual([over.status, errorOf(over)], [429, 'RATE_LIMIT_EXCEEDED']);
});
