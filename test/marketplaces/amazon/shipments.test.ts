import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { Shipment } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { answer, answersBy, context, failureOf, NOW, refusal, runSteps } from './support.ts';

type Line = { open: number; ordered?: number };
type Package = { trackingNumber: string; items?: Record<string, number>; reference?: string; status?: string };

const SHIPMENT: Shipment = {
  orderId: '026-1234567-0000001',
  lines: [{ lineId: '1', quantity: 2 }],
  carrier: { code: 'UPS', name: 'UPS' },
  trackingNumber: '1Z111',
  shippedAt: NOW,
};
const DONE: HttpResponse = { status: 204, headers: {}, body: '' };
const REFUSED = refusal('InvalidInput');

/** An order with lines numbered from 1. */
function order(lines: Line[], packages: Package[] = [], change: object = {}): HttpResponse {
  return answer({
    order: {
      orderId: SHIPMENT.orderId,
      createdTime: '2026-11-24T05:00:00Z',
      lastUpdatedTime: '2026-11-24T05:30:00Z',
      salesChannel: { channelName: 'AMAZON', marketplaceId: 'A1PA6795UKMFR9' },
      fulfillment: { fulfillmentStatus: 'UNSHIPPED', fulfilledBy: 'MERCHANT' },
      orderItems: lines.map(({ open, ordered = open }, index) => ({
        orderItemId: String(index + 1),
        quantityOrdered: ordered,
        product: { sellerSku: 'A' },
        fulfillment: { quantityFulfilled: ordered - open, quantityUnfulfilled: open },
      })),
      packages: packages.map(({ trackingNumber, items, reference = '1', status = 'SHIPPED' }) => ({
        packageReferenceId: reference,
        packageStatus: { status },
        trackingNumber,
        ...(items && {
          packageItems: Object.entries(items).map(([orderItemId, quantity]) => ({ orderItemId, quantity })),
        }),
      })),
      ...change,
    },
  });
}

/** Confirms a shipment against answers by operation; several of one operation come in their order. */
const confirm = (change: Partial<Shipment>, getOrder: HttpResponse[], confirmShipment: HttpResponse[] = [DONE]) =>
  runSteps(
    (answers) => amazon.shipments!.confirm(context, { ...SHIPMENT, ...change }, answers),
    answersBy({ getOrder, confirmShipment }),
  );

const packageOf = ({ requests }: ReturnType<typeof confirm>) => JSON.parse(requests[1]!.body!).packageDetail;

const OPEN = order([{ open: 2 }]);
const SENT = order([{ open: 0, ordered: 2 }], [{ trackingNumber: '1Z111', items: { 1: 2 }, reference: '7' }]);

test("a shipment is confirmed with the order's own marketplace, in Amazon's form", () => {
  const { result, requests } = confirm({}, [OPEN]);
  const [read, { method, url, headers, body }] = requests as [(typeof requests)[number], (typeof requests)[number]];
  assert.equal(new URL(read.url).searchParams.get('includedData'), 'FULFILLMENT,PACKAGES');
  const path = '/orders/v0/orders/026-1234567-0000001/shipmentConfirmation';
  assert.deepEqual([method, url], ['POST', `https://sellingpartnerapi-eu.amazon.com${path}`]);
  assert.equal(headers['content-type'], 'application/json');
  const { packageReferenceId } = JSON.parse(body!).packageDetail;
  assert.match(packageReferenceId, /^[1-9]\d{0,8}$/);
  assert.deepEqual(JSON.parse(body!), {
    marketplaceId: 'A1PA6795UKMFR9',
    packageDetail: {
      packageReferenceId,
      carrierCode: 'UPS',
      carrierName: 'UPS',
      trackingNumber: '1Z111',
      shipDate: '2026-11-24T06:00:00.000Z',
      orderItems: [{ orderItemId: '1', quantity: 2 }],
    },
  });
  assert.deepEqual(result, { outcome: 'confirmed', packageId: packageReferenceId });
});

test('an order that names no marketplace is of the first store of the connection', () => {
  const { requests } = confirm({}, [order([{ open: 2 }], [], { salesChannel: null })]);
  assert.equal(JSON.parse(requests[1]!.body!).marketplaceId, 'A1F83G8C2ARO7P');
});

test('the same shipment has the same package reference whenever it is confirmed, and no two share one', () => {
  const referenceOf = (change: Partial<Shipment>) => packageOf(confirm(change, [OPEN])).packageReferenceId;
  const others: Partial<Shipment>[] = [
    { trackingNumber: '1Z112' },
    { lines: [{ lineId: '1', quantity: 1 }] },
    { lines: [] },
  ];
  assert.equal(referenceOf({}), referenceOf({ shippedAt: NOW + 1_000, carrier: { code: null, name: 'DPD' } }));
  assert.equal(new Set([{}, ...others].map(referenceOf)).size, 4);
});

test('what is there already with its tracking number is confirmed, and not sent again', () => {
  const untold = order([{ open: 0, ordered: 2 }], [{ trackingNumber: '1Z111', reference: '7' }]);
  for (const lines of [SHIPMENT.lines, []]) {
    for (const read of [SENT, untold]) {
      const { result, operations } = confirm({ lines }, [read]);
      assert.deepEqual(result, { outcome: 'confirmed', packageId: '7' });
      assert.deepEqual(operations, ['getOrder']);
    }
  }
});

test('only the rest of a package is sent, when a part of it is there', () => {
  const partly = order([{ open: 1, ordered: 2 }], [{ trackingNumber: '1Z111', items: { 1: 1 } }]);
  assert.deepEqual(packageOf(confirm({}, [partly])).orderItems, [{ orderItemId: '1', quantity: 1 }]);
});

test('a shipment without lines is everything that is open', () => {
  const mixed = order([{ open: 2 }, { open: 0, ordered: 1 }, { open: 3, ordered: 4 }], [{ trackingNumber: '1Z000' }]);
  assert.deepEqual(packageOf(confirm({ lines: [] }, [mixed])).orderItems, [
    { orderItemId: '1', quantity: 2 },
    { orderItemId: '3', quantity: 3 },
  ]);
});

test('an order that does not tell what is open is open as a whole', () => {
  const untold = answer(OPEN.body.replace('"quantityFulfilled":0,"quantityUnfulfilled":2', ''));
  assert.deepEqual(packageOf(confirm({ lines: [] }, [untold])).orderItems, [{ orderItemId: '1', quantity: 2 }]);
});

const gone = { fulfillmentStatus: 'CANCELLED' };
const FAILED: [string, Partial<Shipment>, HttpResponse, string][] = [
  ['a line that the order does not have', { lines: [{ lineId: '9', quantity: 1 }] }, OPEN, 'unknown-line'],
  ['more units than are open', { lines: [{ lineId: '1', quantity: 3 }] }, OPEN, 'not-open'],
  [
    'more units than are open, over two mentions of a line',
    { lines: [1, 2].map((quantity) => ({ lineId: '1', quantity })) },
    OPEN,
    'not-open',
  ],
  ['units that went with another number', { trackingNumber: '1Z222' }, SENT, 'not-open'],
  ['a cancelled order', {}, order([{ open: 2 }], [], { fulfillment: gone }), 'not-open'],
  ['a cancelled order as a whole', { lines: [] }, order([{ open: 2 }], [], { fulfillment: gone }), 'nothing-to-ship'],
  [
    'an order whose package with this number was cancelled',
    { lines: [] },
    order([{ open: 0, ordered: 2 }], [{ trackingNumber: '1Z111', status: 'CANCELLED' }]),
    'nothing-to-ship',
  ],
  [
    'an order that Amazon ships itself',
    {},
    order([{ open: 2 }], [], { fulfillment: { fulfillmentStatus: 'UNSHIPPED', fulfilledBy: 'AMAZON' } }),
    'fulfilled-by-amazon',
  ],
];
for (const [name, change, read, code] of FAILED) {
  test(`a shipment of ${name} fails before Amazon is told of it`, () => {
    const { result, operations } = confirm(change, [read]);
    assert.deepEqual([result.outcome, 'code' in result && result.code], ['failed', code]);
    assert.deepEqual(operations, ['getOrder']);
  });
}

test("what Amazon refuses has failed, in Amazon's word and without its sentence", () => {
  for (const [refused, code] of [
    [REFUSED, 'InvalidInput'],
    [refusal('NotFound', 404), 'NotFound'],
    [refusal('Ada Example'), 'refused'],
  ] as const) {
    const { result } = confirm({}, [OPEN, OPEN], [refused]);
    assert.deepEqual(result, { outcome: 'failed', code, message: `Amazon refused the shipment: ${code}` });
  }
});

test('a refusal of what a call before it had brought about is a confirmation', () => {
  const { result, operations } = confirm({}, [OPEN, SENT], [REFUSED]);
  assert.deepEqual(result, { outcome: 'confirmed', packageId: '7' });
  assert.deepEqual(operations, ['getOrder', 'confirmShipment', 'getOrder']);
});

test("a carrier goes by its code, by Amazon's code where that is known, and else as Other with its name", () => {
  const carrierOf = (carrier: Shipment['carrier']) => {
    const { carrierCode, carrierName } = packageOf(confirm({ carrier }, [OPEN]));
    return [carrierCode, carrierName];
  };
  assert.deepEqual(carrierOf({ code: 'YODEL', name: 'Yodel' }), ['YODEL', 'Yodel']);
  assert.deepEqual(carrierOf({ code: null, name: 'royal mail' }), ['Royal Mail', 'royal mail']);
  assert.deepEqual(carrierOf({ code: null, name: 'Own van' }), ['Other', 'Own van']);
});

test('a success that is not as documented proves nothing, and all begins anew', () => {
  for (const odd of [answer({}), answer('<html>OK</html>'), answer('', 200)]) {
    assert.equal(failureOf(() => confirm({}, [OPEN], [odd])).kind, 'retryable');
  }
});

test('an order that is not whole ships nothing', () => {
  const cut = answer(OPEN.body.slice(0, 200));
  assert.equal(failureOf(() => confirm({}, [cut])).kind, 'retryable');
});
