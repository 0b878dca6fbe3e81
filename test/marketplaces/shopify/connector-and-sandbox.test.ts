import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, CallContext, ReadOrder, Shipment, Step, StockLine } from '#marketplaces/marketplace.ts';
import type { OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { ShopifyApp } from '#marketplaces/shopify/app.ts';
import { auth } from '#marketplaces/shopify/auth.ts';
import { shopify } from '#marketplaces/shopify/index.ts';
import { createShopifySandbox } from '#marketplaces/shopify/sandbox/index.ts';
import { webhook } from '#marketplaces/shopify/webhook.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { differences } from '#services/all-in-one/demo/compare.ts';

const START = Date.parse('2026-11-24T06:00:00.000Z');
const HOUR_MS = 3_600_000;
const PUBLIC_URL = 'http://sandbox.test/shopify';
const WEBHOOK_URL = 'http://sluice.test/webhooks/shopify';
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

/** More lines than two answers hold. */
const LONG_DRAFT: OrderDraft = {
  ...DRAFT,
  lines: Array.from({ length: 600 }, (_, index) => ({
    sku: `SKU-${index}`,
    title: `LINE ${index}`,
    quantity: 1 + (index % 3),
    unitPrice: '1.25',
  })),
};

/** The connector and the sandbox know nothing of each other: here they meet. */
function meet() {
  const world = { now: START, sent: [] as HttpRequest[], random: 0 };
  const faults = createFaults(() => 0.999);
  const sandbox = createShopifySandbox(
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
      enqueue: async () => assert.fail('Shopify has no queue'),
      faults,
    },
    { publicUrl: PUBLIC_URL, webhookUrl: WEBHOOK_URL, sellers: 2 },
  );
  const app = shopify.appSchema.parse(sandbox.registration);
  const ask = (url: string, init: RequestInit = {}) => sandbox.app.request(url.replace(PUBLIC_URL, ''), init);
  /** by operation, what each call was charged before it ran */
  const charged = new Map<string, number>();

  async function send({ request, operation }: Call): Promise<HttpResponse> {
    const { method, headers, url, body } = request;
    const answer = await ask(url, { method, headers, ...(body !== undefined && { body }) });
    const response = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    const cost = (/"requestedQueryCost":(\d+)/.exec(response.body) ?? [])[1];
    if (cost) charged.set(operation, Number(cost));
    const failure = shopify.readFailure(response, operation);
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
  async function connect(shop = 1): Promise<CallContext<ShopifyApp>> {
    const { refreshToken, ...seller } = sandbox.sellers[shop - 1]!;
    const connection = { connectionId: `shopify-${shop}`, ...seller };
    const call = auth.refreshCall(app, { connection, refreshToken, now: world.now });
    const { accessToken } = auth.readTokens(await send(call), world.now);
    return { app, connection, accessToken, now: world.now };
  }
  async function readAll(context: CallContext<ShopifyApp>, pageSize: number): Promise<ReadOrder[]> {
    const found: ReadOrder[] = [];
    let pageToken: string | undefined;
    do {
      const window = { from: START - HOUR_MS, to: world.now, pageToken, pageSize };
      const response = await send(shopify.orders.pageCall({ ...context, now: world.now }, window));
      const page = shopify.orders.readPage(response, context.connection, window);
      found.push(...page.orders);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return found;
  }
  const subscribe = (context: CallContext<ShopifyApp>) =>
    run((answers) => shopify.webhook.subscribe!(context, { callbackUrl: WEBHOOK_URL }, answers));
  const place = (shop = 1, draft = DRAFT) => sandbox.books.place(sandbox.sellers[shop - 1]!.sellerId, draft);
  const readWhole = (context: CallContext<ShopifyApp>, orderId: string) =>
    run((answers) => shopify.orders.whole!.details(context, [orderId], answers));
  return { world, sandbox, faults, app, charged, ask, send, run, connect, readAll, readWhole, subscribe, place };
}

const shipmentOf = (orderId: string, trackingNumber: string, lines: Shipment['lines'] = []): Shipment => ({
  orderId,
  lines,
  carrier: { code: null, name: 'Royal Mail' },
  trackingNumber,
  shippedAt: START,
});

test('a shop that consents is connected by its domain, and stays so by refreshing', async () => {
  const { world, sandbox, app, ask, send } = meet();
  const { sellerId } = sandbox.sellers[1]!;
  const consent = await ask(auth.consentUrl(app, { state: 'S 1&/', redirectUri: REDIRECT, now: world.now, sellerId }));
  const callback = Object.fromEntries(new URL(consent.headers.get('location') ?? '').searchParams);
  assert.equal(callback.state, 'S 1&/');
  const exchange = auth.exchangeCall(app, { callback, redirectUri: REDIRECT, now: world.now });
  const { accessToken, refreshToken } = auth.readTokens(await send(exchange), world.now);
  assert.deepEqual(auth.identify({ app, callback, accessToken, now: world.now }), {
    done: [{ sellerId, settings: {} }],
  });
  const connection = { connectionId: 'shopify-2', sellerId, settings: {} };
  const refreshed = auth.readTokens(
    await send(auth.refreshCall(app, { connection, refreshToken, now: world.now })),
    world.now,
  );
  assert.notEqual(refreshed.refreshToken, refreshToken);
  const context = { app, connection, accessToken: refreshed.accessToken, now: world.now };
  await send(shopify.orders.pageCall(context, { from: START, to: START, pageToken: undefined }));
  assert.notEqual(refreshed.accessToken, accessToken);
  await assert.rejects(send(exchange), { code: 'grant-dead' });
});

test('an unknown refresh token is a dead grant, a wrong secret is not', async () => {
  const { sandbox, app, send } = meet();
  const [{ refreshToken, ...seller } = assert.fail()] = sandbox.sellers;
  const connection = { connectionId: 'shopify-1', ...seller };
  await assert.rejects(send(auth.refreshCall(app, { connection, refreshToken: 'unknown', now: START })), {
    code: 'grant-dead',
  });
  const wrong = { ...app, apiSecret: 'wrong' };
  await assert.rejects(send(auth.refreshCall(wrong, { connection, refreshToken, now: START })), {
    code: 'app-credentials-refused',
  });
});

test('an access token that is over, or of nobody, asks for a refresh', async () => {
  const { world, send, connect } = meet();
  const context = await connect();
  const read = (changed: Partial<CallContext<ShopifyApp>>) =>
    send(shopify.orders.pageCall({ ...context, ...changed }, { from: START, to: START, pageToken: undefined }));
  await read({});
  await assert.rejects(read({ accessToken: 'unknown' }), { kind: 'auth' });
  world.now += HOUR_MS;
  await assert.rejects(read({}), { kind: 'auth' });
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
    const ids = found.map(({ order }) => order.orderId);
    assert.deepEqual(ids.sort(), [...sandbox.books.orders.keys()].sort());
    for (const { order, buyer } of found) {
      assert.deepEqual(differences(sandbox.books.orders.get(order.orderId)!, order, buyer ?? undefined), []);
    }
  });
}

test('orders are read by their ids, and one that the shop does not have is named', async () => {
  const { sandbox, connect, send, place } = meet();
  const [one, two, other] = [place(), place(), place(2)];
  const context = await connect();
  const read = async (...ids: string[]) =>
    shopify.orders.readDetails(await send(shopify.orders.detailCall(context, ids)), context.connection);
  const found = await read(one.orderId, two.orderId);
  for (const { order } of found) assert.deepEqual(differences(sandbox.books.orders.get(order.orderId)!, order), []);
  assert.equal(found.length, 2);
  for (const unknown of ['1', other.orderId]) await assert.rejects(read(unknown), { code: 'order-not-found' });
});

test('an order of 600 lines is named by its page, and read whole by its id, also when all of it is refunded', async () => {
  const { world, sandbox, connect, send, readWhole, place } = meet();
  const [short, long] = [place(), place(1, LONG_DRAFT)];
  const context = await connect();
  const readPage = async () => {
    const window = { from: START - HOUR_MS, to: world.now, pageToken: undefined };
    return shopify.orders.readPage(await send(shopify.orders.pageCall(context, window)), context.connection, window);
  };
  const asInTheBooks = async () => {
    const [read = assert.fail()] = await readWhole(context, long.orderId);
    const { order, buyer } = read;
    assert.equal(order.lines.length, 600);
    assert.deepEqual(differences(sandbox.books.orders.get(long.orderId)!, order, buyer ?? undefined), []);
    return order;
  };
  const { orders, orderIds, nextPageToken } = await readPage();
  assert.deepEqual(
    orders.map(({ order }) => order.orderId),
    [short.orderId],
  );
  assert.deepEqual([orderIds, nextPageToken], [[long.orderId], undefined]);
  assert.equal((await asInTheBooks()).status, 'unshipped');

  world.now += 60_000;
  sandbox.books.cancel(long.orderId);
  assert.deepEqual((await readPage()).orderIds, [long.orderId]);
  assert.equal((await asInTheBooks()).status, 'cancelled');
});

test('a long order that changes while it is read is read anew', async () => {
  const { world, sandbox, connect, run, readWhole, place } = meet();
  const { orderId } = place(1, LONG_DRAFT);
  const context = await connect();
  const changing = run((answers) => {
    if (answers.length === 2) {
      world.now += 1_000;
      sandbox.books.cancel(orderId);
    }
    return shopify.orders.whole!.details(context, [orderId], answers);
  });
  await assert.rejects(changing, { kind: 'retryable', code: 'order-changed' });
  world.now += 60_000;
  const [{ order } = assert.fail()] = await readWhole(context, orderId);
  assert.equal(order.status, 'cancelled');
});

test('an order that is cancelled, or delivered, is told so', async () => {
  const { sandbox, connect, readAll, place } = meet();
  const [cancelled, delivered] = [place(), place()];
  sandbox.books.cancel(cancelled.orderId);
  sandbox.books.ship(delivered.orderId, { carrier: 'Royal Mail', trackingNumber: 'JX1' });
  sandbox.books.deliver(delivered.orderId);
  for (const { order } of await readAll(await connect(), 10)) {
    assert.deepEqual(differences(sandbox.books.orders.get(order.orderId)!, order), []);
    const gone = order.lines.map(({ cancelledQuantity, returnedQuantity }) => [cancelledQuantity, returnedQuantity]);
    const isCancelled = order.orderId === cancelled.orderId;
    assert.deepEqual(
      gone,
      order.lines.map(({ quantity }) => [isCancelled ? quantity : 0, 0]),
    );
  }
});

test('a cursor that Shopify drops makes the window begin anew', async () => {
  const { world, faults, connect, send, place } = meet();
  for (let count = 0; count < 5; count += 1) place();
  const context = await connect();
  const window = { from: START - HOUR_MS, to: world.now, pageToken: undefined, pageSize: 2 };
  const first = await send(shopify.orders.pageCall(context, window));
  const { nextPageToken } = shopify.orders.readPage(first, context.connection, window);
  const next = shopify.orders.pageCall(context, { ...window, pageToken: nextPageToken });
  faults.next('expire-page-token');
  await assert.rejects(send(next), { code: 'page-token-expired' });
  await assert.rejects(send(shopify.orders.pageCall(context, { ...window, pageToken: 'none' })), {
    code: 'page-token-expired',
  });
});

test('a shop’s webhooks are pointed here once, and left alone then', async () => {
  const { connect, subscribe } = meet();
  const context = await connect();
  assert.equal((await subscribe(context)).repaired > 0, true);
  assert.deepEqual(await subscribe(context), { repaired: 0 });
});

test('a webhook of a new order is verified, names it, and holds nothing of its buyer', async () => {
  const { world, app, sandbox, connect, subscribe, place } = meet();
  await subscribe(await connect());
  const { orderId } = place();
  await new Promise(setImmediate);
  const ofOrders = world.sent.filter(({ headers }) => JSON.stringify(headers).includes('orders/create'));
  assert.equal(ofOrders.length, 1);
  const [sent = assert.fail()] = ofOrders;
  const body = new TextEncoder().encode(sent.body);
  const headers = Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const delivery = { method: sent.method, url: sent.url, query: {}, headers, body, receivedAt: world.now };
  assert.deepEqual(webhook.verify(app, delivery), { verified: true });
  const { topic, sellerId, orderIds, occurredAt } = webhook.read(body, headers);
  const expected = ['orders/create', sandbox.sellers[0]!.sellerId, [orderId], START];
  assert.deepEqual([topic, sellerId, orderIds, occurredAt], expected);
  assert.doesNotMatch(sent.body ?? '', /ada/i);
});

test('stock is set for all lines but the one that Shopify refuses', async () => {
  const { sandbox, connect, run } = meet();
  const context = await connect();
  const { sellerId } = context.connection;
  const lineOf = (sku: string, quantity: number): StockLine => ({
    sku,
    quantity,
    reference: sandbox.books.listing(sellerId, sku).reference,
  });
  const update = (lines: StockLine[], now: number) =>
    run((answers) => shopify.inventory!.update({ ...context, now }, lines, answers));
  const good = [lineOf('85123A', 12), lineOf('71053', 3)];
  const unknown: StockLine = { sku: 'X', quantity: 1, reference: { ...good[0]!.reference, inventoryItemId: '1' } };
  const told = await update([good[0]!, unknown, good[1]!], START);
  assert.deepEqual(
    told.map((line) => ('code' in line ? line.code : line.outcome)),
    ['applied', 'INVALID_INVENTORY_ITEM', 'applied'],
  );
  const stock = () => ['85123A', '71053'].map((sku) => sandbox.books.listing(sellerId, sku).quantity);
  assert.deepEqual(stock(), [12, 3]);
  for (const [quantity, now] of [
    [7, START + 1],
    [12, START + 2],
  ] as const) {
    await update([lineOf('85123A', quantity)], now);
    assert.deepEqual(stock(), [quantity, 3]);
  }
});

test('an order is shipped once, however often it is confirmed', async () => {
  const { sandbox, connect, run, readAll, place } = meet();
  const { orderId } = place();
  const context = await connect();
  const confirm = () => run((answers) => shopify.shipments!.confirm(context, shipmentOf(orderId, 'JX12345'), answers));
  const first = await confirm();
  assert.ok(first.outcome === 'confirmed' && first.packageId);
  assert.deepEqual(await confirm(), first);
  const [{ order } = assert.fail()] = await readAll(context, 10);
  assert.deepEqual(differences(sandbox.books.orders.get(orderId)!, order), []);
  assert.deepEqual([order.status, order.packages.map(({ packageId }) => packageId)], ['shipped', [first.packageId]]);
});

test('an order goes in two parcels, and is partly shipped in between', async () => {
  const { connect, run, readAll, place } = meet();
  const { orderId, lines } = place();
  const context = await connect();
  const confirm = async (trackingNumber: string, parts: Shipment['lines']) =>
    (await run((answers) => shopify.shipments!.confirm(context, shipmentOf(orderId, trackingNumber, parts), answers)))
      .outcome;
  const lineId = lines[0]!.lineId;
  assert.equal(await confirm('JX1', [{ lineId, quantity: 2 }]), 'confirmed');
  const [between = assert.fail()] = await readAll(context, 10);
  assert.equal(between.order.status, 'partially-shipped');
  assert.equal(await confirm('JX2', [{ lineId, quantity: 5 }]), 'failed');
  assert.equal(await confirm('JX2', []), 'confirmed');
  const [{ order } = assert.fail()] = await readAll(context, 10);
  assert.equal(order.status, 'shipped');
  assert.deepEqual(order.packages.map(({ trackingNumber }) => trackingNumber).sort(), ['JX1', 'JX2']);
});

test('a shipment whose answer is lost is confirmed by the next try', async () => {
  const { sandbox, faults, connect, run, place } = meet();
  const { orderId } = place();
  const context = await connect();
  const confirm = () => run((answers) => shopify.shipments!.confirm(context, shipmentOf(orderId, 'JX12345'), answers));
  await loseAnswer();
  assert.equal(sandbox.books.orders.get(orderId)!.status, 'shipped');
  assert.equal((await confirm()).outcome, 'confirmed');

  /** Reads the order, and loses the answer of the call after it. */
  async function loseAnswer(): Promise<void> {
    let calls = 0;
    await assert.rejects(
      run((answers) => {
        if (++calls === 2) faults.next('drop-answer');
        return shopify.shipments!.confirm(context, shipmentOf(orderId, 'JX12345'), answers);
      }),
    );
  }
});

test('no call is charged more than it is booked with', async () => {
  const { world, sandbox, connect, run, readAll, readWhole, subscribe, place, charged, send } = meet();
  for (let count = 0; count < 60; count += 1) place();
  const context = await connect();
  const [{ order } = assert.fail()] = await readAll(context, 50);
  await send(shopify.orders.detailCall(context, [order.orderId]));
  await run((answers) => shopify.shipments!.confirm(context, shipmentOf(order.orderId, 'JX1'), answers));
  await subscribe(context);
  const long = place(1, LONG_DRAFT);
  sandbox.books.cancel(long.orderId);
  world.now += 60_000;
  await readWhole(context, long.orderId);
  assert.ok(charged.size >= 9);
  for (const [operation, cost] of charged) {
    const [limit] = shopify.limits.forOperation(operation);
    assert.ok(cost <= limit!.cost!, `${operation}: ${cost}`);
  }
});
