import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWorld, DRAFT, HOUR, iso, type Json, MINUTE, SECOND, START } from './sandbox-world.ts';

test('a call without a good token is refused with the reason that clients branch on', async () => {
  const { call, accessToken, token, world, faults } = createWorld();
  const path = '/orders/2026-01-01/orders/026-1234567-0000001';
  const missing = await call(path);
  assert.equal(missing.status, 403);
  assert.equal(missing.headers.get('x-amzn-errortype'), 'MissingAuthenticationTokenException');
  assert.equal(missing.body.errors[0].code, 'MissingAuthenticationToken');
  const denied = (details: string) => ({
    errors: [{ code: 'Unauthorized', message: 'Access to requested resource is denied.', details }],
  });

  const access = await accessToken();
  world.now += HOUR - 1;
  assert.equal((await call(path, access)).status, 404);
  world.now += 1;
  const expired = await call(path, access);
  assert.equal(expired.status, 403);
  assert.deepEqual(expired.body, denied('The access token you provided has expired.'));
  assert.equal(expired.headers.get('x-amzn-ratelimit-limit'), null);
  assert.ok(expired.headers.get('x-amzn-requestid'));

  const made = await call(path, 'Atza|made-up');
  assert.deepEqual(made.body, denied('The access token you provided is revoked, malformed or invalid.'));
  const scope = 'sellingpartnerapi::notifications';
  const grantless = (await token({ grant_type: 'client_credentials', scope })).body;
  assert.equal(grantless.refresh_token, undefined);
  assert.deepEqual((await call(path, grantless.access_token)).body, denied(''));

  const good = await accessToken();
  faults.next('expire-access-token');
  assert.deepEqual((await call(path, good)).body, denied('The access token you provided has expired.'));
  assert.equal((await call(path, good)).status, 403);
});

test('a call without a user-agent is refused', async () => {
  const { app, accessToken } = createWorld();
  const headers = { 'x-amz-access-token': await accessToken() };
  assert.equal((await app.request('/orders/2026-01-01/orders/026-1234567-0000001', { headers })).status, 400);
});

test('an order shows only its base and the datasets asked for', async () => {
  const { books, call, accessToken, seller, world } = createWorld();
  const access = await accessToken();
  const { orderId, lines } = books.place(seller.sellerId, DRAFT);
  assert.match(orderId, /^\d{3}-\d{7}-\d{7}$/);
  const get = async (datasets: string) =>
    (await call(`/orders/2026-01-01/orders/${orderId}?includedData=${datasets}`, access)).body.order;

  const { body, headers } = await call(`/orders/2026-01-01/orders/${orderId}`, access);
  assert.equal(headers.get('x-amzn-ratelimit-limit'), '0.5');
  assert.deepEqual(Object.keys(body.order).sort(), [
    'createdTime',
    'lastUpdatedTime',
    'orderId',
    'orderItems',
    'programs',
    'salesChannel',
  ]);
  const all = await get('BUYER,RECIPIENT,PROCEEDS,FULFILLMENT,PACKAGES');
  assert.deepEqual(all.buyer, { buyerName: DRAFT.buyer.name, buyerEmail: DRAFT.buyer.email });
  assert.equal(all.recipient.deliveryAddress.addressLine1, DRAFT.buyer.street);
  assert.deepEqual(all.proceeds.grandTotal, { amount: '18.69', currencyCode: 'GBP' });
  assert.equal(all.fulfillment.fulfillmentStatus, 'UNSHIPPED');
  assert.equal(all.packages, undefined);
  assert.deepEqual(all.orderItems[0].product.price.unitPrice, { amount: '2.55', currencyCode: 'GBP' });
  assert.deepEqual(all.orderItems[0].proceeds.proceedsTotal, { amount: '15.30', currencyCode: 'GBP' });
  assert.deepEqual(all.orderItems[0].fulfillment, { quantityFulfilled: 0, quantityUnfulfilled: 6 });

  world.now += MINUTE;
  books.ship(orderId, { carrier: 'Royal Mail', trackingNumber: 'RR123456789GB' });
  const shipped = await get('FULFILLMENT,PACKAGES');
  assert.equal(shipped.lastUpdatedTime, '2026-11-24T06:01:00.000Z');
  assert.equal(shipped.fulfillment.fulfillmentStatus, 'SHIPPED');
  assert.equal(shipped.packages[0].packageStatus.status, 'SHIPPED');
  assert.equal(shipped.packages[0].trackingNumber, 'RR123456789GB');
  assert.equal(shipped.packages[0].shipTime, '2026-11-24T06:01:00.000Z');
  assert.deepEqual(shipped.packages[0].packageItems[0], { orderItemId: lines[0]?.lineId, quantity: 6 });
  books.deliver(orderId);
  assert.equal((await get('PACKAGES')).packages[0].packageStatus.status, 'DELIVERED');
  assert.equal((await get('FULFILLMENT')).fulfillment.fulfillmentStatus, 'SHIPPED');

  const cancelled = books.cancel(books.place(seller.sellerId, DRAFT).orderId).orderId;
  const { order } = (await call(`/orders/2026-01-01/orders/${cancelled}?includedData=FULFILLMENT,CANCELLATION`, access))
    .body;
  assert.equal(order.fulfillment.fulfillmentStatus, 'CANCELLED');
  assert.equal(order.orderItems[0].cancellation.cancellationExecution.cancelledBy, 'BUYER');
});

test("another seller's order and an unknown one are not found, a malformed id is refused", async () => {
  const { books, call, accessToken, seller, other } = createWorld();
  const { orderId } = books.place(seller.sellerId, DRAFT);
  const access = await accessToken(other);
  for (const id of [orderId, '026-9999999-9999999']) {
    const { status, body, headers } = await call(`/orders/2026-01-01/orders/${id}`, access);
    assert.deepEqual([status, body.errors[0].code], [404, 'NotFound']);
    assert.equal(headers.get('x-amzn-ratelimit-limit'), '0.5');
  }
  assert.equal((await call('/orders/2026-01-01/orders/1', access)).status, 400);
  assert.equal((await call(`/orders/2026-01-01/orders/${orderId}?includedData=BUYERS`, access)).status, 400);
});

test('a search that breaks a documented rule is refused', async () => {
  const { search, accessToken, world } = createWorld();
  world.now += HOUR;
  const at = (ago: number) => iso(world.now - ago);
  const good = { lastUpdatedAfter: at(HOUR) };
  const wrong: Record<string, string>[] = [
    {},
    { createdAfter: at(HOUR), lastUpdatedAfter: at(HOUR) },
    { lastUpdatedAfter: at(HOUR), createdBefore: at(MINUTE * 5) },
    { createdAfter: at(HOUR), lastUpdatedBefore: at(MINUTE * 5) },
    { lastUpdatedBefore: at(MINUTE * 5) },
    { lastUpdatedAfter: at(HOUR), lastUpdatedBefore: at(HOUR + 1) },
    { lastUpdatedAfter: at(HOUR), lastUpdatedBefore: at(2 * MINUTE - 1) },
    { lastUpdatedAfter: 'yesterday' },
    { lastUpdatedAfter: String(START) },
    { ...good, maxResultsPerPage: '0' },
    { ...good, maxResultsPerPage: '101' },
    { ...good, maxResultsPerPage: 'ten' },
    { ...good, fulfillmentStatuses: 'UNSHIPPED,Shipped' },
    { ...good, fulfilledBy: 'MFN' },
    { ...good, includedData: 'BUYER,ADDRESS' },
    { ...good, marketplaceIds: Array.from({ length: 51 }, (_, number) => `M${number}`).join(',') },
    { ...good, paginationToken: 'unknown' },
  ];
  for (const parameters of wrong) {
    const access = await accessToken();
    const { status, body, headers } = await search(access, parameters);
    assert.deepEqual([status, body.errors[0].code], [400, 'InvalidInput'], JSON.stringify(parameters));
    assert.equal(headers.get('x-amzn-ratelimit-limit'), '0.0056');
  }
  const edge = { lastUpdatedAfter: at(2 * MINUTE), lastUpdatedBefore: at(2 * MINUTE), maxResultsPerPage: '100' };
  const { status, body } = await search(await accessToken(), edge);
  assert.equal(status, 200);
  assert.deepEqual(body, { orders: [], lastUpdatedBefore: at(2 * MINUTE) });
});

test('a search finds the orders of its seller, its period and its filters, the newest at once', async () => {
  const { books, search, accessToken, seller, other, world } = createWorld();
  const access = await accessToken();
  const placed = [0, 1, 2].map((minute) => {
    world.now = START + minute * MINUTE;
    return books.place(seller.sellerId, DRAFT).orderId;
  }) as [string, string, string];
  books.place(other.sellerId, DRAFT);
  world.now += MINUTE;
  books.ship(placed[0], { carrier: 'Royal Mail', trackingNumber: '1' });
  const ids = async (parameters: Record<string, string>) =>
    (await search(access, parameters)).body.orders.map((order: Json) => order.orderId);

  assert.deepEqual(await ids({ createdAfter: iso(START) }), placed);
  assert.deepEqual(await ids({ lastUpdatedAfter: iso(START) }), [placed[1], placed[2], placed[0]]);
  assert.deepEqual(await ids({ lastUpdatedAfter: iso(world.now) }), [placed[0]]);
  assert.deepEqual(await ids({ createdAfter: iso(START), createdBefore: iso(START + MINUTE) }), placed.slice(0, 2));
  assert.deepEqual(await ids({ createdAfter: '2026-11-24T08:01:00+02:00' }), placed.slice(1));
  assert.deepEqual(await ids({ createdAfter: iso(START), fulfillmentStatuses: 'SHIPPED,CANCELLED' }), [placed[0]]);
  assert.deepEqual(await ids({ createdAfter: iso(START), fulfilledBy: 'AMAZON' }), []);
  assert.deepEqual(await ids({ createdAfter: iso(START), marketplaceIds: 'ATVPDKIKX0DER,A1F83G8C2ARO7P' }), placed);
  assert.deepEqual(await ids({ createdAfter: iso(START), marketplaceIds: 'ATVPDKIKX0DER' }), []);
  assert.equal((await search(access, { createdAfter: iso(START) })).body.createdBefore, iso(world.now));
});

test('pages cover the period once, though orders of the same millisecond change meanwhile', async () => {
  const { books, search, accessToken, seller, world } = createWorld();
  const access = await accessToken();
  const placed = Array.from({ length: 250 }, () => books.place(seller.sellerId, DRAFT).orderId);
  world.now += 3 * MINUTE;
  const period = { lastUpdatedAfter: iso(START), lastUpdatedBefore: iso(START + MINUTE) };
  const first = (await search(access, { ...period, maxResultsPerPage: '99' })).body;
  const seen: string[] = first.orders.map((order: Json) => order.orderId);
  books.cancel(placed[0]!); // read already: it moves behind the period
  books.cancel(placed[249]!); // not read yet: the next poll finds it
  let paginationToken: string | undefined = first.pagination.nextToken;
  while (paginationToken) {
    const page = (await search(access, { ...period, paginationToken })).body;
    seen.push(...page.orders.map((order: Json) => order.orderId));
    paginationToken = page.pagination?.nextToken;
  }
  assert.deepEqual(seen, placed.slice(0, 249));
  assert.deepEqual(
    (await search(access, { lastUpdatedAfter: iso(START + MINUTE) })).body.orders.map((order: Json) => order.orderId),
    [placed[0], placed[249]],
  );
});

test('a page token is good for a day, its seller and its filters, and for another page size and other datasets', async () => {
  const { books, search, accessToken, seller, other, world, faults } = createWorld();
  for (let count = 0; count < 3; count++) books.place(seller.sellerId, DRAFT);
  const period = { createdAfter: iso(START) };
  const start = async () =>
    (await search(await accessToken(), { ...period, maxResultsPerPage: '1' })).body.pagination.nextToken as string;
  const status = async (parameters: Record<string, string>, of: SandboxSeller = seller) =>
    (await search(await accessToken(of), parameters)).status;

  const paginationToken = await start();
  assert.equal(await status({ ...period, paginationToken }, other), 400);
  assert.equal(await status({ ...period, paginationToken, fulfillmentStatuses: 'UNSHIPPED' }), 400);
  assert.equal(await status({ createdAfter: iso(START - 1), paginationToken }), 400);
  assert.equal(await status({ paginationToken }), 400);
  assert.equal(await status({ ...period, paginationToken, maxResultsPerPage: '50', includedData: 'BUYER' }), 200);
  world.now += 24 * HOUR;
  assert.equal(await status({ ...period, paginationToken }), 400);

  const fresh = await start();
  faults.next('expire-page-token');
  assert.equal(await status({ ...period, paginationToken: fresh }), 400);
  assert.equal(await status({ ...period, paginationToken: fresh }), 400);
});

test('the usage plan is kept for each seller and operation apart: burst, then one call in 1/rate', async () => {
  const { search, call, accessToken, seller, other, calls, world } = createWorld();
  const period = { lastUpdatedAfter: iso(START) };
  const access = await accessToken();
  for (let count = 0; count < 20; count++) assert.equal((await search(access, period)).status, 200);
  const refused = await search(access, period);
  assert.equal(refused.status, 429);
  assert.deepEqual(refused.body.errors, [
    { code: 'QuotaExceeded', message: 'You exceeded your quota for the requested resource.', details: '' },
  ]);
  assert.equal(refused.headers.get('x-amzn-errortype'), 'TooManyRequestsException');
  assert.equal(refused.headers.get('retry-after'), null);
  assert.equal(refused.headers.get('x-amzn-ratelimit-limit'), null);
  assert.equal(calls.throttled, 1);
  assert.equal((await search(await accessToken(other), period)).status, 200);
  assert.equal((await call('/orders/2026-01-01/orders/026-1234567-0000001', access)).status, 404);
  // A fresh token of the same seller meets the same bucket.
  world.now += 178 * SECOND;
  assert.equal((await search(await accessToken(seller), period)).status, 429);
  world.now += 1 * SECOND;
  assert.equal((await search(access, period)).status, 200);
  assert.equal((await search(access, period)).status, 429);
});

test('faults strike the API and the token endpoint in their own words', async () => {
  const { call, token, accessToken, seller, faults, calls } = createWorld();
  const access = await accessToken();
  const path = '/orders/2026-01-01/orders/026-1234567-0000001';
  faults.next('server-error', '/orders');
  assert.deepEqual((await call(path, access)).body.errors[0].code, 'InternalFailure');
  faults.next('server-error-after-effect', '/orders');
  const late = await call(path, access);
  assert.equal(late.status, 500);
  assert.equal(late.headers.get('x-amzn-ratelimit-limit'), null);
  faults.next('throttle', '/orders');
  assert.equal((await call(path, access)).status, 429);
  assert.equal(calls.throttled, 0);
  faults.next('drop-connection', '/orders');
  await assert.rejects(call(path, access), /cut this connection/);
  faults.next('truncate', '/orders');
  await assert.rejects(call(path, access), SyntaxError);
  const grant = { grant_type: 'refresh_token', refresh_token: seller.refreshToken };
  faults.next('server-error', '/auth');
  assert.equal((await token(grant)).body.error, 'server_error');
  faults.next('drop-answer', '/auth');
  await assert.rejects(token(grant), /cut this connection/);
  assert.equal((await token(grant)).status, 200);
});

test('a seller participates in the home marketplace and is told of others too', async () => {
  const { call, accessToken } = createWorld();
  const { status, body } = await call('/sellers/v1/marketplaceParticipations', await accessToken());
  assert.equal(status, 200);
  const told = body.payload.map((one: Json) => [one.marketplace.id, one.participation.isParticipating]);
  assert.deepEqual(told, [
    ['A1F83G8C2ARO7P', true],
    ['A1PA6795UKMFR9', false],
  ]);
});
