import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lazada } from '#marketplaces/lazada/index.ts';
import type { Shipment } from '#marketplaces/marketplace.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import vectors from '#test/vectors/lazada/orders.json' with { type: 'json' };
import { answer, context, failureOf, fulfilled, NOW, parametersOf, refusal, runSteps, success } from './support.ts';

type Unit = Record<string, unknown>;
type Reply = (request: HttpRequest, operation: string) => HttpResponse | undefined;

const ORDER = vectors.order.orderId;
const SHIPMENT: Shipment = {
  orderId: ORDER,
  lines: [],
  carrier: { code: null, name: 'Ninja Van' },
  trackingNumber: 'NLSG1',
  shippedAt: NOW,
};
const PACKED = { status: 'packed', package_id: 'FP1', tracking_code: 'NLSG1' };
const READY = { ...PACKED, status: 'ready_to_ship' };
const LOOSE: Unit[] = [{ order_item_id: '1' }, { order_item_id: '2' }];
const both = (change: Unit): Unit[] => LOOSE.map((unit) => ({ ...unit, ...change }));

const orderOf = (units: Unit[]): HttpResponse =>
  success([{ order_id: ORDER, order_number: ORDER, order_items: units.map((unit) => ({ ...vectors.unit, ...unit })) }]);
const allocation = (shipping_allocate_type = 'TFS', shipment_providers: object[] = []) =>
  fulfilled({ shipping_allocate_type, shipment_providers, platform_default: 1 });
type Item = { item_err_code?: string; retry?: boolean | string; package_id?: string };
const packOf = (ids: string[], item: Item = {}): HttpResponse =>
  fulfilled({
    pack_order_list: [
      {
        order_id: Number(ORDER),
        order_item_list: ids.map((id) => ({
          ...{ order_item_id: Number(id), item_err_code: '0', msg: 'Ada', tracking_number: 'NLSG9', package_id: 'FP9' },
          ...{ shipment_provider: 'LEX SG', retry: false, ...item },
        })),
      },
    ],
  });
const readyOf = (request: HttpRequest, item: Item = {}): HttpResponse => {
  const { packages } = JSON.parse(parametersOf(request).readyToShipReq!) as { packages: object[] };
  return fulfilled({ packages: packages.map((one) => ({ ...one, item_err_code: '0', msg: 'Ada', ...item })) });
};

function confirm(
  units: Unit[],
  { shipment = {}, reply = () => undefined }: { shipment?: Partial<Shipment>; reply?: Reply } = {},
) {
  return runSteps(
    (answers) => lazada.shipments!.confirm(context, { ...SHIPMENT, ...shipment }, answers),
    (request, operation) => {
      const replied = reply(request, operation);
      if (replied) return replied;
      if (operation === 'getOrderItems') return orderOf(units);
      if (operation === 'getShipmentProviders') return allocation();
      return operation === 'packOrder' ? packOf(['1', '2']) : readyOf(request);
    },
  );
}
const codeOf = ({ result }: ReturnType<typeof confirm>): string =>
  result.outcome === 'failed' ? result.code : result.outcome;
const WHOLE = ['getOrderItems', 'getShipmentProviders', 'packOrder', 'readyToShip'];

test('an order is packed and announced, and Lazada names its package', () => {
  const { result, operations, requests } = confirm(LOOSE);
  assert.deepEqual(result, { outcome: 'confirmed', packageId: 'FP9' });
  assert.deepEqual(operations, WHOLE);
  const [, providers, pack, ready] = requests.map(parametersOf);
  assert.equal(providers!.getShipmentProvidersReq, `{"orders":[{"order_id":${ORDER},"order_item_ids":[1,2]}]}`);
  assert.equal(
    pack!.packReq,
    `{"pack_order_list":[{"order_id":${ORDER},"order_item_list":[1,2]}],` +
      '"delivery_type":"dropship","shipping_allocate_type":"TFS"}',
  );
  assert.equal(ready!.readyToShipReq, '{"packages":[{"package_id":"FP9"}]}');
});

test('ids that no float holds are sent digit by digit', () => {
  const ids = ['99007199254740993'];
  const read = success([{ order_id: ids[0], order_items: [{ ...vectors.unit, order_item_id: ids[0] }] }]);
  const { requests } = confirm(LOOSE, {
    shipment: { orderId: ids[0]! },
    reply: (_, operation) => {
      if (operation === 'getOrderItems') return read;
      if (operation !== 'packOrder') return undefined;
      return answer(packOf(['1']).body.replace('"order_item_id":1', `"order_item_id":${ids[0]}`));
    },
  });
  assert.match(
    parametersOf(requests[2]!).packReq!,
    /"order_id":99007199254740993,"order_item_list":\[99007199254740993\]/,
  );
});

test('what is packed already is only announced', () => {
  const { result, operations } = confirm(both(PACKED));
  assert.deepEqual(result, { outcome: 'confirmed', packageId: 'FP1' });
  assert.deepEqual(operations, ['getOrderItems', 'readyToShip']);
});

test('what is announced already, or further, is confirmed without another call, whatever its number', () => {
  for (const status of ['ready_to_ship_pending', 'ready_to_ship', 'toship', 'shipped', 'delivered', 'returned']) {
    for (const trackingNumber of ['NLSG1', 'OTHER']) {
      const { result, operations } = confirm(both({ ...READY, status }), { shipment: { trackingNumber } });
      assert.deepEqual(result, { outcome: 'confirmed', packageId: 'FP1' });
      assert.deepEqual(operations, ['getOrderItems']);
    }
  }
});

test('a shipment of which Lazada has a part is completed by the rest', () => {
  const units = [{ ...LOOSE[0], ...READY }, LOOSE[1]!];
  const { result, requests } = confirm(units, {
    reply: (_, operation) => (operation === 'packOrder' ? packOf(['2']) : undefined),
  });
  assert.deepEqual(result, { outcome: 'confirmed', packageId: 'FP9' });
  assert.match(parametersOf(requests[2]!).packReq!, /"order_item_list":\[2\]/);
});

test('a cancelled unit is left behind', () => {
  const { requests } = confirm([LOOSE[0]!, { ...LOOSE[1], status: 'canceled' }], {
    reply: (_, operation) => (operation === 'packOrder' ? packOf(['1']) : undefined),
  });
  assert.match(parametersOf(requests[2]!).packReq!, /"order_item_list":\[1\]/);
});

test('whole lines ship, the others stay', () => {
  const units = [...LOOSE, { order_item_id: '3', sku: '71053' }];
  const { result, requests } = confirm(units, { shipment: { lines: [{ lineId: '1', quantity: 2 }] } });
  assert.equal(result.outcome, 'confirmed');
  assert.match(parametersOf(requests[2]!).packReq!, /"order_item_list":\[1,2\]/);
});

test('a part of a line ships as the package that has its tracking number, and is confirmed again as that', () => {
  const lines = [{ lineId: '1', quantity: 1 }];
  const packed = confirm([LOOSE[0]!, { ...LOOSE[1], ...PACKED }], { shipment: { lines } });
  assert.deepEqual(packed.result, { outcome: 'confirmed', packageId: 'FP1' });
  assert.deepEqual(packed.operations, ['getOrderItems', 'readyToShip']);
  const again = confirm([LOOSE[0]!, { ...LOOSE[1], ...READY }], { shipment: { lines } });
  assert.deepEqual(again.result, packed.result);
  assert.deepEqual(again.operations, ['getOrderItems']);
});

test('what can not be shipped fails without a call that changes anything', () => {
  const lines = (lineId: string, quantity: number) => ({ shipment: { lines: [{ lineId, quantity }] } });
  const cases: [string, ReturnType<typeof confirm>][] = [
    ['order-not-found', confirm([], { reply: () => success([]) })],
    ['unknown-line', confirm(LOOSE, lines('9', 1))],
    ['not-open', confirm(LOOSE, lines('1', 3))],
    ['part-of-line', confirm(LOOSE, lines('1', 1))],
    ['nothing-to-ship', confirm(both({ status: 'canceled' }))],
    ['package-holds-more', confirm([...both(PACKED), { order_item_id: '3', sku: 'X', ...PACKED }], lines('1', 2))],
  ];
  for (const [code, run] of cases) {
    assert.equal(codeOf(run), code);
    assert.deepEqual(run.operations, ['getOrderItems']);
  }
  const noId = confirm(LOOSE, { shipment: { orderId: '1/../2' } });
  assert.deepEqual([codeOf(noId), noId.operations], ['order-not-found', []]);
});

test('where the seller chooses the carrier, it is looked up by its code or its name', () => {
  const carriers: Reply = (_, operation) =>
    operation === 'getShipmentProviders'
      ? allocation('NTFS', [
          { name: 'Ninja Van', provider_code: 'NV' },
          { name: 'DHL eCommerce', provider_code: 'DHL' },
        ])
      : undefined;
  for (const [carrier, code] of [
    [{ code: null, name: 'ninja van' }, 'NV'],
    [{ code: 'dhl', name: 'Whatever' }, 'DHL'],
  ] as const) {
    const { requests, operations } = confirm(LOOSE, { shipment: { carrier }, reply: carriers });
    assert.deepEqual(operations, WHOLE);
    assert.match(
      parametersOf(requests[2]!).packReq!,
      new RegExp(`"shipping_allocate_type":"NTFS","shipment_provider_code":"${code}"}$`),
    );
  }
  const pigeon = confirm(LOOSE, { shipment: { carrier: { code: null, name: 'Pigeon' } }, reply: carriers });
  assert.equal(codeOf(pigeon), 'unknown-carrier');
});

const refusing = (operation: string, response: HttpResponse): { reply: Reply } => ({
  reply: (_, called) => (called === operation ? response : undefined),
});

test('a refusal at any of the levels is the outcome, in no words of Lazada’s', () => {
  const inside = fulfilled(null, { success: false, error_code: '1003', error_msg: 'Ada' });
  const cases: [string, ReturnType<typeof confirm>][] = [
    ['1003', confirm(LOOSE, refusing('getShipmentProviders', inside))],
    ['700000', confirm(LOOSE, refusing('packOrder', refusal('700000')))],
    ['1003', confirm(LOOSE, refusing('packOrder', inside))],
    ['700004', confirm(LOOSE, refusing('packOrder', packOf(['1', '2'], { item_err_code: '700004' })))],
    ['unknown-error', confirm(LOOSE, refusing('packOrder', packOf(['1', '2'], { item_err_code: 'Ada' })))],
    ['1003', confirm(LOOSE, refusing('readyToShip', inside))],
    [
      '700016',
      confirm(LOOSE, {
        reply: (request, operation) =>
          operation === 'readyToShip'
            ? readyOf(request, { item_err_code: '700016', retry: 'false', package_id: 'FP9' })
            : undefined,
      }),
    ],
  ];
  for (const [code, run] of cases) {
    assert.equal(codeOf(run), code);
    assert.doesNotMatch(JSON.stringify(run.result), /Ada/);
  }
});

test('one refused unit is enough: nothing of the shipment is announced', () => {
  const mixed = JSON.parse(packOf(['1', '2']).body);
  mixed.result.data.pack_order_list[0].order_item_list[1].item_err_code = '700004';
  const run = confirm(LOOSE, refusing('packOrder', answer(mixed)));
  assert.equal(codeOf(run), '700004');
  assert.deepEqual(run.operations, WHOLE.slice(0, 3));
});

test('trouble is no refusal: the shipment is tried again', () => {
  const troubles: [string, HttpResponse][] = [
    ['packOrder', refusal('6')],
    ['packOrder', fulfilled(null, { success: false, error_code: '40011' })],
    ['packOrder', packOf(['1', '2'], { item_err_code: '700004', retry: true })],
    ['packOrder', packOf(['1', '2'], { item_err_code: '700004', retry: 'true' })],
    ['packOrder', packOf(['1'])],
    ['packOrder', packOf(['1', '2'], { package_id: '' })],
    ['packOrder', success({})],
    ['readyToShip', fulfilled({ packages: [] })],
    ['readyToShip', answer('{"code":"0","result":{"success":true,"data":{"pack')],
  ];
  for (const [operation, response] of troubles) {
    assert.equal(failureOf(() => confirm(LOOSE, refusing(operation, response))).kind, 'retryable');
  }
});

test('more packages than a call takes are announced in several', () => {
  const units = Array.from({ length: 45 }, (_, index) => ({
    ...PACKED,
    order_item_id: String(index + 1),
    package_id: `FP${index}`,
  }));
  const { result, operations } = confirm(units);
  assert.equal(result.outcome, 'confirmed');
  assert.deepEqual(operations, ['getOrderItems', 'readyToShip', 'readyToShip', 'readyToShip']);
});
