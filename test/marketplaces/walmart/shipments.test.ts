import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shipment } from '#marketplaces/marketplace.ts';
import { walmart } from '#marketplaces/walmart/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import vector from '#test/vectors/walmart/order.json' with { type: 'json' };
import { answer, context, failureOf, NOW, refusal, runSteps } from './support.ts';

type State = { status: string; quantity: number; trackingNumber?: string };

const SHIPMENT: Shipment = {
  orderId: '1796277083022',
  lines: [{ lineId: '1', quantity: 2 }],
  carrier: { code: 'UPS', name: 'UPS' },
  trackingNumber: '1Z111',
  shippedAt: NOW,
};
const CONFIRMED = { outcome: 'confirmed', packageId: null };
const REFUSED = refusal('INVALID_REQUEST_CONTENT.GMP_ORDER_API');

/** The order of the vector with lines in these states, numbered from 1. */
function order(...lines: State[][]): HttpResponse {
  const [template] = vector.answer.order.orderLines.orderLine;
  const each = (amount: number) => ({ unitOfMeasurement: 'EACH', amount: String(amount) });
  const orderLine = lines.map((states, index) => ({
    ...template,
    lineNumber: String(index + 1),
    orderLineQuantity: each(states.reduce((total, { quantity }) => total + quantity, 0)),
    orderLineStatuses: {
      orderLineStatus: states.map(({ status, quantity, trackingNumber }) => ({
        status,
        statusQuantity: each(quantity),
        ...(trackingNumber && { trackingInfo: { trackingNumber } }),
      })),
    },
  }));
  return answer({ order: { ...vector.answer.order, orderLines: { orderLine } } });
}

/** Confirms a shipment against answers by operation; several of one operation come in their order. */
function confirm(change: Partial<Shipment>, answers: Record<string, HttpResponse[]>) {
  const left = structuredClone(answers);
  return runSteps(
    (sofar) => walmart.shipments!.confirm(context, { ...SHIPMENT, ...change }, sofar),
    (_request, operation) => left[operation]!.shift()!,
  );
}

const ACKNOWLEDGED = order([{ status: 'Acknowledged', quantity: 2 }]);
const GONE = order([{ status: 'Shipped', quantity: 2, trackingNumber: '1Z111' }]);

test('an acknowledged order is shipped, in Walmart’s own form', () => {
  const { result, requests } = confirm({}, { getOrder: [ACKNOWLEDGED], shipOrder: [GONE] });
  assert.deepEqual(result, CONFIRMED);
  const { method, url, body } = requests[1]!;
  assert.deepEqual([method, url], ['POST', 'https://marketplace.walmartapis.com/v3/orders/1796277083022/shipping']);
  assert.deepEqual(JSON.parse(body!), {
    orderShipment: {
      orderLines: {
        orderLine: [
          {
            lineNumber: '1',
            intentToCancelOverride: true,
            sellerOrderId: '1796277083022',
            orderLineStatuses: {
              orderLineStatus: [
                {
                  status: 'Shipped',
                  statusQuantity: { unitOfMeasurement: 'EACH', amount: '2' },
                  trackingInfo: {
                    shipDateTime: NOW,
                    carrierName: { carrier: 'UPS' },
                    methodCode: 'Value',
                    trackingNumber: '1Z111',
                  },
                },
              ],
            },
          },
        ],
      },
    },
  });
});

test('an order that nobody has acknowledged is acknowledged first', () => {
  const { result, operations, requests } = confirm(
    {},
    { getOrder: [order([{ status: 'Created', quantity: 2 }])], acknowledgeOrder: [ACKNOWLEDGED], shipOrder: [GONE] },
  );
  assert.deepEqual(result, CONFIRMED);
  assert.deepEqual(operations, ['getOrder', 'acknowledgeOrder', 'shipOrder']);
  assert.deepEqual([requests[1]!.method, requests[1]!.body], ['POST', undefined]);
});

test('an order that somebody else acknowledged meanwhile ships all the same', () => {
  const getOrder = [order([{ status: 'Created', quantity: 2 }])];
  assert.deepEqual(confirm({}, { getOrder, acknowledgeOrder: [REFUSED], shipOrder: [GONE] }).result, CONFIRMED);
});

test('what is there already with its tracking number is confirmed, and not shipped again', () => {
  for (const lines of [SHIPMENT.lines, []]) {
    const { result, operations } = confirm({ lines }, { getOrder: [GONE] });
    assert.deepEqual(result, CONFIRMED);
    assert.deepEqual(operations, ['getOrder']);
  }
});

test('a shipment whose answer was lost is found, and not charged twice', () => {
  const { result } = confirm({}, { getOrder: [ACKNOWLEDGED, GONE], shipOrder: [REFUSED] });
  assert.deepEqual(result, CONFIRMED);
});

test('a refused shipment that is not there has failed, in Walmart’s word and without its sentence', () => {
  const { result } = confirm({}, { getOrder: [ACKNOWLEDGED, ACKNOWLEDGED], shipOrder: [REFUSED] });
  assert.deepEqual(result, {
    outcome: 'failed',
    code: 'INVALID_REQUEST_CONTENT',
    message: 'Walmart refused the shipment: INVALID_REQUEST_CONTENT',
  });
});

test('only the rest of a package is shipped, when a part of it is there', () => {
  const partly = order([
    { status: 'Shipped', quantity: 1, trackingNumber: '1Z111' },
    { status: 'Acknowledged', quantity: 2 },
  ]);
  const { requests } = confirm({}, { getOrder: [partly], shipOrder: [GONE] });
  const [line] = JSON.parse(requests[1]!.body!).orderShipment.orderLines.orderLine;
  assert.equal(line.orderLineStatuses.orderLineStatus[0].statusQuantity.amount, '1');
});

test('a shipment without lines is everything that is open', () => {
  const mixed = order(
    [{ status: 'Acknowledged', quantity: 2 }],
    [{ status: 'Cancelled', quantity: 1 }],
    [
      { status: 'Shipped', quantity: 1, trackingNumber: '1Z000' },
      { status: 'Acknowledged', quantity: 3 },
    ],
  );
  const { requests } = confirm({ lines: [] }, { getOrder: [mixed], shipOrder: [GONE] });
  const lines = JSON.parse(requests[1]!.body!).orderShipment.orderLines.orderLine;
  assert.deepEqual(
    lines.map((line: { lineNumber: string; orderLineStatuses: { orderLineStatus: object[] } }) => [
      line.lineNumber,
      (line.orderLineStatuses.orderLineStatus[0] as { statusQuantity: { amount: string } }).statusQuantity.amount,
    ]),
    [
      ['1', '2'],
      ['3', '3'],
    ],
  );
});

const FAILED: [string, Partial<Shipment>, HttpResponse, string][] = [
  ['a line that the order does not have', { lines: [{ lineId: '9', quantity: 1 }] }, ACKNOWLEDGED, 'unknown-line'],
  ['more units than are open', { lines: [{ lineId: '1', quantity: 3 }] }, ACKNOWLEDGED, 'not-open'],
  [
    'more units than are open, over two mentions of a line',
    { lines: [1, 2].map((quantity) => ({ lineId: '1', quantity })) },
    ACKNOWLEDGED,
    'not-open',
  ],
  ['a cancelled line', {}, order([{ status: 'Cancelled', quantity: 2 }]), 'not-open'],
  ['units that went with another number', { trackingNumber: '1Z222' }, GONE, 'not-open'],
  ['a cancelled order', { lines: [] }, order([{ status: 'Cancelled', quantity: 2 }]), 'nothing-to-ship'],
];
for (const [name, change, read, code] of FAILED) {
  test(`a shipment of ${name} fails before Walmart is asked to charge anyone`, () => {
    const { result, operations } = confirm(change, { getOrder: [read] });
    assert.deepEqual([result.outcome, 'code' in result && result.code], ['failed', code]);
    assert.deepEqual(operations, ['getOrder']);
  });
}

test('a carrier goes by Walmart’s name where it is known, and by its own elsewhere', () => {
  const carrierOf = (carrier: Shipment['carrier']): unknown => {
    const { requests } = confirm({ carrier }, { getOrder: [ACKNOWLEDGED], shipOrder: [GONE] });
    const [line] = JSON.parse(requests[1]!.body!).orderShipment.orderLines.orderLine;
    return line.orderLineStatuses.orderLineStatus[0].trackingInfo.carrierName;
  };
  assert.deepEqual(carrierOf({ code: 'SF Express', name: 'SF' }), { carrier: 'SF Express' });
  assert.deepEqual(carrierOf({ code: null, name: 'fedex' }), { carrier: 'FedEx' });
  assert.deepEqual(carrierOf({ code: null, name: 'Own van' }), { otherCarrier: 'Own van' });
});

test('a seller’s own order number, once told, stays', () => {
  const body = ACKNOWLEDGED.body.replace('"sellerOrderId":null', '"sellerOrderId":"SO-1"');
  const { requests } = confirm({}, { getOrder: [answer(body)], shipOrder: [GONE] });
  assert.equal(JSON.parse(requests[1]!.body!).orderShipment.orderLines.orderLine[0].sellerOrderId, 'SO-1');
});

test('an answer to the shipment that is not whole proves nothing, and all begins anew', () => {
  for (const cut of [answer(GONE.body.slice(0, 200)), answer('{}')]) {
    assert.equal(failureOf(() => confirm({}, { getOrder: [ACKNOWLEDGED], shipOrder: [cut] })).kind, 'retryable');
  }
});
