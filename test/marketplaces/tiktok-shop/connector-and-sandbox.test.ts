import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, CallContext, ReadOrder, Shipment, Step, StockLine } from '#marketplaces/marketplace.ts';
import type { OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { TikTokShopApp } from '#marketplaces/tiktok-shop/app.ts';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import { createTiktokShopSandbox } from '#marketplaces/tiktok-shop/sandbox/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { differences } from '#services/all-in-one/demo/compare.ts';

const START = Date.parse('2026-11-24T06:00:00.000Z');
const HOUR_MS = 3_600_000;
const PUBLIC_URL = 'http://sandbox.test/tiktok-shop';
const REDIRECT = 'https://app.example/callback';

const DRAFT: OrderDraft = {
  currency: 'GBP',
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART', quantity: 6, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: {
    name: 'Ada Example',
    email: 'ada@relay.example',
    phone: '+44 2071234567',
    street: '1 Example Street',
    city: 'London',
    postalCode: 'AB1 2CD',
    countryCode: 'GB',
  },
};

/** The connector and the sandbox know nothing of each other: here they meet. */
function meet() {
  const world = { now: START, sent: [] as HttpRequest[], random: 0 };
  const faults = createFaults(() => 0.999);
  const sandbox = createTiktokShopSandbox(
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
      enqueue: async () => assert.fail('TikTok Shop has no queue'),
      faults,
    },
    { publicUrl: PUBLIC_URL, webhookUrl: 'http://sluice.test/webhooks/tiktok-shop', sellers: 2 },
  );
  const app = tiktokShop.appSchema.parse(sandbox.registration);
  const ask = (url: string, init: RequestInit = {}) => sandbox.app.request(url.replace(PUBLIC_URL, ''), init);

  async function send({ request, operation }: Call): Promise<HttpResponse> {
    const { method, headers, url, body } = request;
    const answer = await ask(url, { method, headers, ...(body !== undefined && { body }) });
    const response = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    const failure = tiktokShop.readFailure(response, operation);
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
  /** The n-th shop, 1 upwards: the first lets its seller make packages, the second has them from the start. */
  async function connect(shop = 1): Promise<CallContext<TikTokShopApp>> {
    const { refreshToken, ...seller } = sandbox.sellers[shop - 1]!;
    const connection = { connectionId: `tiktok-shop-${shop}`, ...seller };
    const call = tiktokShop.auth.refreshCall(app, { connection, refreshToken, now: world.now });
    const { accessToken } = tiktokShop.auth.readTokens(await send(call), world.now);
    return { app, connection, accessToken, now: world.now };
  }
  async function readAll(context: CallContext<TikTokShopApp>, pageSize: number): Promise<ReadOrder[]> {
    const found: ReadOrder[] = [];
    let pageToken: string | undefined;
    do {
      const window = { from: START - HOUR_MS, to: world.now, pageToken, pageSize };
      const response = await send(tiktokShop.orders.pageCall({ ...context, now: world.now }, window));
      const page = tiktokShop.orders.readPage(response, context.connection, window);
      found.push(...page.orders);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return found;
  }
  const place = (shop = 1) => sandbox.books.place(sandbox.sellers[shop - 1]!.sellerId, DRAFT);
  return { world, sandbox, faults, app, ask, send, run, connect, readAll, place };
}

test('a seller who consents is connected by shop and cipher, and stays so by refreshing', async () => {
  const { world, sandbox, app, ask, send, run } = meet();
  const url = tiktokShop.auth.consentUrl(app, { state: 'S1', redirectUri: REDIRECT, now: world.now });
  const consent = await ask(url);
  const callback = Object.fromEntries(new URL(consent.headers.get('location') ?? '').searchParams);
  assert.equal(callback.state, 'S1');
  const exchange = tiktokShop.auth.exchangeCall(app, { callback, redirectUri: REDIRECT, now: world.now });
  const exchanged = await send(exchange);
  const { accessToken, refreshToken } = tiktokShop.auth.readTokens(exchanged, world.now);
  const identify = { app, callback, accessToken, now: world.now };
  const sellers = await run((answers) => tiktokShop.auth.identify!(identify, answers), [exchanged]);
  const [{ sellerId, settings } = assert.fail()] = sandbox.sellers;
  assert.deepEqual(sellers, [{ sellerId, settings }]);
  const connection = { connectionId: 'tiktok-shop-1', ...sellers[0]! };
  const refresh = tiktokShop.auth.refreshCall(app, { connection, refreshToken: refreshToken!, now: world.now });
  assert.ok(tiktokShop.auth.readTokens(await send(refresh), world.now).accessToken);
  await assert.rejects(send(exchange), { code: 'grant-dead' });
});

test('an unknown refresh token is a dead grant, a wrong secret is not', async () => {
  const { world, sandbox, app, send } = meet();
  const connection = { connectionId: 'tiktok-shop-1', sellerId: '1', settings: {} };
  const refresh = (itsApp: TikTokShopApp, refreshToken: string) =>
    send(tiktokShop.auth.refreshCall(itsApp, { connection, refreshToken, now: world.now }));
  await assert.rejects(refresh(app, 'unknown'), { kind: 'permanent', code: 'grant-dead' });
  const wrong = { ...app, appSecret: 'wrong' };
  await assert.rejects(refresh(wrong, sandbox.sellers[0]!.refreshToken), { code: 'app-credentials-refused' });
});

test('an expired access token, a wrong signature and a wrong clock are told apart', async () => {
  const { world, send, connect } = meet();
  const context = await connect();
  const read = (changed: Partial<CallContext<TikTokShopApp>>) =>
    send(tiktokShop.orders.detailCall({ ...context, now: world.now, ...changed }, ['576461413000000001']));
  await read({});
  await assert.rejects(read({ app: { ...context.app, appSecret: 'wrong' } }), { code: 'signature-refused' });
  await assert.rejects(read({ accessToken: 'unknown' }), { kind: 'auth' });
  await assert.rejects(read({ now: world.now - HOUR_MS }), { kind: 'retryable', code: 'timestamp-refused' });
  world.now += 8 * 24 * HOUR_MS;
  await assert.rejects(read({}), { kind: 'auth', code: 'access-token-expired' });
});

for (const [name, pauseMs] of [
  ['a change a second', 1_000],
  ['all in one second', 0],
] as const) {
  test(`all pages of a window hold every order as the books have it: ${name}`, async () => {
    const { world, sandbox, connect, readAll, place } = meet();
    for (let count = 0; count < 7; count += 1) {
      place();
      world.now += pauseMs;
    }
    const found = await readAll(await connect(), 3);
    const ids = new Set(found.map(({ order }) => order.orderId));
    assert.deepEqual([...ids].sort(), [...sandbox.books.orders.keys()].sort());
    for (const { order, buyer } of found) {
      assert.deepEqual(differences(sandbox.books.orders.get(order.orderId)!, order, buyer ?? undefined), []);
    }
  });
}

test('a page token that TikTok drops makes the window begin anew', async () => {
  const { world, faults, connect, send, place } = meet();
  for (let count = 0; count < 5; count += 1) place();
  const context = await connect();
  const window = { from: START - HOUR_MS, to: world.now, pageToken: undefined, pageSize: 2 };
  const call = (pageToken: string | undefined) => tiktokShop.orders.pageCall(context, { ...window, pageToken });
  const pageOf = async (pageToken: string | undefined) => {
    const response = await send(call(pageToken));
    return tiktokShop.orders.readPage(response, context.connection, { ...window, pageToken }).nextPageToken;
  };
  const next = await pageOf(await pageOf(undefined));
  assert.match(next!, / /);
  faults.next('expire-page-token');
  await assert.rejects(send(call(next)), { code: 'page-token-expired' });
});

test('a notification of a new order is verified and names it', async () => {
  const { world, app, sandbox, place } = meet();
  const { orderId } = place();
  await new Promise(setImmediate);
  const [sent = assert.fail()] = world.sent;
  const body = new TextEncoder().encode(sent.body);
  const headers = Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const delivery = { method: sent.method, url: sent.url, query: {}, headers, body, receivedAt: world.now };
  assert.deepEqual(tiktokShop.webhook.verify(app, delivery), { verified: true });
  const { topic, sellerId, orderIds, occurredAt } = tiktokShop.webhook.read(body);
  const expected = ['ORDER_STATUS_CHANGE', sandbox.sellers[0]!.sellerId, [orderId], START];
  assert.deepEqual([topic, sellerId, orderIds, occurredAt], expected);
});

test('a shop’s webhooks are pointed here once, and left alone then', async () => {
  const { connect, run } = meet();
  const context = await connect();
  const subscribe = (callbackUrl: string) =>
    run((answers) => tiktokShop.webhook.subscribe!(context, { callbackUrl }, answers));
  assert.deepEqual(await subscribe('https://sluice.example/webhooks/tiktok-shop'), { repaired: 7 });
  assert.deepEqual(await subscribe('https://sluice.example/webhooks/tiktok-shop'), { repaired: 0 });
});

test('stock is set for all SKUs of a product but the one that TikTok refuses', async () => {
  const { sandbox, connect, run } = meet();
  const context = await connect();
  const sellerId = context.connection.sellerId;
  const { reference } = sandbox.books.listing(sellerId, '85123A');
  const good: StockLine = { sku: '85123A', quantity: 12, reference };
  const bad: StockLine = { sku: 'X', quantity: 1, reference: { ...reference, skuId: '1' } };
  assert.deepEqual(await run((answers) => tiktokShop.inventory!.update(context, [good], answers)), [
    { outcome: 'applied' },
  ]);
  assert.equal(sandbox.books.listing(sellerId, '85123A').quantity, 12);
  const lines = [bad, { ...good, quantity: 7 }];
  const told = await run((answers) => tiktokShop.inventory!.update(context, lines, answers));
  assert.deepEqual(
    told.map(({ outcome }) => outcome),
    ['failed', 'applied'],
  );
  assert.equal(sandbox.books.listing(sellerId, '85123A').quantity, 7);
});

for (const shop of [1, 2]) {
  test(`an order is shipped once, however often it is confirmed (market ${shop})`, async () => {
    const { world, sandbox, connect, run, readAll, place } = meet();
    const { orderId } = place(shop);
    const context = await connect(shop);
    const carrier = { code: null, name: 'royal mail' };
    const shipment: Shipment = { orderId, lines: [], carrier, trackingNumber: 'JX12345', shippedAt: world.now };
    const confirm = () => run((answers) => tiktokShop.shipments!.confirm(context, shipment, answers));
    const first = await confirm();
    assert.equal(first.outcome, 'confirmed');
    assert.ok(first.outcome === 'confirmed' && first.packageId);
    assert.deepEqual(await confirm(), first);
    const [{ order } = assert.fail()] = await readAll(context, 10);
    assert.deepEqual(differences(sandbox.books.orders.get(orderId)!, order), []);
    assert.deepEqual([order.status, order.packages.length], ['shipped', 1]);
  });
}

test('an order goes in two parcels, and is partly shipped in between', async () => {
  const { world, connect, run, readAll, place } = meet();
  const { orderId, lines } = place();
  const context = await connect();
  const carrier = { code: null, name: 'Royal Mail' };
  const send = (trackingNumber: string, parts: Shipment['lines']) => {
    const shipment: Shipment = { orderId, lines: parts, carrier, trackingNumber, shippedAt: world.now };
    return run((answers) => tiktokShop.shipments!.confirm(context, shipment, answers));
  };
  const lineId = lines[0]!.lineId;
  assert.equal((await send('JX1', [{ lineId, quantity: 2 }])).outcome, 'confirmed');
  const [between = assert.fail()] = await readAll(context, 10);
  assert.equal(between.order.status, 'partially-shipped');
  assert.equal((await send('JX2', [{ lineId, quantity: 5 }])).outcome, 'failed');
  assert.equal((await send('JX2', [])).outcome, 'confirmed');
  const [{ order } = assert.fail()] = await readAll(context, 10);
  assert.equal(order.status, 'shipped');
  assert.deepEqual(order.packages.map(({ trackingNumber }) => trackingNumber).sort(), ['JX1', 'JX2']);
});

test('a shipment whose answer is lost is confirmed by the next try', async () => {
  const { world, faults, connect, run, place } = meet();
  const { orderId } = place();
  const context = await connect();
  const carrier = { code: null, name: 'Royal Mail' };
  const shipment: Shipment = { orderId, lines: [], carrier, trackingNumber: 'JX12345', shippedAt: world.now };
  const confirm = () => run((answers) => tiktokShop.shipments!.confirm(context, shipment, answers));
  faults.next('drop-answer', '/packages');
  await assert.rejects(confirm());
  assert.equal((await confirm()).outcome, 'confirmed');
});
