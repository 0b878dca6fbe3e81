import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Buyer, Order } from '#events/order.ts';
import { order as orderSchema } from '#events/order.ts';
import { lazada } from '#marketplaces/lazada/index.ts';
import { readWholeOrders, readWholePage } from '#marketplaces/lazada/whole-orders.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import vectors from '#test/vectors/lazada/orders.json' with { type: 'json' };
import { answer, connection, context, failureOf, parametersOf, refusal, runSteps, success } from './support.ts';

type Source = Record<string, unknown>;
type Vector = {
  name: string;
  head?: Source;
  units?: Source[];
  unitsWithout?: string[];
  expected?: Partial<Order>;
  buyer?: Buyer | null;
};

const { orders } = lazada;
const ORDER_ID = vectors.order.orderId;
const WINDOW = { from: 1_795_499_000_000, to: 1_795_499_980_000, pageToken: undefined };

const unitsOf = ({ units = [{}], unitsWithout = [] }: Omit<Vector, 'name'>): Source[] =>
  units.map((unit) => {
    const whole = Object.entries({ ...vectors.unit, ...unit });
    return Object.fromEntries(whole.filter(([name]) => !unitsWithout.includes(name)));
  });
/** JSON as Lazada may write it: an id longer than a float holds stands in it as a number. */
const inJson = (value: unknown): string => JSON.stringify(value).replaceAll(/"(99007199254740993)"/g, '$1');
const itemsOf = (...vectors_: Omit<Vector, 'name'>[]): HttpResponse =>
  answer(
    inJson({
      code: '0',
      data: vectors_.map((vector) => {
        const order_items = unitsOf(vector);
        return { order_id: order_items[0]?.order_id ?? ORDER_ID, order_number: 1, order_items };
      }),
    }),
  );
const headOf = ({ head }: Omit<Vector, 'name'>): Source => ({ ...vectors.head, ...head });
const listOf = (heads: Source[], countTotal?: number): HttpResponse =>
  success({ count: heads.length, ...(countTotal !== undefined && { countTotal }), orders: heads });

/** The order of a vector, read by its id, in a list, and of its units alone. */
function readEachWay(vector: Omit<Vector, 'name'>) {
  const reply = (_: HttpRequest, operation: string): HttpResponse => {
    if (operation === 'getOrderItems') return itemsOf(vector);
    return operation === 'getOrder' ? success(headOf(vector)) : listOf([headOf(vector)], 1);
  };
  const byId = runSteps((answers) => readWholeOrders(context, [ORDER_ID], answers), reply);
  const window = { ...WINDOW, from: 0 };
  const listed = runSteps((answers) => readWholePage(context, window, answers), reply);
  assert.deepEqual(byId.operations, ['getOrderItems', 'getOrder']);
  assert.deepEqual(listed.operations, ['getOrders', 'getOrderItems']);
  return { byId: byId.result[0]!, listed: listed.result.orders[0]!, page: listed.result };
}

for (const vector of vectors.orders as unknown as Vector[]) {
  test(`order: ${vector.name}`, () => {
    const expected = { ...vectors.order, ...vector.expected };
    const buyer = vector.buyer === undefined ? vectors.buyer : vector.buyer;
    const { byId, listed } = readEachWay(vector);
    assert.deepEqual(listed, byId);
    assert.deepEqual(byId.order, expected);
    assert.deepEqual(byId.buyer, buyer);
    assert.ok(orderSchema.safeParse(byId.order).success);
    const [units] = orders.readDetails(itemsOf(vector), connection);
    assert.deepEqual(units!.order, expected);
    assert.equal(units!.buyer, null);
  });
}

for (const vector of vectors.unreadable as unknown as Vector[]) {
  test(`an order with ${vector.name} is read again, and never as a part`, () => {
    const failure = failureOf(() => orders.readDetails(itemsOf(vector), connection));
    assert.equal(failure.kind, 'retryable');
    assert.doesNotMatch(failure.message, /Ada/);
  });
}

test('what is kept as raw holds nothing personal, and the order can be made of it again', () => {
  const { byId } = readEachWay({ units: [{ added_since: { name: 'Ada' } }], head: { added_since: 'Ada' } });
  const raw = JSON.stringify(byId.raw);
  assert.doesNotMatch(raw, /Ada|ada@|Example|656123|460001|700000000055|added_since/);
  const { head, ...items } = byId.raw as { head: Source };
  const again = runSteps(
    (answers) => readWholeOrders(context, [ORDER_ID], answers),
    (_, operation) => success(operation === 'getOrder' ? head : [items]),
  ).result[0]!;
  assert.deepEqual(again.order, byId.order);
  assert.equal(again.buyer, null);
  assert.deepEqual(again.raw, byId.raw);
});

test('a list of no orders is one, and an answer without its list is none', () => {
  const read = (response: HttpResponse) => orders.readPage(response, connection, WINDOW);
  assert.deepEqual(read(listOf([], 0)), { orders: [], orderIds: [], nextPageToken: undefined });
  for (const data of [{}, { countTotal: 3 }, { countTotal: 0, orders: null }, null, []]) {
    assert.equal(failureOf(() => read(success(data))).kind, 'retryable');
  }
  assert.equal(failureOf(() => read(listOf([], 3))).kind, 'retryable');
  assert.equal(failureOf(() => read(answer('{"code":"0","data":{"orders":[{"order_id"'))).kind, 'retryable');
});

test('details hold only the orders that the answer holds, and a refusal holds none', () => {
  assert.deepEqual(orders.readDetails(success([]), connection), []);
  assert.equal(failureOf(() => orders.readDetails(refusal('37'), connection)).kind, 'retryable');
});

test('an order whose units are left out is no order', () => {
  const failure = failureOf(() =>
    runSteps(
      (answers) => readWholePage(context, { ...WINDOW, from: 0 }, answers),
      (_, operation) => (operation === 'getOrders' ? listOf([headOf({})], 1) : success([])),
    ),
  );
  assert.deepEqual([failure.kind, failure.code], ['retryable', 'order-missing-in-answer']);
});

test('the units of a page of 100 are asked for 50 orders at a time', () => {
  const heads = Array.from({ length: 100 }, (_, index) => headOf({ head: { order_id: String(index + 1) } }));
  const { result, requests } = runSteps(
    (answers) => readWholePage(context, { ...WINDOW, from: 0 }, answers),
    (request, operation) => {
      if (operation === 'getOrders') return listOf(heads, 100);
      const ids = JSON.parse(parametersOf(request).order_ids!) as number[];
      return itemsOf(...ids.map((order_id) => ({ units: [{ order_id }] })));
    },
  );
  assert.equal(requests.length, 3);
  assert.deepEqual(
    result.orders.map(({ order }) => order.orderId),
    heads.map(({ order_id }) => order_id),
  );
});

const at = (second: number): string => `${new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000`;
const changedAt = (second: number, order_id = String(second)): Source =>
  headOf({ head: { order_id, updated_at: at(second) } });
const pageOf = (heads: Source[], pageToken?: string, countTotal?: number) =>
  orders.readPage(listOf(heads, countTotal), connection, { ...WINDOW, pageToken });

test('what changed outside of the window is left out, and both of its ends are in', () => {
  const seconds = [1795498999, 1795499000, 1795499980, 1795499981];
  const { orderIds } = pageOf(
    seconds.map((second) => changedAt(second)),
    undefined,
    4,
  );
  assert.deepEqual(orderIds, ['1795499000', '1795499980']);
});

test('the next page begins at the second that this one ended in, and does not give its orders twice', () => {
  const found = [changedAt(1795499100), changedAt(1795499200, '7'), changedAt(1795499200, '8')];
  const { nextPageToken } = pageOf(found, undefined, 9);
  assert.equal(nextPageToken, '1795499200.0.7,8');
  const next = pageOf([...found.slice(1), changedAt(1795499200, '9')], nextPageToken, 3);
  assert.deepEqual([next.orderIds, next.nextPageToken], [['9'], undefined]);
});

test('an offset goes on where that would not: in seconds of more orders than a page, or out of order', () => {
  const token = '1795499200.0.';
  const cases: [Source[], string, string][] = [
    [[changedAt(1795499200, '1'), changedAt(1795499200, '2')], token, '1795499200.2.'],
    [[changedAt(1795499199, '1'), changedAt(1795499200, '2')], token, '1795499200.2.'],
    [[changedAt(1795499200, '3')], '1795499200.2.1', '1795499200.3.1'],
    [[changedAt(1795499300), changedAt(1795499250)], token, '1795499200.2.'],
    [[changedAt(1795499201)], '1795499200.2.1', '1795499201.0.1795499201'],
  ];
  for (const [found, pageToken, expected] of cases) {
    assert.equal(pageOf(found, pageToken, 99).nextPageToken, expected);
    assert.equal(pageOf(found, pageToken).nextPageToken, expected);
  }
});

test('a second of more orders than Lazada lists is a failure, never a part of them', () => {
  const found = Array.from({ length: 100 }, (_, index) => changedAt(1795499200, String(index + 1)));
  const failure = failureOf(() => pageOf(found, '1795499200.4950.', 9_000));
  assert.deepEqual([failure.kind, failure.code], ['permanent', 'window-too-full']);
});

test('a page token of another make starts the window anew', () => {
  for (const pageToken of ['', 'T1', '1795499200', '1795499200.0', '1795499200.0.Ada', '1795499200.99999.']) {
    assert.ok(orders.isPageTokenExpired(failureOf(() => orders.pageCall(context, { ...WINDOW, pageToken }))));
  }
});

/** A list as Lazada's, whose bounds are in it or not; `beforePage` may change orders meanwhile. */
function pageThrough(
  times: Map<string, number>,
  { pageSize, includesBounds, tellsTotal }: { pageSize: number; includesBounds: boolean; tellsTotal: boolean },
  beforePage: (page: number) => void = () => {},
): string[] {
  const seen: string[] = [];
  let pageToken: string | undefined;
  let pages = 0;
  do {
    beforePage(++pages);
    const query = parametersOf(orders.pageCall(context, { ...WINDOW, pageToken, pageSize }).request);
    const after = Date.parse(query.update_after!) / 1000;
    const before = Date.parse(query.update_before!) / 1000;
    const inWindow = [...times]
      .filter(([, time]) => (includesBounds ? time >= after && time <= before : time > after && time < before))
      .sort(([a, at], [b, bt]) => at - bt || Number(a) - Number(b));
    const start = Number(query.offset);
    const found = inWindow.slice(start, start + pageSize).map(([id, time]) => changedAt(time, id));
    const page = pageOf(found, pageToken, tellsTotal ? inWindow.length : undefined);
    seen.push(...page.orderIds);
    pageToken = page.nextPageToken;
    assert.ok(pages < 100, 'the window ends');
  } while (pageToken !== undefined);
  return seen;
}

for (const includesBounds of [true, false]) {
  for (const tellsTotal of [true, false]) {
    const how = `bounds ${includesBounds ? 'in' : 'out'}, total ${tellsTotal ? 'told' : 'not told'}`;

    test(`every order of a window is given once (${how})`, () => {
      for (const perSecond of [1, 2, 5, 30]) {
        const times = new Map(
          Array.from({ length: 30 }, (_, index) => [String(index + 1), 1795499000 + Math.floor(index / perSecond)]),
        );
        const seen = pageThrough(times, { pageSize: 3, includesBounds, tellsTotal });
        assert.deepEqual(seen.sort(), [...times.keys()].sort());
      }
    });

    test(`no order slips past the edge of a page when others leave the window (${how})`, () => {
      const times = new Map(Array.from({ length: 20 }, (_, index) => [String(index + 1), 1795499100 + index]));
      const seen = pageThrough(times, { pageSize: 3, includesBounds, tellsTotal }, (page) => {
        if (page > 1 && page < 6) times.set(String(page - 1), 1795499990);
      });
      for (const [id, time] of times) assert.ok(seen.includes(id) || time === 1795499990, `order ${id} is found`);
    });
  }
}
