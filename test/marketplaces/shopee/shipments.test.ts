import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shipment } from '#marketplaces/marketplace.ts';
import { shopee } from '#marketplaces/shopee/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import ways from '#test/vectors/shopee/ways-to-ship.json' with { type: 'json' };
import { answer, NOW } from './app.ts';
import { context, failureOf, refusal, replies, runSteps, success } from './support.ts';

const SHIPMENT: Shipment = {
  orderId: '251201AAAAAAA1',
  lines: [],
  carrier: { code: null, name: 'Own van' },
  trackingNumber: 'TRACK1',
  shippedAt: NOW,
};
const OWN_CARRIER = success({ info_needed: { non_integrated: ['tracking_number'] } });

type Held = Record<string, number>;
const itemOf = (id: string, more: object) => ({ item_id: Number(id), model_id: 0, ...more });

/** An order of so many units an item, line n of item n, in packages of these states with what is in them. */
function order(units: Held, ...packages: [number: string, state: string, held: Held][]): HttpResponse {
  const item_list = Object.entries(units).map(([id, quantity]) =>
    itemOf(id, { model_quantity_purchased: quantity, line_item_id: Number(id) }),
  );
  const package_list = packages.map(([package_number, state, held]) => ({
    package_number,
    logistics_status: `LOGISTICS_${state}`,
    item_list: Object.entries(held).map(([id, quantity]) => itemOf(id, { model_quantity: quantity })),
  }));
  const { orderId: order_sn } = SHIPMENT;
  const times = { create_time: 1764547100, update_time: 1764547190 };
  return success({
    order_list: [{ order_sn, order_status: 'READY_TO_SHIP', currency: 'SGD', ...times, item_list, package_list }],
  });
}
const READY = order({ 1: 2, 2: 1 }, ['OFG1', 'READY', { 1: 2, 2: 1 }]);
const SPLIT = order({ 1: 2, 2: 1 }, ['OFG1', 'READY', { 1: 2 }], ['OFG2', 'READY', { 2: 1 }]);
const inState = (state: string) => order({ 1: 2 }, ['OFG1', state, { 1: 2 }]);

const confirm = (change: Partial<Shipment>, answers: Record<string, readonly HttpResponse[]>) =>
  runSteps((sofar) => shopee.shipments!.confirm(context, { ...SHIPMENT, ...change }, sofar), replies(answers));
const codeOf = (result: object) => ('code' in result ? result.code : undefined);

test('a package of the seller’s own carrier is shipped with its tracking number', () => {
  const { result, operations, requests } = confirm(
    {},
    { getOrderDetail: [READY], getShippingParameter: [OWN_CARRIER], shipOrder: [answer('{"error":"","message":""}')] },
  );
  assert.deepEqual(result, { outcome: 'confirmed', packageId: 'OFG1' });
  assert.deepEqual(operations, ['getOrderDetail', 'getShippingParameter', 'shipOrder']);
  const parameter = new URL(requests[1]!.url);
  assert.equal(parameter.pathname, '/api/v2/logistics/get_shipping_parameter');
  assert.deepEqual(
    ['order_sn', 'package_number', 'shop_id'].map((name) => parameter.searchParams.get(name)),
    ['251201AAAAAAA1', null, '14701711'],
  );
  assert.deepEqual([requests[2]!.method, new URL(requests[2]!.url).pathname], ['POST', '/api/v2/logistics/ship_order']);
  assert.deepEqual(JSON.parse(requests[2]!.body!), {
    order_sn: '251201AAAAAAA1',
    non_integrated: { tracking_number: 'TRACK1' },
  });
});

for (const { name, response, sent } of ways) {
  test(`how it is sent: ${name}`, () => {
    const told = answer(JSON.stringify({ error: '', response }));
    const run = confirm({}, { getOrderDetail: [READY], getShippingParameter: [told], shipOrder: [success()] });
    if (sent) {
      assert.equal(run.requests[2]!.body, `{"order_sn":"251201AAAAAAA1",${JSON.stringify(sent).slice(1)}`);
      return assert.equal(run.result.outcome, 'confirmed');
    }
    assert.equal(codeOf(run.result), 'choice-needed');
    assert.equal(run.operations.length, 2);
  });
}

test('each package of a split order is shipped under its own number', () => {
  const { result, requests } = confirm(
    {},
    {
      getOrderDetail: [SPLIT],
      getShippingParameter: [OWN_CARRIER, OWN_CARRIER],
      shipOrder: [success(), success()],
    },
  );
  assert.deepEqual(result, { outcome: 'confirmed', packageId: 'OFG1' });
  assert.deepEqual(
    requests.flatMap(({ body }) => (body ? [JSON.parse(body).package_number] : [])),
    ['OFG1', 'OFG2'],
  );
});

test('the lines of a shipment choose its package', () => {
  const lines = [{ lineId: '2', quantity: 1 }];
  const { result, requests } = confirm(
    { lines },
    { getOrderDetail: [SPLIT], getShippingParameter: [OWN_CARRIER], shipOrder: [success()] },
  );
  assert.deepEqual(result, { outcome: 'confirmed', packageId: 'OFG2' });
  assert.equal(JSON.parse(requests[2]!.body!).package_number, 'OFG2');
});

test('what was cancelled of the only package is not missed in the shipment', () => {
  const body = READY.body.replace('"line_item_id":2', '"line_item_id":2,"cancelled_qty":1');
  const { result } = confirm(
    { lines: [{ lineId: '1', quantity: 2 }] },
    { getOrderDetail: [answer(body)], getShippingParameter: [OWN_CARRIER], shipOrder: [success()] },
  );
  assert.equal(result.outcome, 'confirmed');
});

const FAILED: [string, Shipment['lines'], HttpResponse, string][] = [
  ['a line that the order does not have', [{ lineId: '9', quantity: 1 }], READY, 'unknown-line'],
  ['a part of the only package', [{ lineId: '1', quantity: 2 }], READY, 'package-holds-more'],
  ['a part of a line', [{ lineId: '1', quantity: 1 }], SPLIT, 'package-holds-more'],
  ['more units than there are', [{ lineId: '2', quantity: 2 }], SPLIT, 'not-open'],
  ['an order that is not in packages yet', [], order({ 1: 2 }), 'nothing-to-ship'],
  ['a cancelled order', [], inState('INVALID'), 'nothing-to-ship'],
  ['an order that the answer does not hold', [], success({ order_list: [] }), 'order-not-found'],
];
for (const [name, lines, read, code] of FAILED) {
  test(`a shipment of ${name} fails before anything is arranged`, () => {
    const { result, operations } = confirm({ lines }, { getOrderDetail: [read] });
    assert.equal(codeOf(result), code);
    assert.deepEqual(operations, ['getOrderDetail']);
  });
}

test('a package that is arranged with Shopee’s own number is confirmed, and not arranged again', () => {
  const { result, operations } = confirm({}, { getOrderDetail: [inState('REQUEST_CREATED')] });
  assert.deepEqual(result, { outcome: 'confirmed', packageId: 'OFG1' });
  assert.deepEqual(operations, ['getOrderDetail']);
});

for (const [number, code] of [
  ['TRACK1', undefined],
  ['TRACK2', 'shipped-already'],
  ['', 'shipped-already'],
] as const) {
  const told = success({ tracking_number: number });
  test(`a package that is gone with the number "${number}" is ${code ?? 'confirmed'}`, () => {
    for (const state of ['PICKUP_DONE', 'DELIVERY_DONE']) {
      const run = confirm({}, { getOrderDetail: [inState(state)], getTrackingNumber: [told] });
      assert.equal(codeOf(run.result), code);
      assert.equal(new URL(run.requests[1]!.url).pathname, '/api/v2/logistics/get_tracking_number');
    }
    // A call before it may have had its effect only now.
    const late = confirm(
      {},
      {
        getOrderDetail: [READY],
        getShippingParameter: [OWN_CARRIER],
        shipOrder: [refusal('logistics.package_already_shipped')],
        getTrackingNumber: [told],
      },
    );
    assert.equal(codeOf(late.result), code);
  });
}

test('a refused shipment has failed, in Shopee’s word and without its sentence', () => {
  const refused = refusal('logistics.ship_order_not_ready_to_ship');
  for (const answers of [
    { getShippingParameter: [refused] },
    { getShippingParameter: [OWN_CARRIER], shipOrder: [refused] },
  ]) {
    assert.deepEqual(confirm({}, { getOrderDetail: [READY], ...answers }).result, {
      outcome: 'failed',
      code: 'ship-order-not-ready-to-ship',
      message: 'Shopee refused the shipment: ship-order-not-ready-to-ship (the order is not ready to ship)',
    });
  }
});

test('an answer that is not whole proves nothing, and all begins anew', () => {
  const cut = answer(READY.body.slice(0, 90));
  for (const answers of [
    { getOrderDetail: [cut] },
    { getOrderDetail: [READY], getShippingParameter: [success()] },
    { getOrderDetail: [READY], getShippingParameter: [OWN_CARRIER], shipOrder: [answer('{"message":""}')] },
    { getOrderDetail: [inState('PICKUP_DONE')], getTrackingNumber: [answer('{"error":""}')] },
  ]) {
    assert.equal(failureOf(() => confirm({}, answers)).kind, 'retryable');
  }
});
