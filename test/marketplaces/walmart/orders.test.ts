import assert from 'node:assert/strict';
import { test } from 'node:test';
import { order as orderSchema } from '#events/order.ts';
import { walmart } from '#marketplaces/walmart/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import vector from '#test/vectors/walmart/order.json' with { type: 'json' };
import statuses from '#test/vectors/walmart/order-statuses.json' with { type: 'json' };
import { answer, connection, failureOf, refusal } from './support.ts';

type StatusVector = {
  name: string;
  status: string;
  lines: { quantity: number; statuses: { status: string; quantity: number }[] }[];
};

const { orders } = walmart;
const WINDOW = { from: 0, to: 1, pageToken: undefined };
const CURSOR = '?limit=200&hasMoreElements=true&soIndex=3&poIndex=2&partnerId=1&q=a+b%2Fc';

const each = (amount: number) => ({ unitOfMeasurement: 'EACH', amount: String(amount) });

/** The order of the vector with other lines: quantities and their states. */
function withLines(lines: StatusVector['lines']) {
  const [line] = vector.answer.order.orderLines.orderLine;
  const orderLine = lines.map(({ quantity, statuses: told }, index) => ({
    ...line!,
    lineNumber: String(index + 1),
    orderLineQuantity: each(quantity),
    orderLineStatuses: {
      orderLineStatus: told.map((state) => ({ status: state.status, statusQuantity: each(state.quantity) })),
    },
  }));
  return { ...vector.answer.order, orderLines: { orderLine } };
}

function list(ids: string[], meta: object = {}): HttpResponse {
  const order = ids.map((purchaseOrderId) => ({ ...vector.answer.order, purchaseOrderId }));
  return answer({ list: { meta: { totalCount: ids.length, limit: 200, ...meta }, elements: { order } } });
}

function readOne(source: unknown) {
  const [read] = orders.readDetails(answer({ order: source }), connection);
  return read!;
}

test('an order, its buyer and its raw form are as the vector says', () => {
  const read = readOne(vector.answer.order);
  assert.deepEqual(read.order, vector.order);
  assert.deepEqual(read.buyer, vector.buyer);
  assert.deepEqual(JSON.parse(JSON.stringify(read.raw)), vector.raw);
  assert.ok(orderSchema.safeParse(read.order).success);
});

test('neither the order nor its raw form holds anything of the buyer', () => {
  const { order, raw } = readOne(vector.answer.order);
  const kept = JSON.stringify([order, raw]);
  for (const personal of [
    /Ada/,
    /Bob/,
    /202555/,
    /Sample Way/,
    /Springfield/,
    /62701/,
    /92840/,
    /relay\.walmart/,
    /b-77/,
  ]) {
    assert.doesNotMatch(kept, personal);
  }
});

test('a field that is new to Walmart does not get into the raw form', () => {
  const [line] = vector.answer.order.orderLines.orderLine;
  const grown = {
    ...vector.answer.order,
    giftMessage: 'for Ada',
    orderLines: { orderLine: [{ ...line, recipient: 'Ada' }] },
  };
  assert.doesNotMatch(JSON.stringify(readOne(grown).raw), /Ada/);
});

for (const { name, status, lines } of statuses as StatusVector[]) {
  test(`an order that is ${name} is ${status}`, () => {
    assert.equal(readOne(withLines(lines)).order.status, status);
  });
}

test('what was cancelled and what was paid back is told of each line', () => {
  const [line] = readOne(
    withLines([
      {
        quantity: 5,
        statuses: [
          { status: 'Cancelled', quantity: 2 },
          { status: 'Refund', quantity: 1 },
          { status: 'Shipped', quantity: 2 },
        ],
      },
    ]),
  ).order.lines;
  assert.deepEqual([line?.cancelledQuantity, line?.returnedQuantity], [2, 1]);
});

test('an order is as new as its newest line', () => {
  const [line] = vector.answer.order.orderLines.orderLine;
  const updatedAt = (statusDate: number): string =>
    readOne({ ...vector.answer.order, orderLines: { orderLine: [{ ...line, statusDate }] } }).order.updatedAt;
  assert.equal(updatedAt(1_795_490_000_123), '2026-11-24T03:13:20.123Z');
  // A line may have been dated before its order was.
  assert.equal(updatedAt(1_795_000_000_000), vector.order.placedAt);
});

test('units with one tracking number are one package, and units that have not gone are none', () => {
  const [line] = vector.answer.order.orderLines.orderLine;
  const sent = (trackingNumber: string, carrierName: object, status = 'Shipped') => ({
    status,
    statusQuantity: each(1),
    trackingInfo: { trackingNumber, carrierName, shipDateTime: 1_795_480_000_000 },
  });
  const first = sent('1Z999', { carrier: 'UPS' });
  const states = [first, sent('1Z998', { otherCarrier: 'Own van' }), sent('1Z000', { carrier: 'UPS' }, 'Acknowledged')];
  const orderLine = [
    { ...line, orderLineStatuses: { orderLineStatus: states } },
    { ...line, lineNumber: '2', orderLineStatuses: { orderLineStatus: [first] } },
  ];
  const { packages } = readOne({ ...vector.answer.order, orderLines: { orderLine } }).order;
  assert.deepEqual(
    packages.map(({ trackingNumber, carrier }) => [trackingNumber, carrier]),
    [
      ['1Z999', 'UPS'],
      ['1Z998', 'Own van'],
    ],
  );
});

test('the summary tells the total where there is one, the charges where not, and without both nobody', () => {
  const totalOf = (change: object): string | null => readOne({ ...vector.answer.order, ...change }).order.total;
  const orderSummary = { totalAmount: { currencyAmount: 31.5, currencyUnit: 'USD' } };
  assert.equal(totalOf({ orderSummary }), '31.5');
  const lines = vector.answer.order.orderLines.orderLine.map((line) => ({ ...line, charges: null }));
  assert.equal(totalOf({ orderLines: { orderLine: lines } }), null);
});

test('fees that come with the tax are counted once', () => {
  const [line] = vector.answer.order.orderLines.orderLine;
  const taxOf = (amount: number) => ({ taxName: 'Tax1', taxAmount: { currency: 'USD', amount } });
  const charge = [{ ...line!.charges.charge[0], tax: taxOf(1.26), taxAndOtherFees: taxOf(1.54) }];
  const { total } = readOne({
    ...vector.answer.order,
    orderLines: { orderLine: [{ ...line, charges: { charge } }] },
  }).order;
  assert.equal(total, '16.84');
});

test('a price passes through no float', () => {
  const body = JSON.stringify(vector.answer).replace('"amount":15.3', '"amount":12345678901234567.30');
  const [read] = orders.readDetails(answer(body), connection);
  assert.match(JSON.stringify(read!.raw), /12345678901234567\.30/);
});

test('an order without buyer, service and ship node is still an order', () => {
  const { customerEmailId: _, shippingInfo: __, shipNode: ___, ...bare } = vector.answer.order;
  const read = readOne(bare);
  assert.equal(read.buyer, null);
  assert.deepEqual(read.order, vector.order);
});

const DAMAGED: [string, object][] = [
  ['an order without its id', { purchaseOrderId: undefined }],
  ['an order whose id is a path', { purchaseOrderId: '../feeds' }],
  ['an order whose id is a number', { purchaseOrderId: 1796277083022 }],
  ['an order without a date', { orderDate: undefined }],
  ['an order whose date is in words', { orderDate: '2026-11-24' }],
  ['an order without lines', { orderLines: undefined }],
  [
    'a line without its number',
    {
      orderLines: {
        orderLine: [{ ...withLines([{ quantity: 1, statuses: [] }]).orderLines.orderLine[0], lineNumber: null }],
      },
    },
  ],
  [
    'a line of half a unit',
    {
      orderLines: {
        orderLine: [
          { ...withLines([{ quantity: 1, statuses: [] }]).orderLines.orderLine[0], orderLineQuantity: each(0.5) },
        ],
      },
    },
  ],
];
for (const [name, change] of DAMAGED) {
  test(`${name} is read again, and neither stored nor quoted`, () => {
    const failure = failureOf(() => readOne({ ...vector.answer.order, ...change }));
    assert.deepEqual([failure.kind, failure.code], ['retryable', 'unreadable-answer']);
    assert.doesNotMatch(failure.message, /Ada|feeds|2026-11-24/);
  });
}

test('a page holds its orders and the way to the next one', () => {
  const page = orders.readPage(list(['1', '2'], { totalCount: 3, nextCursor: CURSOR }), connection, WINDOW);
  assert.deepEqual(
    page.orders.map(({ order }) => order.orderId),
    ['1', '2'],
  );
  assert.deepEqual([page.orderIds, page.nextPageToken], [[], `3${CURSOR}`]);
});

test('the last page has no next one, whether its cursor is empty, null or left out', () => {
  for (const meta of [{ nextCursor: '' }, { nextCursor: null }, {}]) {
    assert.equal(orders.readPage(list(['1'], meta), connection, WINDOW).nextPageToken, undefined);
  }
});

test('a short page with a cursor is not the last one', () => {
  const page = orders.readPage(list([], { totalCount: 3, nextCursor: CURSOR }), connection, WINDOW);
  assert.equal(page.nextPageToken, `3${CURSOR}`);
});

test('a list without orders is empty, in each of its three forms', () => {
  const forms = [
    list([]),
    answer({ list: { meta: { totalCount: 0, limit: 200 }, elements: {} } }),
    refusal('CONTENT_NOT_FOUND.GMP_ORDER_API', 404),
  ];
  for (const form of forms) {
    const page = orders.readPage(form, connection, WINDOW);
    assert.deepEqual(page, { orders: [], orderIds: [], nextPageToken: undefined });
  }
});

test('a window whose list changes between two pages begins anew, since orders moved under its cursor', () => {
  const window = { ...WINDOW, pageToken: `3${CURSOR}` };
  for (const totalCount of [2, 4]) {
    const failure = failureOf(() => orders.readPage(list(['1'], { totalCount }), connection, window));
    assert.ok(orders.isPageTokenExpired(failure));
  }
  assert.equal(orders.readPage(list(['1'], { totalCount: 3 }), connection, window).orders.length, 1);
});

test('a cursor that comes back as it went is not followed in a circle', () => {
  const window = { ...WINDOW, pageToken: `3${CURSOR}` };
  const again = list(['1'], { totalCount: 3, nextCursor: CURSOR });
  assert.equal(failureOf(() => orders.readPage(again, connection, window)).kind, 'retryable');
});

test('a page token that is no cursor is not sent anywhere', () => {
  const sent = { app: { apiUrl: 'https://walmart.example' }, connection, accessToken: 'a', now: 0 };
  for (const pageToken of ['', '3', '@evil.example/', '3/../feeds?x', '3?a#b', '3?a b']) {
    const failure = failureOf(() => orders.pageCall(sent as never, { from: 0, to: 1, pageToken }));
    assert.ok(orders.isPageTokenExpired(failure));
  }
  for (const nextCursor of ['@evil.example/?limit=1', 'limit=1', '?limit=1#a', '?a b']) {
    const page = list(['1'], { nextCursor });
    assert.equal(failureOf(() => orders.readPage(page, connection, WINDOW)).kind, 'retryable');
  }
});

test('a list that is told with errors is a part, and never taken for the whole', () => {
  const part = (severity: string): HttpResponse =>
    answer({ list: { errors: [{ code: 'SOME_CONTENT_NOT_FOUND', severity }], meta: {}, elements: { order: [] } } });
  assert.equal(failureOf(() => orders.readPage(part('ERROR'), connection, WINDOW)).kind, 'retryable');
  assert.deepEqual(orders.readPage(part('INFO'), connection, WINDOW).orders, []);
});

test('a window with more orders than a query gives fails aloud', () => {
  const failure = failureOf(() => orders.readPage(list(['1'], { totalCount: 10_001 }), connection, WINDOW));
  assert.deepEqual([failure.kind, failure.code], ['permanent', 'too-many-orders']);
});

test('one damaged order spoils its page, so that the watermark does not pass it', () => {
  const page = JSON.parse(list(['1', '2']).body);
  page.list.elements.order[1].orderLines = null;
  assert.equal(failureOf(() => orders.readPage(answer(page), connection, WINDOW)).kind, 'retryable');
});
