import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { order as orderSchema } from '#events/order.ts';
import type { OrderPage, ReadOrder } from '#marketplaces/marketplace.ts';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import { readWholeOrder, readWholePage } from '#marketplaces/mercadolibre/whole-orders.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import vector from '#test/vectors/mercadolibre/order.json' with { type: 'json' };
import statuses from '#test/vectors/mercadolibre/order-statuses.json' with { type: 'json' };
import { answer, connection, context, failureOf, runSteps } from './support.ts';

type StatusVector = {
  name: string;
  order: string;
  tags?: string[];
  shipment?: string;
  substatus?: string;
  mode?: string;
  status: string;
};

const { orders } = mercadolibre;
const WINDOW = { from: 0, to: 1, pageToken: undefined };

/** As Mercado Libre writes it: `149.70` is no `149.7`. */
const WRITTEN = JSON.stringify(vector.order)
  .replace('"total_amount":149.7,', '"total_amount":149.70,')
  .replace('"unit_price":22.45,', '"unit_price":22.450,');

const alone = (body: unknown): ReadOrder => orders.readDetails(answer(body), connection)[0]!;
const whole = (order: unknown, shipment: HttpResponse) =>
  runSteps(
    (answers) => readWholeOrder(context, '2000009713000001', answers),
    (_, operation) => (operation === 'getOrder' ? answer(order) : shipment),
  );

test('an order without its shipment is as the vector says, and names no buyer', () => {
  const { order, buyer } = alone(WRITTEN);
  assert.deepEqual(order, vector.alone);
  assert.equal(buyer, null);
  assert.ok(orderSchema.safeParse(order).success);
});

test('an order with its shipment, its buyer and its raw form are as the vector says', () => {
  const { result, requests } = whole(WRITTEN, answer(vector.shipment));
  const [read] = result;
  assert.deepEqual(read!.order, { ...vector.alone, ...vector.whole });
  assert.deepEqual(read!.buyer, vector.buyer);
  assert.deepEqual(JSON.parse(JSON.stringify(read!.raw)), vector.raw);
  assert.equal(requests[1]!.url, 'https://api.mercadolibre.com/shipments/44028000001');
  assert.equal(requests[1]!.headers['x-format-new'], 'true');
});

test('a shipment in the shape of before says the same', () => {
  const [read] = whole(WRITTEN, answer(vector.formerShipment)).result;
  assert.deepEqual(read!.order, { ...vector.alone, ...vector.whole });
  assert.deepEqual(read!.buyer, vector.buyer);
});

test('neither the order nor its raw form holds anything of the buyer', () => {
  const [{ order, raw } = {} as ReadOrder] = whole(WRITTEN, answer(vector.shipment)).result;
  const kept = JSON.stringify([order, raw]);
  for (const personal of [/Ada/i, /642700001/, /5555/, /Amostra/, /Apto/, /04571010/, /Itaim/, /card_id/]) {
    assert.doesNotMatch(kept, personal);
  }
});

test('an order whose shipment is gone, or that has none, is read without it', () => {
  const gone = whole(WRITTEN, answer({ message: 'x', error: 'not_found' }, 404));
  assert.deepEqual(gone.result[0]!.order, vector.alone);
  const { result, operations } = whole({ ...vector.order, shipping: { id: null } }, answer(''));
  assert.equal(result[0]!.order.status, 'unshipped');
  assert.deepEqual(operations, ['getOrder']);
});

for (const { name, order: status, tags, shipment, substatus, mode, status: expected } of statuses as StatusVector[]) {
  test(`an order that is ${name} is ${expected}`, () => {
    const order = { ...vector.order, status, tags: tags ?? [] };
    if (!shipment) return assert.equal(alone(order).order.status, expected);
    const its = { ...vector.shipment, status: shipment, substatus, logistic: { mode } };
    assert.equal(whole(order, answer(its)).result[0]!.order.status, expected);
  });
}

test('of a cancelled order all units are cancelled', () => {
  const { lines } = alone({ ...vector.order, status: 'cancelled' }).order;
  assert.deepEqual(
    lines.map(({ cancelledQuantity }) => cancelledQuantity),
    [6, 1],
  );
});

test('the same item at several prices is several lines', () => {
  const [line] = vector.order.order_items;
  const order_items = [line, { ...line, unit_price: 20 }, { ...line, unit_price: 10 }];
  assert.deepEqual(
    alone({ ...vector.order, order_items }).order.lines.map(({ lineId }) => lineId),
    ['MLB3737000001:174390000002', 'MLB3737000001:174390000002#2', 'MLB3737000001:174390000002#3'],
  );
});

test('ids that no float holds, and the time of last change under its former name, are read', () => {
  const written = WRITTEN.replace('2000009713000001', '12345678901234567890').replace(
    'date_last_updated',
    'last_updated',
  );
  const { orderId, updatedAt } = alone(written).order;
  assert.deepEqual([orderId, updatedAt], ['12345678901234567890', vector.alone.updatedAt]);
});

test('an order without its id, its time, its currency or its lines is no order', () => {
  for (const field of ['id', 'date_created', 'date_last_updated', 'currency_id', 'order_items', 'status']) {
    const failure = failureOf(() => alone({ ...vector.order, [field]: undefined }));
    assert.deepEqual([failure.kind, failure.code], ['retryable', 'unreadable-answer'], field);
  }
});

const list = (ids: number[], paging: { total: number; offset: number; limit: number }): HttpResponse =>
  answer({ results: ids.map((id) => ({ ...vector.order, id, shipping: { id: 9 } })), paging });
const idsOf = ({ orders }: OrderPage): string[] => orders.map(({ order }) => order.orderId);

test('a window of one page is read by one call', () => {
  const page = orders.readPage(list([1, 2], { total: 2, offset: 0, limit: 50 }), connection, WINDOW);
  assert.deepEqual([idsOf(page), page.nextPageToken], [['1', '2'], undefined]);
});

test('a window of several pages is read from the last to the first, each order once', () => {
  const seen: string[] = [];
  let pageToken: string | undefined;
  const calls: string[] = [];
  do {
    const window = { ...WINDOW, pageToken, pageSize: 2 };
    const { searchParams } = new URL(orders.pageCall(context, window).request.url);
    const offset = Number(searchParams.get('offset'));
    calls.push(`${offset}+${searchParams.get('limit')}`);
    const response = list([1, 2, 3, 4, 5].slice(offset, offset + 2), { total: 5, offset, limit: 2 });
    const page = orders.readPage(response, connection, window);
    seen.push(...idsOf(page));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  assert.deepEqual(calls, ['0+2', '4+2', '2+2', '0+2']);
  assert.deepEqual(seen, ['5', '3', '4', '1', '2']);
});

test('orders that leave the window while it is paged cost no other order its place', () => {
  const leaving = fc.array(fc.record({ at: fc.nat(9), which: fc.nat(30) }), { maxLength: 12 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 1, max: 7 }),
      leaving,
      (count, pageSize, changes) => {
        let there = Array.from({ length: count }, (_, index) => index + 1);
        const gone = new Set<number>();
        const seen = new Set<string>();
        let pageToken: string | undefined;
        let call = 0;
        do {
          for (const { which } of changes.filter(({ at }) => at === call)) {
            const id = there[which];
            if (id !== undefined) gone.add(id);
            there = there.filter((one) => one !== id);
          }
          const window = { ...WINDOW, pageToken, pageSize };
          const { searchParams } = new URL(orders.pageCall(context, window).request.url);
          const [offset, limit] = [Number(searchParams.get('offset')), Number(searchParams.get('limit'))];
          const response = list(there.slice(offset, offset + limit), { total: there.length, offset, limit });
          const page = orders.readPage(response, connection, window);
          for (const id of idsOf(page)) seen.add(id);
          pageToken = page.nextPageToken;
          call += 1;
        } while (pageToken !== undefined);
        for (let id = 1; id <= count; id += 1) assert.ok(gone.has(id) || seen.has(String(id)));
      },
    ),
    { numRuns: 200 },
  );
});

test('a page that is not the one asked for, or lacks orders, is retryable', () => {
  const window = { ...WINDOW, pageToken: '2+2' };
  for (const response of [
    list([1, 2], { total: 5, offset: 0, limit: 2 }),
    list([3, 4], { total: 5, offset: 2, limit: 50 }),
    list([3], { total: 5, offset: 2, limit: 2 }),
    answer({ results: [] }),
  ]) {
    assert.equal(failureOf(() => orders.readPage(response, connection, window)).kind, 'retryable');
  }
});

test('a page token of no known form makes the window begin anew', () => {
  for (const pageToken of ['', 'x', '-1+2', '1+2+3', '1']) {
    const failure = failureOf(() => orders.pageCall(context, { ...WINDOW, pageToken }));
    assert.ok(orders.isPageTokenExpired(failure));
  }
});

test('a window with too many orders to page is a permanent failure', () => {
  const response = list([1], { total: 10_001, offset: 0, limit: 50 });
  const failure = failureOf(() => orders.readPage(response, connection, WINDOW));
  assert.deepEqual([failure.kind, failure.code], ['permanent', 'too-many-orders']);
});

test('a whole page reads the shipment of a pack once for all its orders', () => {
  const { result, operations } = runSteps(
    (answers) => readWholePage(context, WINDOW, answers),
    (_, operation) =>
      operation === 'searchOrders'
        ? list([1, 2], { total: 2, offset: 0, limit: 50 })
        : answer({ ...vector.shipment, id: 9 }),
  );
  assert.deepEqual(operations, ['searchOrders', 'getShipment']);
  assert.deepEqual(
    result.orders.map(({ order, buyer }) => [order.orderId, order.status, buyer?.name]),
    [
      ['1', 'shipped', 'Ada Example'],
      ['2', 'shipped', 'Ada Example'],
    ],
  );
});
