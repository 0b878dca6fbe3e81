import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createWorld,
  DRAFT,
  FIRST,
  HOUR_MS,
  idsOf,
  type Json,
  MINUTE_MS,
  SECOND,
  SECOND_MS,
  START,
} from './sandbox-world.ts';

const iso = (at: number): string => new Date(at).toISOString();

test('an order tells its items, amounts as numbers and no more of its buyer than an id', async () => {
  const { sandbox, call, sellerToken } = createWorld();
  const book = sandbox.books.place(FIRST, DRAFT);
  const token = await sellerToken();
  const { status, body } = await call(token, `/orders/${book.orderId}`);
  assert.equal(status, 200);
  assert.equal(body.id, Number(book.orderId));
  assert.ok(Number.isSafeInteger(body.id));
  assert.deepEqual([body.status, body.total_amount, body.paid_amount, body.currency_id], ['paid', 18.69, 18.69, 'BRL']);
  assert.equal(body.date_created, '2026-11-24T02:00:00.000-04:00');
  assert.equal(body.date_last_updated, iso(START));
  assert.deepEqual(body.tags, ['pack_order', 'paid', 'not_delivered']);
  assert.deepEqual(body.context, { channel: 'marketplace', site: 'MLB', flows: [] });
  assert.deepEqual(body.seller, { id: Number(FIRST) });
  assert.deepEqual(Object.keys(body.buyer), ['id', 'nickname']);
  assert.deepEqual(Object.keys(body.shipping), ['id']);
  assert.doesNotMatch(JSON.stringify(body), /Ada|relay\.example|Rua do Exemplo|01001000/);
  const [first, second] = body.order_items;
  assert.deepEqual(
    [first.item.seller_sku, first.quantity, first.unit_price, first.full_unit_price, first.sale_fee],
    ['85123A', 6, 2.55, 2.55, 0.36],
  );
  assert.equal(first.item.variation_id, null);
  assert.equal(second.item.variation_id, Number(sandbox.books.listing(FIRST, '71053').reference.variationId));
  assert.deepEqual(
    book.lines.map(({ lineId }) => lineId),
    [first.item.id, `${second.item.id}:${second.item.variation_id}`],
  );

  const pack = (await call(token, `/packs/${body.pack_id}`)).body;
  assert.deepEqual(pack.orders, [{ id: body.id }]);
  assert.deepEqual([pack.shipment, pack.status], [body.shipping, 'released']);
  assert.deepEqual((await call(token, `/orders/${book.orderId}/discounts`)).body.details, []);
});

test('a cancelled order says who cancelled, its payment is refunded and its pack is cancelled', async () => {
  const { world, sandbox, call, sellerToken } = createWorld();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  world.now += HOUR_MS;
  sandbox.books.cancel(orderId);
  const token = await sellerToken();
  const { body } = await call(token, `/orders/${orderId}`);
  assert.deepEqual([body.status, body.cancel_detail.requested_by], ['cancelled', 'buyer']);
  assert.equal(body.payments[0].status, 'refunded');
  assert.equal(body.date_last_updated, iso(START + HOUR_MS));
  assert.equal((await call(token, `/packs/${body.pack_id}`)).body.status, 'cancelled');
});

test('the same SKU twice at one price is one item of the order', () => {
  const { sandbox } = createWorld();
  const [line] = DRAFT.lines;
  const { lines } = sandbox.books.place(FIRST, {
    ...DRAFT,
    lines: [line!, { ...line! }, { ...line!, unitPrice: '1' }],
  });
  assert.deepEqual(
    lines.map(({ quantity }) => quantity),
    [12, 6],
  );
  assert.equal(new Set(lines.map(({ lineId }) => lineId)).size, 2);
});

test('the pages of a search hold every order of the window once, in both directions', async () => {
  const { world, sandbox, search, sellerToken } = createWorld();
  const placed: string[] = [];
  for (let count = 0; count < 7; count += 1) {
    placed.push(sandbox.books.place(FIRST, DRAFT).orderId);
    world.now += SECOND_MS;
  }
  sandbox.books.place(SECOND, DRAFT);
  const token = await sellerToken();
  const found: string[] = [];
  for (let offset = 0; offset < 7; offset += 3) {
    const page = await search(token, { offset: String(offset), limit: '3' });
    assert.deepEqual(page.body.paging, { total: 7, offset, limit: 3 });
    found.push(...idsOf(page));
  }
  assert.deepEqual(found, placed);
  assert.deepEqual(idsOf(await search(token, { sort: 'date_desc' })), placed.toReversed());
  assert.deepEqual(idsOf(await search(token, { offset: '7' })), []);
});

test('a search by last update finds what changed in the window, still in order of creation', async () => {
  const { world, sandbox, search, sellerToken } = createWorld();
  const first = sandbox.books.place(FIRST, DRAFT).orderId;
  world.now += MINUTE_MS;
  const second = sandbox.books.place(FIRST, DRAFT).orderId;
  world.now += MINUTE_MS;
  const third = sandbox.books.place(FIRST, DRAFT).orderId;
  world.now += MINUTE_MS;
  sandbox.books.ship(second, { carrier: 'Loggi', trackingNumber: 'L1' });
  world.now += MINUTE_MS;
  sandbox.books.cancel(first);
  const token = await sellerToken();
  const between = async (from: number, to: number, more: Record<string, string> = {}) =>
    idsOf(
      await search(token, {
        'order.date_last_updated.from': iso(from),
        'order.date_last_updated.to': iso(to),
        ...more,
      }),
    );
  assert.deepEqual(await between(START + 3 * MINUTE_MS, START + 4 * MINUTE_MS), [first, second]);
  assert.deepEqual(await between(START, START + 2 * MINUTE_MS), [third]);
  assert.deepEqual(await between(START, world.now, { 'order.status': 'cancelled' }), [first]);
  assert.deepEqual(await between(START, world.now, { 'order.status': 'paid,cancelled' }), [first, second, third]);
  assert.deepEqual(await between(START, world.now, { 'shipping.status': 'shipped' }), [second]);
  const created = {
    'order.date_created.from': '2026-11-24T02:01:00.000-04:00',
    'order.date_created.to': '2026-11-24T02:01:00.000-04:00',
  };
  assert.deepEqual(idsOf(await search(token, created)), [second]);
  assert.deepEqual(idsOf(await search(token, { q: third, tags: 'not_delivered' })), [third]);
});

test('a search refuses more than 50 a page, dates without a zone, unknown sorts and another seller', async () => {
  const { search, call, sellerToken } = createWorld();
  const token = await sellerToken();
  for (const wrong of [
    { limit: '51' },
    { limit: '-1' },
    { offset: 'x' },
    { offset: '9951' },
    { sort: 'price' },
    { 'order.date_created.from': '2026-11-24' },
    { 'order.date_last_updated.to': '2026-11-24T02:01:00.000 04:00' },
  ]) {
    const { status, body } = await search(token, wrong);
    assert.deepEqual([status, body.error, body.status], [400, 'bad_request', 400]);
    assert.match(body.message, new RegExp(Object.keys(wrong)[0]!));
  }
  assert.equal((await search(token, {}, SECOND)).status, 403);
  assert.equal((await call(token, '/orders/search')).status, 400);
});

test('an order that is not there is 404, one of another seller 403', async () => {
  const { sandbox, call, sellerToken } = createWorld();
  const { orderId } = sandbox.books.place(SECOND, DRAFT);
  const token = await sellerToken();
  const theirs = (await call(await sellerToken(2), `/orders/${orderId}`)).body;
  for (const path of [`/orders/${orderId}`, `/orders/${orderId}/shipments`, `/packs/${theirs.pack_id}`]) {
    assert.equal((await call(token, path)).status, 403);
  }
  for (const path of ['/orders/1', '/orders/x/shipments', '/packs/1', '/shipments/1', '/nothing/here']) {
    const { status, body } = await call(token, path);
    assert.deepEqual([status, body.error, body.cause], [404, 'not_found', []]);
  }
});

test('a seller has 1500 calls a minute, another one its own', async () => {
  const { world, sandbox, call, sellerToken } = createWorld();
  const token = await sellerToken();
  const other = await sellerToken(2);
  for (let count = 0; count < 1_500; count += 1) await sandbox.app.request(`/users/me?access_token=${token}`);
  const { status, body } = await call(token, '/users/me');
  assert.deepEqual([status, body.error, body.status], [429, 'local_rate_limited', 429]);
  assert.equal((await call(other, '/users/me')).status, 200);
  assert.deepEqual(sandbox.calls.throttled, 1);
  world.now += MINUTE_MS / 1_500;
  assert.equal((await call(token, '/users/me')).status, 200);
});

test('faults strike as Mercado Libre words them', async () => {
  const { faults, call, sellerToken } = createWorld();
  const token = await sellerToken();
  faults.next('throttle');
  assert.equal((await call(token, '/users/me')).status, 429);
  faults.next('server-error');
  const { status, body } = await call(token, '/users/me');
  assert.deepEqual([status, Object.keys(body as Json)], [500, ['message', 'error', 'status', 'cause']]);
});
