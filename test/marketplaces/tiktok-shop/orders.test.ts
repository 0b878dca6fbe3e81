import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Buyer, Order } from '#events/order.ts';
import { order as orderSchema } from '#events/order.ts';
import type { OrderPage } from '#marketplaces/marketplace.ts';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import vectors from '#test/vectors/tiktok-shop/orders.json' with { type: 'json' };
import { answer, connection, context, failureOf, refusal, success } from './support.ts';

type Source = Record<string, unknown>;
type Vector = {
  name: string;
  change?: Source;
  without?: string[];
  units?: Source[];
  unitsWithout?: string[];
  expected?: Partial<Order>;
  buyer?: Buyer | null;
};

const { orders } = tiktokShop;
const WINDOW = { from: 1_795_499_000_000, to: 1_795_499_980_000, pageToken: undefined };

const drop = (from: Source, names: string[] = []): Source =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));

function sourceOf({ change, without, units, unitsWithout }: Omit<Vector, 'name'>): Source {
  const line_items = units?.map((unit) => drop({ ...vectors.unit, ...unit }, unitsWithout));
  return drop({ ...vectors.source, ...(line_items && { line_items }), ...change }, without);
}
/** An order of one unit that changed in the given second. */
const changedAt = (update_time: number, id = String(update_time)): Source =>
  sourceOf({ change: { id, update_time }, units: [{ id: '1' }] });
const pageOf = (found: Source[], next_page_token = ''): HttpResponse =>
  success({ orders: found, next_page_token, total_count: found.length });
const readPage = (response: HttpResponse, pageToken?: string): OrderPage =>
  orders.readPage(response, connection, { ...WINDOW, pageToken });

for (const vector of vectors.orders as unknown as Vector[]) {
  test(`order: ${vector.name}`, () => {
    const expected = { ...vectors.order, ...vector.expected };
    const buyer = vector.buyer === undefined ? vectors.buyer : vector.buyer;
    const response = success({ orders: [sourceOf(vector)], total_count: 1 });
    for (const [read] of [readPage(response).orders, orders.readDetails(response, connection)]) {
      assert.deepEqual(read?.order, expected);
      assert.deepEqual(read?.buyer, buyer);
      assert.ok(orderSchema.safeParse(read?.order).success);
    }
  });
}

for (const vector of vectors.unreadable as unknown as Vector[]) {
  test(`an order with ${vector.name} is read again, and never as a part`, () => {
    const response = success({ orders: [sourceOf(vector)], total_count: 1 });
    for (const read of [() => readPage(response), () => orders.readDetails(response, connection)]) {
      const failure = failureOf(read);
      assert.equal(failure.kind, 'retryable');
      assert.doesNotMatch(failure.message, /Ada/);
    }
  });
}

test('what is kept as raw holds nothing personal, and the order can be made of it again', () => {
  const source = sourceOf({ units: [{ id: '1', needs_prescription: true, buyer_note: 'Ada' }] });
  const [read] = orders.readDetails(success({ orders: [{ ...source, added_since: { name: 'Ada' } }] }), connection);
  assert.doesNotMatch(JSON.stringify(read!.raw), /Ada|ada-|Sample|AB1|7021436810468230477|prescription|added_since/);
  const [again] = orders.readDetails(success({ orders: [read!.raw] }), connection);
  assert.deepEqual(again!.order, read!.order);
  assert.equal(again!.buyer, null);
  assert.deepEqual(again!.raw, read!.raw);
});

test('a field that nothing is made of is no reason to refuse an order', () => {
  const source = sourceOf({ change: { is_cod: { odd: true }, handling_duration: 'soon' }, units: [{ id: '1' }] });
  assert.equal(orders.readDetails(success({ orders: [source] }), connection).length, 1);
});

test('a list of no orders is one, and an answer without its list is none', () => {
  assert.deepEqual(readPage(pageOf([])), { orders: [], orderIds: [], nextPageToken: undefined });
  assert.deepEqual(readPage(success({ total_count: 0 })).orders, []);
  for (const data of [{}, { total_count: 3 }, null, []]) {
    assert.equal(failureOf(() => readPage(success(data))).kind, 'retryable');
  }
  assert.equal(failureOf(() => readPage(answer('{"code":0,"data":{"orders":[{"id"'))).kind, 'retryable');
});

test('details hold only the orders that the answer holds', () => {
  assert.deepEqual(orders.readDetails(success({}), connection), []);
  assert.equal(failureOf(() => orders.readDetails(refusal(21008111), connection)).kind, 'retryable');
});

test('the next page begins at the second that this one ended in', () => {
  const { nextPageToken } = readPage(pageOf([changedAt(1795499100), changedAt(1795499200)], 'T1'));
  assert.equal(nextPageToken, '1795499200+1795499200');
  const { operation, request } = orders.pageCall(context, { ...WINDOW, pageToken: nextPageToken });
  assert.equal(operation, 'searchOrders');
  assert.deepEqual(JSON.parse(request.body!), { update_time_ge: 1795499200, update_time_lt: 1795499981 });
});

test('TikTok’s token goes on where that would not: in a second of more orders than a page, or out of order', () => {
  const since = '1795499200';
  const cases: [Source[], string | undefined, string][] = [
    [[changedAt(1795499200, '1'), changedAt(1795499200, '2')], since, `${since} T1`],
    [[changedAt(1795499300), changedAt(1795499250)], since, `${since} T1`],
    [[changedAt(1795499100), changedAt(1795499300)], since, `${since} T1`],
    // It changed after the window was closed: beginning there would leave out the rest.
    [[changedAt(1795499300), changedAt(1795499999)], since, `${since} T1`],
    [[], since, `${since} T1`],
    [[changedAt(1795499200)], `${since} T0`, `${since} T1`],
    [[changedAt(1795499201)], `${since} T0`, '1795499201+1795499201'],
    [[changedAt(1795499200, '2')], `${since}+1`, `${since}+1 T1`],
  ];
  for (const [found, pageToken, expected] of cases) {
    assert.equal(readPage(pageOf(found, 'T1'), pageToken).nextPageToken, expected);
  }
});

test('a page that names itself as the next is refused', () => {
  assert.equal(failureOf(() => readPage(pageOf([changedAt(1795499200)], 'T0'), '1795499200 T0')).kind, 'retryable');
});

test('a page token of another make starts the window anew', () => {
  for (const pageToken of ['', 'T1', ' T1', '-1']) {
    assert.ok(orders.isPageTokenExpired(failureOf(() => orders.pageCall(context, { ...WINDOW, pageToken }))));
  }
});

/** A list whose tokens count places, as the worst case has it; `beforePage` may change orders meanwhile. */
function pageThrough(times: Map<string, number>, pageSize: number, beforePage: (page: number) => void): Set<string> {
  const seen = new Set<string>();
  let pageToken: string | undefined;
  let pages = 0;
  do {
    beforePage(++pages);
    const { request } = orders.pageCall(context, { ...WINDOW, pageToken, pageSize });
    const query = new URL(request.url).searchParams;
    const { update_time_ge, update_time_lt } = JSON.parse(request.body!) as Record<string, number>;
    const inWindow = [...times]
      .filter(([, time]) => time >= update_time_ge! && time < update_time_lt!)
      .sort(([a, at], [b, bt]) => at - bt || Number(a) - Number(b));
    const start = Number(query.get('page_token') ?? 0);
    const end = start + Number(query.get('page_size'));
    const found = inWindow.slice(start, end).map(([id, time]) => changedAt(time, id));
    const page = readPage(pageOf(found, end < inWindow.length ? String(end) : ''), pageToken);
    for (const { order } of page.orders) seen.add(order.orderId);
    pageToken = page.nextPageToken;
    assert.ok(pages < 100, 'the window ends');
  } while (pageToken !== undefined);
  return seen;
}

test('no order slips past the edge of a page when others leave the window, even if tokens count places', () => {
  const times = new Map(Array.from({ length: 20 }, (_, index) => [String(index + 1), 1795499100 + index]));
  const seen = pageThrough(times, 3, (page) => {
    if (page > 1 && page < 6) times.set(String(page - 1), 1795499990);
  });
  for (const id of times.keys()) assert.ok(seen.has(id) || times.get(id) === 1795499990, `order ${id} is found`);
});

test('a second of many orders is read to its end', () => {
  const times = new Map(
    Array.from({ length: 11 }, (_, index) => [String(index + 1), index < 9 ? 1795499100 : 1795499200]),
  );
  assert.equal(pageThrough(times, 2, () => {}).size, 11);
});
