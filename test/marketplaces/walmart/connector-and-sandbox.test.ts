import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, CallContext, ReadOrder, Step, StockLine } from '#marketplaces/marketplace.ts';
import type { WalmartApp } from '#marketplaces/walmart/app.ts';
import { walmart } from '#marketplaces/walmart/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { createWorld, DRAFT, FIRST, MINUTE_MS, REDIRECT, START } from './sandbox-world.ts';

/** The connector and the sandbox know nothing of each other: here they meet. */
function meet() {
  const { world, sandbox, faults } = createWorld();
  const app = walmart.appSchema.parse(sandbox.registration);
  const connection = { connectionId: 'walmart-1', sellerId: FIRST, settings: {} };

  async function send({ request, operation }: Call): Promise<HttpResponse> {
    const { method, headers, url, body } = request;
    const path = url.replace('http://sandbox.test/walmart', '');
    const answer = await sandbox.app.request(path, { method, headers, ...(body !== undefined && { body }) });
    const response = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    const failure = walmart.readFailure(response, operation);
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
  async function connect(): Promise<CallContext<WalmartApp>> {
    const call = walmart.auth.refreshCall(app, {
      connection,
      refreshToken: sandbox.sellers[0]!.refreshToken,
      now: world.now,
    });
    const { accessToken } = walmart.auth.readTokens(await send(call), world.now);
    return { app, connection, accessToken, now: world.now };
  }
  async function readAll(context: CallContext<WalmartApp>, pageSize: number): Promise<ReadOrder[]> {
    const found: ReadOrder[] = [];
    let pageToken: string | undefined;
    do {
      const window = { from: START - MINUTE_MS, to: world.now, pageToken, pageSize };
      const page = walmart.orders.readPage(await send(walmart.orders.pageCall(context, window)), connection, window);
      found.push(...page.orders);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return found;
  }
  return { world, sandbox, faults, app, connection, send, run, connect, readAll };
}

test('a seller who consents is connected, and stays so by refreshing', async () => {
  const { world, sandbox, app, send, run } = meet();
  const url = walmart.auth.consentUrl(app, { state: 'S1', redirectUri: REDIRECT, now: world.now });
  const consent = await sandbox.app.request(url.replace('http://sandbox.test/walmart', ''));
  const callback = Object.fromEntries(new URL(consent.headers.get('location') ?? '').searchParams);
  assert.equal(callback.state, 'S1');
  const exchanged = await send(walmart.auth.exchangeCall(app, { callback, redirectUri: REDIRECT, now: world.now }));
  const { accessToken, refreshToken } = walmart.auth.readTokens(exchanged, world.now);
  const sellers = await run((answers) =>
    walmart.auth.identify!({ app, callback, accessToken, now: world.now }, [exchanged, ...answers]),
  );
  assert.deepEqual(sellers, [{ sellerId: FIRST, settings: {} }]);
  const connection = { connectionId: 'walmart-1', ...sellers[0]! };
  const refresh = walmart.auth.refreshCall(app, { connection, refreshToken: refreshToken!, now: world.now });
  assert.equal(walmart.auth.readTokens(await send(refresh), world.now).refreshToken, undefined);
});

test('all pages of a window hold every order once, as the books have it', async () => {
  const { world, sandbox, connect, readAll } = meet();
  for (let count = 0; count < 7; count += 1) {
    sandbox.books.place(FIRST, DRAFT);
    world.now += 1_000;
  }
  const found = await readAll(await connect(), 3);
  assert.deepEqual(found.map(({ order }) => order.orderId).sort(), [...sandbox.books.orders.keys()].sort());
  const [first] = found;
  const book = sandbox.books.orders.get(first!.order.orderId)!;
  assert.deepEqual([first!.order.status, first!.order.total], ['unshipped', '18.69']);
  assert.equal(first!.order.updatedAt, new Date(book.updatedAt).toISOString());
  assert.deepEqual(
    first!.order.lines.map(({ lineId, sku, quantity, unitPrice }) => [lineId, sku, quantity, unitPrice]),
    book.lines.map(({ lineId, sku, quantity, unitPrice }) => [lineId, sku, quantity, unitPrice]),
  );
  assert.deepEqual([first!.buyer?.name, first!.buyer?.countryCode], ['Ada Example', 'US']);
});

test('an order that changes while its window is paged makes the window begin anew', async () => {
  const { world, sandbox, connection, connect, send } = meet();
  const placed = Array.from({ length: 5 }, () => sandbox.books.place(FIRST, DRAFT));
  world.now += MINUTE_MS;
  const context = await connect();
  const window = { from: START - MINUTE_MS, to: START + MINUTE_MS / 2, pageToken: undefined, pageSize: 2 };
  const first = walmart.orders.readPage(await send(walmart.orders.pageCall(context, window)), connection, window);
  sandbox.books.cancel(placed[0]!.orderId);
  const next = { ...window, pageToken: first.nextPageToken };
  const response = await send(walmart.orders.pageCall(context, next));
  assert.throws(() => walmart.orders.readPage(response, connection, next), { code: 'page-token-expired' });
});

test('a cursor that Walmart drops makes the window begin anew', async () => {
  const { sandbox, faults, connection, connect, send } = meet();
  for (let count = 0; count < 3; count += 1) sandbox.books.place(FIRST, DRAFT);
  const context = await connect();
  const window = { from: START - MINUTE_MS, to: START + 1_000, pageToken: undefined, pageSize: 1 };
  const { nextPageToken } = walmart.orders.readPage(
    await send(walmart.orders.pageCall(context, window)),
    connection,
    window,
  );
  faults.next('expire-page-token');
  const next = walmart.orders.pageCall(context, { ...window, pageToken: nextPageToken });
  await assert.rejects(send(next), { code: 'page-token-expired' });
});

test('stock is set with and without a ship node', async () => {
  const { sandbox, connect, run } = meet();
  const context = await connect();
  for (const sku of ['85123A', '71053']) {
    const { reference } = sandbox.books.listing(FIRST, sku);
    const line: StockLine = { sku, quantity: 12, reference };
    assert.deepEqual(await run((answers) => walmart.inventory!.update(context, [line], answers)), [
      { outcome: 'applied' },
    ]);
    assert.equal(sandbox.books.listing(FIRST, sku).quantity, 12);
  }
});

test('an order is acknowledged and shipped once, however often it is confirmed', async () => {
  const { world, sandbox, connect, run, readAll } = meet();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  const context = await connect();
  const shipment = {
    orderId,
    lines: [],
    carrier: { code: null, name: 'fedex' },
    trackingNumber: '1Z111',
    shippedAt: world.now,
  };
  for (let time = 0; time < 2; time += 1) {
    const result = await run((answers) => walmart.shipments!.confirm(context, shipment, answers));
    assert.deepEqual(result, { outcome: 'confirmed', packageId: null });
  }
  const [{ order } = assert.fail()] = await readAll(context, 10);
  assert.equal(order.status, 'shipped');
  assert.deepEqual(
    order.packages.map(({ carrier, trackingNumber }) => [carrier, trackingNumber]),
    [['FedEx', '1Z111']],
  );
});

test('a shipment whose answer is lost is confirmed by the next try', async () => {
  const { world, sandbox, faults, connect, run } = meet();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  const context = await connect();
  const carrier = { code: 'UPS', name: 'UPS' };
  const shipment = { orderId, lines: [], carrier, trackingNumber: '1Z111', shippedAt: world.now };
  const confirm = () => run((answers) => walmart.shipments!.confirm(context, shipment, answers));
  faults.next('drop-answer', '/shipping');
  await assert.rejects(confirm());
  assert.deepEqual(await confirm(), { outcome: 'confirmed', packageId: null });
});

test('a refresh token that the sandbox does not know is a dead grant, a wrong secret is not', async () => {
  const { world, app, connection, send } = meet();
  const refresh = (itsApp: typeof app, refreshToken: string) =>
    send(walmart.auth.refreshCall(itsApp, { connection, refreshToken, now: world.now }));
  await assert.rejects(refresh(app, 'unknown'), { code: 'grant-dead' });
  const wrong = { ...app, clientSecret: 'wrong' };
  await assert.rejects(refresh(wrong, 'sandbox-refresh-walmart-1'), { code: 'app-credentials-refused' });
});

test('a notification of a new order is verified and names it', async () => {
  const { world, sandbox, app } = meet();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  await new Promise(setImmediate);
  const [sent = assert.fail()] = world.sent;
  const body = new TextEncoder().encode(sent.body);
  const headers = Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const delivery = { method: sent.method, url: sent.url, query: {}, headers, body, receivedAt: world.now };
  assert.deepEqual(walmart.webhook.verify(app, delivery), { verified: true });
  const { sellerId, orderIds, topic } = walmart.webhook.read(body);
  assert.deepEqual([topic, sellerId, orderIds], ['ORDER_UPDATES', FIRST, [orderId]]);
});

test('a seller’s subscription is left alone where it is in order, and made where it is missing', async () => {
  const { app, connect, run } = meet();
  const context = await connect();
  const subscribe = (callbackUrl: string) =>
    run((answers) => walmart.webhook.subscribe!(context, { callbackUrl }, answers));
  assert.deepEqual(await subscribe(app.webhookUrl), { repaired: 0 });
  assert.deepEqual(await subscribe('http://sluice.test/other'), { repaired: 1 });
  assert.deepEqual(await subscribe('http://sluice.test/other'), { repaired: 0 });
});
