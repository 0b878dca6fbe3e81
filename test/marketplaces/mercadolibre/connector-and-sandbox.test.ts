import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, CallContext, OrderPage, Shipment, Step, StockLine } from '#marketplaces/marketplace.ts';
import type { MercadolibreApp } from '#marketplaces/mercadolibre/app.ts';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import { readWholeOrder, readWholePage } from '#marketplaces/mercadolibre/whole-orders.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { createWorld, DRAFT, FIRST, MINUTE_MS, REDIRECT, START } from './sandbox-world.ts';

const PUBLIC_URL = 'http://sandbox.test/mercadolibre';

/** The connector and the sandbox know nothing of each other: here they meet. */
function meet(options: Parameters<typeof createWorld>[0] = {}) {
  const { world, sandbox, faults } = createWorld(options);
  const app = mercadolibre.appSchema.parse(sandbox.registration);
  const connection = { connectionId: 'mercadolibre-1', ...sandbox.sellers[0]! };

  async function send({ request, operation }: Call): Promise<HttpResponse> {
    const { method, headers, url, body } = request;
    const path = url.replace(PUBLIC_URL, '');
    const answer = await sandbox.app.request(path, { method, headers, ...(body !== undefined && { body }) });
    const response = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    const failure = mercadolibre.readFailure(response, operation);
    if (failure) throw failure;
    return response;
  }
  async function run<Result>(procedure: (answers: readonly HttpResponse[]) => Step<Result>): Promise<Result> {
    const answers: HttpResponse[] = [];
    for (let step = procedure(answers); ; step = procedure(answers)) {
      if ('done' in step) return step.done;
      answers.push(await send(step.call));
    }
  }
  async function connect(): Promise<CallContext<MercadolibreApp>> {
    const { refreshToken } = sandbox.sellers[0]!;
    const call = mercadolibre.auth.refreshCall(app, { connection, refreshToken, now: world.now });
    const { accessToken } = mercadolibre.auth.readTokens(await send(call), world.now);
    return { app, connection, accessToken, now: world.now };
  }
  /** Every page of the window; `between` happens after each. */
  async function readAll(context: CallContext<MercadolibreApp>, pageSize: number, between = () => {}) {
    const window = { from: START - MINUTE_MS, to: world.now, pageSize };
    const found: OrderPage['orders'] = [];
    for (let pageToken: string | undefined, isFirst = true; isFirst || pageToken; isFirst = false) {
      const asked = { ...window, pageToken };
      const page: OrderPage = await run((answers) => readWholePage(context, asked, answers));
      found.push(...page.orders);
      pageToken = page.nextPageToken;
      between();
    }
    return found;
  }
  return { world, sandbox, faults, app, connection, send, run, connect, readAll };
}

const deliver = (app: MercadolibreApp, { url, headers, body = '' }: HttpRequest, now: number) => {
  const delivery = { method: 'POST', url, query: {}, headers, body: new TextEncoder().encode(body), receivedAt: now };
  return { verdict: mercadolibre.webhook.verify(app, delivery), reading: mercadolibre.webhook.read(delivery.body) };
};

test('a seller who consents is connected, and stays so by refreshing', async () => {
  const { world, sandbox, app, send, run } = meet();
  const url = mercadolibre.auth.consentUrl(app, { state: 'S1', redirectUri: REDIRECT, now: world.now });
  const consent = await sandbox.app.request(url.replace(PUBLIC_URL, ''));
  const callback = Object.fromEntries(new URL(consent.headers.get('location') ?? '').searchParams);
  const options = { callback, redirectUri: REDIRECT, now: world.now };
  const exchanged = await send(mercadolibre.auth.exchangeCall(app, options));
  const { accessToken, refreshToken } = mercadolibre.auth.readTokens(exchanged, world.now);
  const sellers = await run((answers) =>
    mercadolibre.auth.identify!({ app, callback, accessToken, now: world.now }, [exchanged, ...answers]),
  );
  assert.deepEqual(sellers, [{ sellerId: FIRST, settings: { siteId: 'MLB' } }]);
  const connection = { connectionId: 'mercadolibre-1', ...sellers[0]! };
  const refresh = mercadolibre.auth.refreshCall(app, { connection, refreshToken: refreshToken!, now: world.now });
  assert.notEqual(mercadolibre.auth.readTokens(await send(refresh), world.now).refreshToken, refreshToken);
  await assert.rejects(send(refresh), { code: 'grant-dead' });
});

test('a code is worth nothing to whoever has another state', async () => {
  const { world, sandbox, app, send } = meet();
  const url = mercadolibre.auth.consentUrl(app, { state: 'S1', redirectUri: REDIRECT, now: world.now });
  const consent = await sandbox.app.request(url.replace(PUBLIC_URL, ''));
  const { code = '' } = Object.fromEntries(new URL(consent.headers.get('location') ?? '').searchParams);
  const options = { callback: { code, state: 'S2' }, redirectUri: REDIRECT, now: world.now };
  await assert.rejects(send(mercadolibre.auth.exchangeCall(app, options)), { code: 'grant-dead' });
});

test('all pages of a window hold every order once, as the books have it', async () => {
  const { world, sandbox, connect, readAll } = meet();
  for (let count = 0; count < 7; count += 1) {
    sandbox.books.place(FIRST, DRAFT);
    world.now += 1_000;
  }
  const found = await readAll(await connect(), 3);
  assert.deepEqual(found.map(({ order }) => order.orderId).sort(), [...sandbox.books.orders.keys()].sort());
  for (const { order, buyer } of found) {
    const book = sandbox.books.orders.get(order.orderId)!;
    assert.deepEqual([order.status, order.total, order.currency], ['unshipped', '18.69', 'BRL']);
    assert.equal(order.placedAt, new Date(book.placedAt).toISOString());
    assert.equal(order.updatedAt, new Date(book.updatedAt).toISOString());
    assert.deepEqual(
      order.lines.map(({ lineId, sku, quantity, unitPrice }) => [lineId, sku, quantity, unitPrice]),
      book.lines.map(({ lineId, sku, quantity, unitPrice }) => [lineId, sku, quantity, unitPrice]),
    );
    assert.deepEqual([buyer?.name, buyer?.postalCode], [DRAFT.buyer.name, DRAFT.buyer.postalCode]);
  }
});

test('orders that change while their window is paged cost no other order its place', async () => {
  const { world, sandbox, connect, readAll } = meet();
  const placed = Array.from({ length: 9 }, () => sandbox.books.place(FIRST, DRAFT));
  const context = await connect();
  world.now += MINUTE_MS;
  const changing = [placed[0]!, placed[8]!, placed[4]!];
  const window = world.now;
  const found = await readAll(context, 2, () => {
    world.now = window + MINUTE_MS;
    const next = changing.shift();
    if (next) sandbox.books.cancel(next.orderId);
  });
  const ids = found.map(({ order }) => order.orderId);
  for (const { orderId } of placed.filter(({ status }) => status === 'placed')) assert.ok(ids.includes(orderId));
});

test('an order goes through its life as the books say', async () => {
  const { sandbox, connect, run } = meet();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  const context = await connect();
  const read = async () => (await run((answers) => readWholeOrder(context, orderId, answers)))[0]!.order;
  assert.equal((await read()).status, 'unshipped');
  sandbox.books.ship(orderId, { carrier: 'Correios', trackingNumber: 'BR1' });
  const shipped = await read();
  assert.deepEqual(
    [shipped.status, shipped.packages[0]?.carrier, shipped.packages[0]?.trackingNumber],
    ['shipped', 'Correios', 'BR1'],
  );
  sandbox.books.deliver(orderId);
  assert.equal((await read()).status, 'delivered');
  const other = sandbox.books.place(FIRST, DRAFT);
  sandbox.books.cancel(other.orderId);
  const [cancelled] = await run((answers) => readWholeOrder(context, other.orderId, answers));
  assert.equal(cancelled!.order.status, 'cancelled');
});

test('an order of another seller is not found', async () => {
  const { sandbox, connect, send } = meet();
  const { orderId } = sandbox.books.place(sandbox.sellers[1]!.sellerId, DRAFT);
  const context = await connect();
  for (const id of [orderId, '2000009999999999']) {
    await assert.rejects(send(mercadolibre.orders.detailCall(context, [id])), { code: 'order-not-found' });
  }
});

test('a notification is accepted and leads to its order; what is lost is in the list under the same key', async () => {
  const { world, sandbox, app, connect, run } = meet({ webhookStatus: () => 500 });
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  while (sandbox.webhooksUnderWay() > 0) await new Promise((resolve) => setImmediate(resolve));
  const told = world.sent.map((request) => deliver(app, request, world.now));
  assert.ok(told.every(({ verdict }) => verdict.verified));
  const ofOrder = told.map(({ reading }) => reading).filter(({ topic }) => topic === 'orders_v2');
  assert.equal(new Set(ofOrder.map(({ deduplicationKey }) => deduplicationKey)).size, 1);
  assert.deepEqual([ofOrder[0]!.orderIds, ofOrder[0]!.sellerId, ofOrder[0]!.occurredAt], [[orderId], FIRST, START]);
  const context = await connect();
  const missed = await run((answers) => mercadolibre.webhook.missed!.list(context, answers));
  assert.deepEqual(missed, [ofOrder[0]]);
});

test('stock is set at items, at their variations and in a warehouse', async () => {
  const { sandbox, connect, run } = meet();
  const context = await connect();
  const lines = ['A', 'B', 'C', 'D'].map((sku, index): StockLine => {
    return { sku, quantity: 10 + index, reference: sandbox.books.listing(FIRST, sku).reference };
  });
  const batches = Map.groupBy(lines, mercadolibre.inventory!.batchKey);
  assert.equal(batches.size, 3);
  for (const batch of batches.values()) {
    const outcomes = await run((answers) => mercadolibre.inventory!.update(context, batch, answers));
    assert.deepEqual(
      outcomes,
      batch.map(() => ({ outcome: 'applied' })),
    );
  }
  for (const { sku, quantity } of lines) assert.equal(sandbox.books.listing(FIRST, sku).quantity, quantity);
});

test('a shipment is confirmed once, and a repeat changes nothing', async () => {
  const { world, sandbox, connect, run } = meet();
  const { orderId, lines } = sandbox.books.place(FIRST, DRAFT);
  const context = await connect();
  const shipment: Shipment = {
    orderId,
    lines: lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
    carrier: { code: null, name: 'Transportes Exemplo' },
    trackingNumber: 'TR1',
    shippedAt: world.now,
  };
  for (const made of [3, 2]) {
    const before = sandbox.calls.made;
    const result = await run((answers) => mercadolibre.shipments!.confirm(context, shipment, answers));
    assert.equal(result.outcome, 'confirmed');
    assert.equal(sandbox.calls.made - before, made);
  }
  assert.equal(sandbox.books.orders.get(orderId)!.shipment?.trackingNumber, 'TR1');
  const other = { ...shipment, trackingNumber: 'TR2' };
  const refused = await run((answers) => mercadolibre.shipments!.confirm(context, other, answers));
  assert.equal(refused.outcome === 'failed' && refused.code, 'already-shipped');
});

test('a throttle and trouble are read as what they are', async () => {
  const { faults, connect, send } = meet();
  const context = await connect();
  const window = { from: START - MINUTE_MS, to: START, pageToken: undefined };
  for (const [fault, kind] of [
    ['throttle', 'throttled'],
    ['server-error', 'retryable'],
    ['truncate', 'retryable'],
    ['expire-access-token', 'auth'],
  ] as const) {
    faults.next(fault);
    await assert.rejects(send(mercadolibre.orders.pageCall(context, window)), { kind });
  }
});
