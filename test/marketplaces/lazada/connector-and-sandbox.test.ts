import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LazadaApp } from '#marketplaces/lazada/app.ts';
import { lazada } from '#marketplaces/lazada/index.ts';
import { createLazadaSandbox } from '#marketplaces/lazada/sandbox/index.ts';
import { readWholeOrders, readWholePage } from '#marketplaces/lazada/whole-orders.ts';
import type { Call, CallContext, ReadOrder, Shipment, Step, StockLine } from '#marketplaces/marketplace.ts';
import type { BookOrder, OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { differences } from '#services/all-in-one/demo/compare.ts';

const START = Date.parse('2026-11-24T06:00:00.000Z');
const HOUR_MS = 3_600_000;
const PUBLIC_URL = 'http://sandbox.test/lazada';
const REDIRECT = 'https://app.example/callback';

const DRAFT: OrderDraft = {
  currency: 'SGD',
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART', quantity: 6, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: {
    name: 'Ada Example',
    email: 'ada@relay.example',
    phone: '6561234567',
    street: '1 Example Street',
    city: 'Bedok',
    postalCode: '460001',
    countryCode: 'SG',
  },
};

/** The connector and the sandbox know nothing of each other: here they meet. */
function meet() {
  const world = { now: START, sent: [] as HttpRequest[], random: 0 };
  const faults = createFaults(() => 0.999);
  const sandbox = createLazadaSandbox(
    {
      now: () => world.now,
      sleep: async (ms) => {
        world.now += ms;
      },
      random: () => 0.5,
      randomHex: (length) => (++world.random).toString(16).padStart(length * 2, '0'),
      send: async (request) => {
        world.sent.push(request);
        return { status: 200 };
      },
      enqueue: async () => assert.fail('Lazada has no queue'),
      faults,
    },
    { publicUrl: PUBLIC_URL, webhookUrl: 'http://sluice.test/webhooks/lazada', sellers: 2 },
  );
  const app = lazada.appSchema.parse(sandbox.registration);
  const ask = (url: string, init: RequestInit = {}) => sandbox.app.request(url.replace(PUBLIC_URL, ''), init);

  async function send({ request, operation }: Call): Promise<HttpResponse> {
    const { method, headers, url, body } = request;
    const answer = await ask(url, { method, headers, ...(body !== undefined && { body }) });
    const response = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    const failure = lazada.readFailure(response, operation);
    if (failure) throw failure;
    return response;
  }
  async function run<Result>(
    procedure: (answers: readonly HttpResponse[]) => Step<Result>,
    answers: HttpResponse[] = [],
  ): Promise<Result> {
    for (let step = procedure(answers); ; step = procedure(answers)) {
      if ('done' in step) return step.done;
      answers.push(await send(step.call));
    }
  }
  async function connect(): Promise<CallContext<LazadaApp>> {
    const { refreshToken, ...seller } = sandbox.sellers[0]!;
    const connection = { connectionId: 'lazada-1', ...seller };
    const call = lazada.auth.refreshCall(app, { connection, refreshToken, now: world.now });
    const { accessToken } = lazada.auth.readTokens(await send(call), world.now);
    return { app, connection, accessToken, now: world.now };
  }
  async function readAll(context: CallContext<LazadaApp>, pageSize: number): Promise<ReadOrder[]> {
    const found: ReadOrder[] = [];
    let pageToken: string | undefined;
    do {
      const window = { from: START - HOUR_MS, to: world.now, pageToken, pageSize };
      const page = await run((answers) => readWholePage({ ...context, now: world.now }, window, answers));
      found.push(...page.orders);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return found;
  }
  const readById = async (context: CallContext<LazadaApp>, orderId: string) =>
    (await run((answers) => readWholeOrders({ ...context, now: world.now }, [orderId], answers)))[0]!;
  const place = () => sandbox.books.place(sandbox.sellers[0]!.sellerId, DRAFT);
  return { world, sandbox, faults, app, ask, send, run, connect, readAll, readById, place };
}

/** Lazada gives no buyer's e-mail address. */
const differ = (book: BookOrder, { order, buyer }: ReadOrder) =>
  differences(book, order, buyer ?? undefined).filter((field) => field !== 'email');

test('a seller who consents is connected by account and country, and stays so by refreshing', async () => {
  const { world, sandbox, app, ask, send, run } = meet();
  const consent = await ask(lazada.auth.consentUrl(app, { state: 'S1', redirectUri: REDIRECT, now: world.now }));
  const callback = Object.fromEntries(new URL(consent.headers.get('location') ?? '').searchParams);
  assert.equal(callback.state, 'S1');
  const exchange = lazada.auth.exchangeCall(app, { callback, redirectUri: REDIRECT, now: world.now });
  const exchanged = await send(exchange);
  const { accessToken, refreshToken } = lazada.auth.readTokens(exchanged, world.now);
  const identify = { app, callback, accessToken, now: world.now };
  const sellers = await run((answers) => lazada.auth.identify!(identify, answers), [exchanged]);
  const [{ sellerId, settings } = assert.fail()] = sandbox.sellers;
  assert.deepEqual(sellers, [{ sellerId, settings }]);
  const connection = { connectionId: 'lazada-1', ...sellers[0]! };
  const refresh = lazada.auth.refreshCall(app, { connection, refreshToken: refreshToken!, now: world.now });
  assert.ok(lazada.auth.readTokens(await send(refresh), world.now).accessToken);
  await assert.rejects(send(refresh), { code: 'grant-dead' });
  await assert.rejects(send(exchange), { code: 'grant-dead' });
});

test('an unknown refresh token is a dead grant, a wrong secret is not', async () => {
  const { world, sandbox, app, send } = meet();
  const connection = { connectionId: 'lazada-1', sellerId: '1', settings: {} };
  const refresh = (itsApp: LazadaApp, refreshToken: string) =>
    send(lazada.auth.refreshCall(itsApp, { connection, refreshToken, now: world.now }));
  await assert.rejects(refresh(app, 'unknown'), { kind: 'permanent', code: 'grant-dead' });
  const wrong = { ...app, appSecret: 'wrong' };
  await assert.rejects(refresh(wrong, sandbox.sellers[0]!.refreshToken), { code: 'app-credentials-refused' });
});

test('an expired access token, a wrong signature and a wrong clock are told apart', async () => {
  const { world, send, connect, place } = meet();
  const { orderId } = place();
  const context = await connect();
  const read = (changed: Partial<CallContext<LazadaApp>>) =>
    send(lazada.orders.detailCall({ ...context, now: world.now, ...changed }, [orderId]));
  await read({});
  await assert.rejects(read({ app: { ...context.app, appSecret: 'wrong' } }), { code: 'signature-refused' });
  await assert.rejects(read({ accessToken: 'unknown' }), { kind: 'auth' });
  await assert.rejects(read({ now: world.now - 3 * HOUR_MS }), { kind: 'retryable', code: 'timestamp-refused' });
  world.now += 200 * 24 * HOUR_MS;
  await assert.rejects(read({}), { kind: 'auth' });
});

for (const [name, pauseMs] of [
  ['a change a second', 1_000],
  ['all in one second', 0],
] as const) {
  test(`all pages of a window hold every order once, as the books have it: ${name}`, async () => {
    const { world, sandbox, connect, readAll, place } = meet();
    for (let count = 0; count < 7; count += 1) {
      place();
      world.now += pauseMs;
    }
    const found = await readAll(await connect(), 3);
    const ids = found.map(({ order }) => order.orderId);
    assert.deepEqual(ids.sort(), [...sandbox.books.orders.keys()].sort());
    for (const read of found) assert.deepEqual(differ(sandbox.books.orders.get(read.order.orderId)!, read), []);
  });
}

test('an order reads the same by its id as in a list, and its units alone tell all but the buyer', async () => {
  const { sandbox, connect, send, readAll, readById, place } = meet();
  const { orderId } = place();
  const context = await connect();
  const byId = await readById(context, orderId);
  assert.deepEqual(await readAll(context, 10), [byId]);
  const units = await send(lazada.orders.detailCall(context, [orderId]));
  const [read] = lazada.orders.readDetails(units, context.connection);
  assert.deepEqual(read!.order, byId.order);
  assert.deepEqual(differ(sandbox.books.orders.get(orderId)!, read!), []);
});

test('an order that the seller does not have is not found', async () => {
  const { connect, send } = meet();
  const context = await connect();
  await assert.rejects(send(lazada.orders.detailCall(context, ['999999999999999'])), { code: 'order-not-found' });
});

test('every push of a new order is verified and names it', async () => {
  const { world, app, sandbox, place } = meet();
  const { orderId } = place();
  await new Promise(setImmediate);
  assert.ok(world.sent.length > 0);
  const keys = world.sent.map((sent) => {
    const body = new TextEncoder().encode(sent.body);
    const entries = Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]);
    const delivery = { method: sent.method, url: sent.url, query: {}, body, receivedAt: world.now };
    assert.deepEqual(lazada.webhook.verify(app, { ...delivery, headers: Object.fromEntries(entries) }), {
      verified: true,
    });
    const { topic, sellerId, orderIds, occurredAt, deduplicationKey } = lazada.webhook.read(body);
    const expected = ['trade-order', sandbox.sellers[0]!.sellerId, [orderId], START];
    assert.deepEqual([topic, sellerId, orderIds, occurredAt], expected);
    return deduplicationKey;
  });
  assert.equal(new Set(keys).size, keys.length);
});

test('stock is set for all SKUs but the one that Lazada refuses', async () => {
  const { sandbox, connect, run } = meet();
  const context = await connect();
  const sellerId = context.connection.sellerId;
  const { reference } = sandbox.books.listing(sellerId, '85123A');
  const good: StockLine = { sku: '85123A', quantity: 12, reference };
  const bad: StockLine = { sku: 'X', quantity: 1, reference: { ...reference, skuId: '1' } };
  const update = (lines: StockLine[]) => run((answers) => lazada.inventory!.update(context, lines, answers));
  assert.deepEqual(await update([good]), [{ outcome: 'applied' }]);
  assert.equal(sandbox.books.listing(sellerId, '85123A').quantity, 12);
  const told = await update([bad, { ...good, quantity: 7 }]);
  assert.deepEqual(
    told.map(({ outcome }) => outcome),
    ['failed', 'applied'],
  );
  assert.equal(sandbox.books.listing(sellerId, '85123A').quantity, 7);
});

const CARRIER = { code: null, name: 'LEX SG' };

test('an order is packed and shipped once, however often it is confirmed', async () => {
  const { world, sandbox, connect, run, readById, place } = meet();
  const { orderId } = place();
  const context = await connect();
  const shipment: Shipment = { orderId, lines: [], carrier: CARRIER, trackingNumber: 'JX1', shippedAt: world.now };
  const confirm = () => run((answers) => lazada.shipments!.confirm(context, shipment, answers));
  const first = await confirm();
  assert.equal(first.outcome, 'confirmed');
  assert.ok(first.outcome === 'confirmed' && first.packageId);
  assert.deepEqual(await confirm(), first);
  const read = await readById(context, orderId);
  assert.deepEqual(differ(sandbox.books.orders.get(orderId)!, read), []);
  assert.equal(read.order.packages[0]!.packageId, first.packageId);
});

for (const path of ['/order/fulfill/pack', '/order/package/rts']) {
  test(`a shipment whose answer of ${path} is lost is confirmed by the next try`, async () => {
    const { world, faults, connect, run, readById, place } = meet();
    const { orderId } = place();
    const context = await connect();
    const shipment: Shipment = { orderId, lines: [], carrier: CARRIER, trackingNumber: 'JX1', shippedAt: world.now };
    const confirm = () => run((answers) => lazada.shipments!.confirm(context, shipment, answers));
    faults.next('drop-answer', path);
    await assert.rejects(confirm());
    assert.equal((await confirm()).outcome, 'confirmed');
    assert.equal((await readById(context, orderId)).order.packages.length, 1);
  });
}

test('an order that was cancelled is not shipped', async () => {
  const { world, sandbox, connect, run, readById, place } = meet();
  const { orderId } = place();
  sandbox.books.cancel(orderId);
  const context = await connect();
  const shipment: Shipment = { orderId, lines: [], carrier: CARRIER, trackingNumber: 'JX1', shippedAt: world.now };
  const { outcome } = await run((answers) => lazada.shipments!.confirm(context, shipment, answers));
  assert.equal(outcome, 'failed');
  const read = await readById(context, orderId);
  assert.deepEqual(differ(sandbox.books.orders.get(orderId)!, read), []);
  assert.deepEqual(
    read.order.lines.map(({ cancelledQuantity }) => cancelledQuantity),
    [6, 1],
  );
});

test('an order that is shipped and delivered reads as the books have it', async () => {
  const { sandbox, connect, readById, place } = meet();
  const { orderId } = place();
  const context = await connect();
  for (const change of [
    () => sandbox.books.ship(orderId, { carrier: 'LEX SG', trackingNumber: 'NLSG1' }),
    () => sandbox.books.deliver(orderId),
  ]) {
    const book = change();
    assert.deepEqual(differ(book, await readById(context, orderId)), []);
  }
});

test('a call too many is throttled, and blocks its bucket for as long as Lazada says', async () => {
  const { connect, send, world } = meet();
  const context = await connect();
  const window = { from: START - HOUR_MS, to: world.now, pageToken: undefined };
  const call = lazada.orders.pageCall(context, window);
  for (let count = 0; count < 50; count += 1) await send(call);
  await assert.rejects(send(call), { kind: 'throttled', retryAfterMs: 1_000 });
});
