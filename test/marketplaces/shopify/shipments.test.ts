import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shipment } from '#marketplaces/marketplace.ts';
import { shopify } from '#marketplaces/shopify/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { answer, context, failureOf, NOW, runSteps, variablesOf } from './support.ts';

type Line = [lineId: number, remaining: number];

const gid = (type: string, id: number): string => `gid://shopify/${type}/${id}`;
const whole = (nodes: unknown[], hasNextPage = false) => ({ nodes, pageInfo: { hasNextPage } });
const lineItemOf = (id: number) => ({ lineItem: { id: gid('LineItem', id) } });

/** A fulfillment order `id`; its line of line 1 has the id `10 × id + 1`. */
const open = (id: number, lines: Line[], status = 'OPEN') => ({
  id: gid('FulfillmentOrder', id),
  status,
  lineItems: whole(
    lines.map(([lineId, remainingQuantity]) => ({
      id: gid('FulfillmentOrderLineItem', 10 * id + lineId),
      remainingQuantity,
      ...lineItemOf(lineId),
    })),
  ),
});
const sent = (id: number, number: string, lines: Line[], status = 'SUCCESS') => ({
  id: gid('Fulfillment', id),
  status,
  trackingInfo: [{ number }],
  fulfillmentLineItems: whole(lines.map(([lineId, quantity]) => ({ quantity, ...lineItemOf(lineId) }))),
});
const state = (fulfillmentOrders: unknown[], fulfillments: unknown[] = []): HttpResponse =>
  answer({ data: { order: { fulfillmentOrders: whole(fulfillmentOrders), fulfillments } } });
const created = (id: number): HttpResponse =>
  answer({ data: { fulfillmentCreate: { fulfillment: { id: gid('Fulfillment', id) }, userErrors: [] } } });
const refused = (): HttpResponse => {
  const userErrors = [{ field: ['fulfillment'], message: 'Ada Example is not open' }];
  return answer({ data: { fulfillmentCreate: { fulfillment: null, userErrors } } });
};

const shipment = (lines: Shipment['lines'] = []): Shipment => ({
  orderId: '5600000000001',
  lines,
  carrier: { code: null, name: 'Royal Mail' },
  trackingNumber: 'JX1',
  shippedAt: NOW,
});

/** The answers of reading the order, and of the creations, each in its order; the last stays. */
function confirm(wanted: Shipment, reads: HttpResponse[], creations: HttpResponse[] = [created(51), created(52)]) {
  const left = { getFulfillmentOrders: [...reads], createFulfillment: [...creations] };
  return runSteps(
    (answers) => shopify.shipments!.confirm(context, wanted, answers),
    (_, operation) => {
      const queue = left[operation as keyof typeof left];
      return queue.length > 1 ? queue.shift()! : queue[0]!;
    },
  );
}
const inputOf = (request: HttpRequest | undefined) =>
  variablesOf(request!).fulfillment as Record<string, unknown> & { lineItemsByFulfillmentOrder: unknown };
const codeOf = (result: object): string => ('code' in result ? String(result.code) : 'confirmed');

test('a whole order is sent as all that is open of it', () => {
  const { result, requests, operations } = confirm(shipment(), [
    state([
      open(1, [
        [1, 6],
        [2, 0],
      ]),
    ]),
  ]);
  assert.deepEqual(result, { outcome: 'confirmed', packageId: '51' });
  assert.deepEqual(operations, ['getFulfillmentOrders', 'createFulfillment']);
  assert.equal(variablesOf(requests[0]!).id, gid('Order', 5600000000001));
  assert.deepEqual(inputOf(requests[1]), {
    lineItemsByFulfillmentOrder: [
      {
        fulfillmentOrderId: gid('FulfillmentOrder', 1),
        fulfillmentOrderLineItems: [{ id: gid('FulfillmentOrderLineItem', 11), quantity: 6 }],
      },
    ],
    trackingInfo: { number: 'JX1', company: 'Royal Mail' },
    notifyCustomer: true,
  });
});

test('a part of an order is sent by the lines of its fulfillment orders', () => {
  const orders = [open(1, [[1, 2]]), open(2, [[1, 4]])];
  const { result, requests } = confirm(shipment([{ lineId: '1', quantity: 3 }]), [state(orders)]);
  assert.deepEqual(result, { outcome: 'confirmed', packageId: '51' });
  assert.deepEqual(
    requests.slice(1).map((request) => inputOf(request).lineItemsByFulfillmentOrder),
    [
      [
        {
          fulfillmentOrderId: gid('FulfillmentOrder', 1),
          fulfillmentOrderLineItems: [{ id: gid('FulfillmentOrderLineItem', 11), quantity: 2 }],
        },
      ],
      [
        {
          fulfillmentOrderId: gid('FulfillmentOrder', 2),
          fulfillmentOrderLineItems: [{ id: gid('FulfillmentOrderLineItem', 21), quantity: 1 }],
        },
      ],
    ],
  );
});

test('a shipment that is there already is confirmed and not made again', () => {
  const there = state([open(1, [[1, 0]], 'CLOSED')], [sent(51, 'JX1', [[1, 6]])]);
  for (const lines of [[], [{ lineId: '1', quantity: 6 }]]) {
    const { result, operations } = confirm(shipment(lines), [there]);
    assert.deepEqual(result, { outcome: 'confirmed', packageId: '51' });
    assert.deepEqual(operations, ['getFulfillmentOrders']);
  }
});

test('after a crash only what is missing of a shipment is made', () => {
  const half = state([open(1, [[1, 0]], 'CLOSED'), open(2, [[1, 4]])], [sent(51, 'JX1', [[1, 2]])]);
  const { result, requests } = confirm(shipment([{ lineId: '1', quantity: 3 }]), [half]);
  assert.deepEqual(result, { outcome: 'confirmed', packageId: '51' });
  const [{ fulfillmentOrderLineItems } = assert.fail()] = inputOf(requests[1]).lineItemsByFulfillmentOrder as [
    { fulfillmentOrderLineItems: unknown },
  ];
  assert.deepEqual(fulfillmentOrderLineItems, [{ id: gid('FulfillmentOrderLineItem', 21), quantity: 1 }]);
});

test('what was sent under another number, or undone, is not this shipment', () => {
  const others = [sent(50, 'JX0', [[1, 2]]), sent(49, 'JX1', [[1, 2]], 'CANCELLED')];
  const { result, requests } = confirm(shipment([{ lineId: '1', quantity: 3 }]), [state([open(1, [[1, 4]])], others)]);
  assert.equal(codeOf(result), 'confirmed');
  assert.match(JSON.stringify(inputOf(requests[1])), /"quantity":3/);
});

test('what can’t be sent is told why, and nothing is made of it', () => {
  const orders = [open(1, [[1, 2]]), open(2, [[2, 1]], 'ON_HOLD')];
  const cases: [Shipment['lines'], HttpResponse, string][] = [
    [[{ lineId: '9', quantity: 1 }], state(orders), 'unknown-line'],
    [[{ lineId: '1', quantity: 3 }], state(orders), 'not-open'],
    [[{ lineId: '2', quantity: 1 }], state(orders), 'not-open'],
    [
      [
        { lineId: '1', quantity: 2 },
        { lineId: '1', quantity: 1 },
      ],
      state(orders),
      'not-open',
    ],
    [[], state([open(1, [[1, 0]], 'CLOSED')]), 'nothing-to-ship'],
    [[], state([open(2, [[2, 1]], 'SCHEDULED')]), 'nothing-to-ship'],
    [[], answer({ data: { order: null } }), 'order-not-found'],
  ];
  for (const [lines, read, code] of cases) {
    const { result, operations } = confirm(shipment(lines), [read]);
    assert.equal(codeOf(result), code);
    assert.deepEqual(operations, ['getFulfillmentOrders']);
  }
});

test('a refusal because it was sent meanwhile is a confirmation', () => {
  const before = state([open(1, [[1, 6]])]);
  const after = state([open(1, [[1, 0]], 'CLOSED')], [sent(77, 'JX1', [[1, 6]])]);
  const { result } = confirm(shipment(), [before, after], [refused()]);
  assert.deepEqual(result, { outcome: 'confirmed', packageId: '77' });
});

test('any other refusal fails the shipment, without Shopify’s words', () => {
  const { result } = confirm(shipment(), [state([open(1, [[1, 6]])])], [refused()]);
  assert.equal(codeOf(result), 'refused');
  assert.doesNotMatch(JSON.stringify(result), /Ada/);
});

test('the carrier’s code, where there is one, is the name that Shopify is told', () => {
  const carrier = { code: 'DHL Express', name: 'dhl' };
  const { requests } = confirm({ ...shipment(), carrier }, [state([open(1, [[1, 6]])])]);
  assert.deepEqual(inputOf(requests[1]).trackingInfo, { number: 'JX1', company: 'DHL Express' });
});

test('a part of what is open is never taken for all of it', () => {
  const cut = answer({ data: { order: { fulfillmentOrders: whole([open(1, [[1, 6]])], true), fulfillments: [] } } });
  assert.equal(failureOf(() => confirm(shipment(), [cut])).code, 'too-many-lines');
  for (const data of [{}, { order: {} }, { order: { fulfillmentOrders: { nodes: [] }, fulfillments: [] } }]) {
    assert.equal(failureOf(() => confirm(shipment(), [answer({ data })])).kind, 'retryable');
  }
});
