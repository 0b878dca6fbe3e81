import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shipment } from '#marketplaces/marketplace.ts';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import vectors from '#test/vectors/tiktok-shop/orders.json' with { type: 'json' };
import { context, failureOf, NOW, refusal, runSteps, success } from './support.ts';

type Unit = Record<string, unknown>;
type Reply = (request: HttpRequest, operation: string) => HttpResponse | undefined;

const ORDER = vectors.source.id;
const SHIPMENT: Shipment = {
  orderId: ORDER,
  lines: [],
  carrier: { code: '6617675021119438849', name: 'Royal Mail' },
  trackingNumber: 'JX12345',
  shippedAt: NOW,
};
const SENT = { display_status: 'IN_TRANSIT', package_status: 'FULFILLING', tracking_number: 'JX12345' };

const orderOf = (units: Unit[], change: object = {}): HttpResponse =>
  success({
    orders: [{ ...vectors.source, line_items: units.map((unit) => ({ ...vectors.unit, ...unit })), ...change }],
  });
const packed: Unit[] = [{ id: '1' }, { id: '2' }];
const loose: Unit[] = [
  { id: '1', package_id: '' },
  { id: '2', package_id: '' },
];

function confirm(
  order: HttpResponse,
  { shipment = {}, reply = () => undefined }: { shipment?: Partial<Shipment>; reply?: Reply } = {},
) {
  return runSteps(
    (answers) => tiktokShop.shipments!.confirm(context, { ...SHIPMENT, ...shipment }, answers),
    (request, operation) => reply(request, operation) ?? (operation === 'getOrders' ? order : success({})),
  );
}
const bodyOf = (request: HttpRequest | undefined): unknown => JSON.parse(request!.body!);
const codeOf = ({ result }: ReturnType<typeof confirm>): string =>
  result.outcome === 'failed' ? result.code : result.outcome;

test('a package that TikTok has made is shipped as it is', () => {
  const { result, operations, requests } = confirm(orderOf(packed));
  assert.deepEqual(result, { outcome: 'confirmed', packageId: '1153132168123859123' });
  assert.deepEqual(operations, ['getOrders', 'shipPackage']);
  assert.equal(new URL(requests[1]!.url).pathname, '/fulfillment/202309/packages/1153132168123859123/ship');
  assert.deepEqual(bodyOf(requests[1]), {
    self_shipment: { tracking_number: 'JX12345', shipping_provider_id: '6617675021119438849' },
  });
});

test('units without a package are marked as shipped, and TikTok makes them one', () => {
  const { result, operations, requests } = confirm(orderOf(loose, { packages: [] }), {
    reply: (_, operation) => (operation === 'markPackageAsShipped' ? success({ package_id: '77' }) : undefined),
  });
  assert.deepEqual(result, { outcome: 'confirmed', packageId: '77' });
  assert.deepEqual(operations, ['getOrders', 'markPackageAsShipped']);
  assert.equal(new URL(requests[1]!.url).pathname, `/fulfillment/202309/orders/${ORDER}/packages`);
  assert.deepEqual(bodyOf(requests[1]), {
    order_line_item_ids: ['1', '2'],
    tracking_number: 'JX12345',
    shipping_provider_id: '6617675021119438849',
  });
});

test('a part of a line is shipped by as many of its open units, never the whole package', () => {
  const units = [{ id: '1', display_status: 'CANCELLED' }, { id: '2' }, { id: '3' }, { id: '4' }];
  const { requests } = confirm(orderOf(units), { shipment: { lines: [{ lineId: '1', quantity: 2 }] } });
  assert.deepEqual((bodyOf(requests[1]) as { order_line_item_ids: string[] }).order_line_item_ids, ['2', '3']);
});

test('the whole of a package named by its lines is shipped as the package', () => {
  const { operations } = confirm(orderOf(packed), { shipment: { lines: [{ lineId: '1', quantity: 2 }] } });
  assert.deepEqual(operations, ['getOrders', 'shipPackage']);
});

test('an order of two packages has both shipped', () => {
  const { result, requests } = confirm(
    orderOf([
      { id: '1', package_id: '20' },
      { id: '2', package_id: '10' },
    ]),
  );
  assert.deepEqual(result, { outcome: 'confirmed', packageId: '20' });
  const paths = requests.slice(1).map(({ url }) => new URL(url).pathname.split('/').at(-2));
  assert.deepEqual(paths, ['10', '20']);
});

test('a shipment that TikTok has already is confirmed without another call', () => {
  const { result, operations } = confirm(orderOf(packed.map((unit) => ({ ...unit, ...SENT }))));
  assert.deepEqual(result, { outcome: 'confirmed', packageId: '1153132168123859123' });
  assert.deepEqual(operations, ['getOrders']);
});

test('a shipment of which TikTok has a part is completed by the rest', () => {
  const units = [
    { id: '1', package_id: '', ...SENT },
    { id: '2', package_id: '' },
    { id: '3', package_id: '' },
  ];
  const { requests } = confirm(orderOf(units), { shipment: { lines: [{ lineId: '1', quantity: 2 }] } });
  assert.deepEqual((bodyOf(requests[1]) as { order_line_item_ids: string[] }).order_line_item_ids, ['2']);
});

test('an order that is shipped with another number is not confirmed', () => {
  const other = { ...SENT, tracking_number: 'OTHER' };
  const order = orderOf(packed.map((unit) => ({ ...unit, ...other })));
  assert.equal(codeOf(confirm(order)), 'nothing-to-ship');
  assert.equal(codeOf(confirm(order, { shipment: { lines: [{ lineId: '1', quantity: 1 }] } })), 'not-open');
});

test('what can not be shipped fails without a call that changes anything', () => {
  const cases: [string, ReturnType<typeof confirm>][] = [
    ['order-not-found', confirm(success({ orders: [] }))],
    ['unknown-line', confirm(orderOf(packed), { shipment: { lines: [{ lineId: '9', quantity: 1 }] } })],
    ['not-open', confirm(orderOf(packed), { shipment: { lines: [{ lineId: '1', quantity: 3 }] } })],
    ['nothing-to-ship', confirm(orderOf([{ id: '1', display_status: 'CANCELLED' }]))],
    ['shipped-by-tiktok', confirm(orderOf(packed, { shipping_type: 'TIKTOK' }))],
  ];
  for (const [code, run] of cases) {
    assert.equal(codeOf(run), code);
    assert.deepEqual(run.operations, ['getOrders']);
  }
});

test('a carrier without TikTok’s id is looked up by its name or its code', () => {
  const carriers: Reply = (_, operation) =>
    operation === 'getShippingProviders'
      ? success({
          shipping_providers: [
            { id: '1', name: 'DPD' },
            { id: '2', name: 'Royal Mail' },
          ],
        })
      : undefined;
  for (const [carrier, id] of [
    [{ code: null, name: 'royal mail' }, '2'],
    [{ code: 'DPD', name: 'DPD Group' }, '1'],
  ] as const) {
    const { requests, operations } = confirm(orderOf(packed), { shipment: { carrier }, reply: carriers });
    assert.deepEqual(operations, ['getOrders', 'getShippingProviders', 'shipPackage']);
    const path = '/logistics/202309/delivery_options/7091146663229654785/shipping_providers';
    assert.equal(new URL(requests[1]!.url).pathname, path);
    assert.match(requests[2]!.body!, new RegExp(`"shipping_provider_id":"${id}"`));
  }
  const pigeon = { carrier: { code: null, name: 'Pigeon' } };
  assert.equal(codeOf(confirm(orderOf(packed), { shipment: pigeon, reply: carriers })), 'unknown-carrier');
  assert.equal(codeOf(confirm(orderOf(packed, { delivery_option_id: '' }), { shipment: pigeon })), 'unknown-carrier');
});

test('a refusal is the outcome, in no words of TikTok’s', () => {
  const { result } = confirm(orderOf(packed), {
    reply: (_, operation) => (operation === 'shipPackage' ? refusal(21011022) : undefined),
  });
  assert.deepEqual(result, {
    outcome: 'failed',
    code: '21011022',
    message: 'TikTok Shop refused the shipment: 21011022 (the tracking number or the carrier is not valid)',
  });
});

test('shipped already is looked at again, and confirmed where it has the same number', () => {
  for (const [tracking_number, outcome] of [
    ['JX12345', 'confirmed'],
    ['OTHER', '11006021'],
  ] as const) {
    let reads = 0;
    const run = confirm(orderOf(packed), {
      reply: (_, operation) => {
        if (operation === 'shipPackage') return refusal(11006021);
        reads += 1;
        return orderOf(packed.map((unit) => (reads > 1 ? { ...unit, ...SENT, tracking_number } : unit)));
      },
    });
    assert.equal(codeOf(run), outcome);
    assert.deepEqual(run.operations, ['getOrders', 'shipPackage', 'getOrders']);
  }
});

test('trouble is no refusal: the shipment is tried again', () => {
  const failure = failureOf(() =>
    confirm(orderOf(packed), {
      reply: (_, operation) => (operation === 'shipPackage' ? refusal(11001031) : undefined),
    }),
  );
  assert.equal(failure.kind, 'retryable');
});
