import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ebay } from '#marketplaces/ebay/index.ts';
import type { Shipment } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import vector from '#test/vectors/ebay/order.json' with { type: 'json' };
import { answer, context, created, failureOf, NOW, refusal, replies, runSteps } from './support.ts';

const [FIRST, SECOND] = ['10000000000001', '10000000000002'];
const TRACKING = '9400111899560000000001';
const URL = 'https://api.ebay.com/sell/fulfillment/v1/order/01-03955-36441/shipping_fulfillment';

const SHIPMENT: Shipment = {
  orderId: '01-03955-36441',
  lines: [{ lineId: FIRST!, quantity: 6 }],
  carrier: { code: 'USPS', name: 'US Postal Service' },
  trackingNumber: TRACKING,
  shippedAt: NOW,
};
const CONFIRMED = { outcome: 'confirmed', packageId: TRACKING };
const CREATED = created(`${URL}/${TRACKING}`);
const REFUSED = refusal(32300);

/** A list of packages, each with its tracking number and the units of lines in it. */
function listed(...packages: [trackingNumber: string, units: Record<string, number>][]): HttpResponse {
  const fulfillments = packages.map(([trackingNumber, units]) => ({
    fulfillmentId: trackingNumber,
    shipmentTrackingNumber: trackingNumber,
    shippingCarrierCode: 'USPS',
    lineItems: Object.entries(units).map(([lineItemId, quantity]) => ({ lineItemId, quantity })),
  }));
  return answer({ fulfillments, total: fulfillments.length });
}
const NONE = listed();
const THERE = listed([TRACKING, { [FIRST!]: 6 }]);
const order = (change: object = {}) => answer({ orders: [{ ...vector.source, ...change }] });

const confirm = (change: Partial<Shipment>, answers: Record<string, readonly HttpResponse[]>) =>
  runSteps((sofar) => ebay.shipments!.confirm(context, { ...SHIPMENT, ...change }, sofar), replies(answers));

test('a package is told to eBay with its lines, carrier, number and day', () => {
  const { result, requests } = confirm({}, { getShippingFulfillments: [NONE], createShippingFulfillment: [CREATED] });
  assert.deepEqual(result, CONFIRMED);
  const { method, url, body } = requests[1]!;
  assert.deepEqual([requests[0]!.method, requests[0]!.url, method, url], ['GET', URL, 'POST', URL]);
  assert.deepEqual(JSON.parse(body!), {
    lineItems: [{ lineItemId: FIRST, quantity: 6 }],
    shippedDate: '2026-11-24T06:00:00.000Z',
    shippingCarrierCode: 'USPS',
    trackingNumber: TRACKING,
  });
});

test('what is there already with its tracking number is confirmed, and not told again', () => {
  for (const trackingNumber of [TRACKING, '9400 1118-9956 0000 0000 01']) {
    const { result, operations } = confirm({ trackingNumber }, { getShippingFulfillments: [THERE] });
    assert.deepEqual(result, CONFIRMED);
    assert.deepEqual(operations, ['getShippingFulfillments']);
  }
});

test('a fulfillment without a quantity holds its whole line', () => {
  const fulfillments = [{ fulfillmentId: TRACKING, lineItems: [{ lineItemId: FIRST }] }];
  assert.deepEqual(confirm({}, { getShippingFulfillments: [answer({ fulfillments })] }).result, CONFIRMED);
});

test('another package of the same line is told', () => {
  const { result } = confirm(
    { lines: [{ lineId: FIRST!, quantity: 2 }] },
    { getShippingFulfillments: [listed(['OTHER1', { [FIRST!]: 4 }])], createShippingFulfillment: [CREATED] },
  );
  assert.deepEqual(result, CONFIRMED);
});

test('only the rest of a package is told, when a part of it is there', () => {
  const lines = [
    { lineId: FIRST!, quantity: 6 },
    { lineId: SECOND!, quantity: 1 },
  ];
  const { requests } = confirm({ lines }, { getShippingFulfillments: [THERE], createShippingFulfillment: [CREATED] });
  assert.deepEqual(JSON.parse(requests[1]!.body!).lineItems, [{ lineItemId: SECOND, quantity: 1 }]);
});

test('a shipment without lines is everything that is in no package yet', () => {
  const { result, requests, operations } = confirm(
    { lines: [] },
    {
      getShippingFulfillments: [listed(['OTHER1', { [FIRST!]: 4 }])],
      getOrders: [order()],
      createShippingFulfillment: [CREATED],
    },
  );
  assert.deepEqual(result, CONFIRMED);
  assert.deepEqual(operations, ['getShippingFulfillments', 'getOrders', 'createShippingFulfillment']);
  assert.deepEqual(JSON.parse(requests[2]!.body!).lineItems, [
    { lineItemId: FIRST, quantity: 2 },
    { lineItemId: SECOND, quantity: 1 },
  ]);
});

test('a whole order that is there already is confirmed, and not told again', () => {
  const whole = listed([TRACKING, { [FIRST!]: 6, [SECOND!]: 1 }]);
  const { result } = confirm({ lines: [] }, { getShippingFulfillments: [whole], getOrders: [order()] });
  assert.deepEqual(result, CONFIRMED);
});

test('nothing is told of an order with nothing to ship', () => {
  const sent = listed(['OTHER1', { [FIRST!]: 6, [SECOND!]: 1 }]);
  const cancelled = order({ cancelStatus: { cancelState: 'CANCELED' } });
  for (const [known, read] of [
    [sent, order()],
    [NONE, cancelled],
    [NONE, answer({ orders: [] })],
  ] as const) {
    const { result } = confirm({ lines: [] }, { getShippingFulfillments: [known], getOrders: [read] });
    assert.deepEqual([result.outcome, 'code' in result && result.code], ['failed', 'nothing-to-ship']);
  }
});

test('a package that turns up after a refusal is confirmed', () => {
  const { result } = confirm(
    {},
    { getShippingFulfillments: [NONE, THERE], createShippingFulfillment: [refusal(34500, 409)] },
  );
  assert.deepEqual(result, CONFIRMED);
});

test('a refused package that is not there has failed, in words of ours and without those of eBay', () => {
  const { result } = confirm({}, { getShippingFulfillments: [NONE, NONE], createShippingFulfillment: [REFUSED] });
  assert.deepEqual(result, {
    outcome: 'failed',
    code: 'ebay-32300',
    message: 'eBay refused the shipment: 32300 (the carrier or the tracking number is not valid)',
  });
});

test('a part that was there before is no proof of the part that was refused', () => {
  const part = listed([TRACKING, { [FIRST!]: 2 }]);
  const { result } = confirm({}, { getShippingFulfillments: [part, part], createShippingFulfillment: [REFUSED] });
  assert.equal(result.outcome, 'failed');
});

test('an order that eBay does not know has failed', () => {
  const { result } = confirm({}, { getShippingFulfillments: [refusal(32100)] });
  assert.deepEqual([result.outcome, 'code' in result && result.code], ['failed', 'ebay-32100']);
});

test('a carrier without a code goes by its name, and a number without its spaces', () => {
  const { requests } = confirm(
    { carrier: { code: null, name: 'Royal Mail' }, trackingNumber: 'AB 123-456 GB' },
    { getShippingFulfillments: [NONE], createShippingFulfillment: [CREATED] },
  );
  const { shippingCarrierCode, trackingNumber } = JSON.parse(requests[1]!.body!);
  assert.deepEqual([shippingCarrierCode, trackingNumber], ['Royal Mail', 'AB123456GB']);
});

test('an answer that is not whole proves nothing, and all begins anew', () => {
  const cut = answer(THERE.body.slice(0, 60));
  for (const answers of [
    { getShippingFulfillments: [cut] },
    { getShippingFulfillments: [answer({ fulfillments: 'none' })] },
    { getShippingFulfillments: [NONE], createShippingFulfillment: [answer('', 201)] },
    { getShippingFulfillments: [NONE, cut], createShippingFulfillment: [REFUSED] },
  ]) {
    assert.equal(failureOf(() => confirm({}, answers)).kind, 'retryable');
  }
});
