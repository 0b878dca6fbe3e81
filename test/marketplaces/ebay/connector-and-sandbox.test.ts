import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ebay } from '#marketplaces/ebay/index.ts';
import type { Call, CallContext, Shipment, Step } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { DRAFTS } from '#test/conformance/marketplaces/drafts.ts';
import { openWorld } from '#test/conformance/marketplaces/world.ts';

const REDIRECT_URI = 'https://sluice.example/oauth/callback';

/** The connector and the sandbox know nothing of each other: here they meet. */
async function meet() {
  const world = await openWorld(ebay as never);
  const app = ebay.appSchema.parse({ ...world.sandbox.registration, alertEmail: 'ops@sluice.example' });
  const context = (): CallContext<typeof app> => ({ ...world.context(), app });
  const answered = (call: Call): Promise<HttpResponse> => world.call(call, (response) => response);
  async function run<Result>(procedure: (answers: readonly HttpResponse[]) => Step<Result>): Promise<Result> {
    const answers: HttpResponse[] = [];
    for (let step = procedure(answers); ; step = procedure(answers)) {
      if ('done' in step) return step.done;
      answers.push(await answered(step.call));
    }
  }
  const { books } = world.sandbox;
  const place = () =>
    books.place(world.seller.sellerId, { ...DRAFTS[0]!, lines: DRAFTS.flatMap(({ lines }) => lines) });
  const confirm = (shipment: Shipment) => run((answers) => ebay.shipments!.confirm(context(), shipment, answers));
  return { world, books, app, context, run, answered, place, confirm };
}

test('a seller who consents is known by the id that their notifications carry', async () => {
  const { world, app, run } = await meet();
  const callback = await world.consent('state-1', REDIRECT_URI);
  const exchange = ebay.auth.exchangeCall(app, { callback, redirectUri: REDIRECT_URI, now: world.now() });
  const exchanged = await world.call(exchange, (response) => response);
  const { accessToken } = ebay.auth.readTokens(exchanged, world.now());
  const sellers = await run((answers) =>
    ebay.auth.identify!({ app, callback, accessToken, now: world.now() }, [exchanged, ...answers]),
  );
  assert.deepEqual(sellers, [{ sellerId: world.seller.sellerId, settings: {} }]);
});

test('stock is set in the books, and an unknown offer is refused without harm', async () => {
  const { world, books, context, run } = await meet();
  const { reference } = books.listing(world.seller.sellerId, '85123A');
  for (const quantity of [17, 0, 3]) {
    const line = { sku: '85123A', quantity, reference };
    assert.deepEqual(await run((answers) => ebay.inventory!.update(context(), [line], answers)), [
      { outcome: 'applied' },
    ]);
    assert.equal(books.listing(world.seller.sellerId, '85123A').quantity, quantity);
  }
  const lines = [
    { sku: '85123A', quantity: 8, reference },
    { sku: '85123A', quantity: 8, reference: { offerId: '1' } },
  ];
  const outcomes = await run((answers) => ebay.inventory!.update(context(), lines, answers));
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ['applied', 'failed'],
  );
  assert.equal(books.listing(world.seller.sellerId, '85123A').quantity, 8);
});

test('an order ships whole, once, and what is read of it names the package', async () => {
  const { world, place, confirm } = await meet();
  const { orderId } = place();
  const shipment: Shipment = {
    orderId,
    lines: [],
    carrier: { code: 'USPS', name: 'USPS' },
    trackingNumber: '9400 1118 9956 0000 0000 01',
    shippedAt: world.now(),
  };
  const confirmed = { outcome: 'confirmed', packageId: '9400111899560000000001' };
  assert.deepEqual(await confirm(shipment), confirmed);
  assert.deepEqual(await confirm(shipment), confirmed);
  const [read] = await world.readDetails([orderId]);
  assert.equal(read!.order.status, 'shipped');
  assert.deepEqual(
    read!.order.packages.map(({ trackingNumber }) => trackingNumber),
    ['9400111899560000000001'],
  );
});

test('a shipment whose answer was lost is found, and not told twice', async () => {
  const { world, books, place, confirm } = await meet();
  const order = place();
  const { orderId } = order;
  const lines = order.lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
  const carrier = { code: null, name: 'Royal Mail' };
  const shipment = { orderId, lines, carrier, trackingNumber: 'AB123456789GB', shippedAt: world.now() };
  world.faults.next('server-error-after-effect', 'shipping_fulfillment');
  world.faults.next('server-error-after-effect', 'shipping_fulfillment');
  await assert.rejects(() => confirm(shipment));
  await assert.rejects(() => confirm(shipment));
  assert.deepEqual(await confirm(shipment), { outcome: 'confirmed', packageId: 'AB123456789GB' });
  assert.equal(books.orders.get(orderId)!.shipment!.trackingNumber, 'AB123456789GB');
});

test('a shipment of an unknown order, or of an unknown line, has failed', async () => {
  const { world, place, confirm } = await meet();
  const { orderId } = place();
  const rest = { carrier: { code: 'USPS', name: 'USPS' }, trackingNumber: 'T1', shippedAt: world.now() };
  for (const [id, lines] of [
    [orderId, [{ lineId: '1', quantity: 1 }]],
    ['01-00000-00000', []],
  ] as const) {
    assert.equal((await confirm({ orderId: id, lines: [...lines], ...rest })).outcome, 'failed');
  }
});

test('what is switched off or gone of the notifications is repaired, and then left alone', async () => {
  const { world, app, context, run, answered } = await meet();
  const repair = () => run((answers) => ebay.webhook.subscribe!(context(), { callbackUrl: app.webhookUrl }, answers));
  assert.deepEqual(await repair(), { repaired: 0 });

  const url = `${app.apiUrl}/commerce/notification/v1/subscription`;
  const asSeller = { authorization: `Bearer ${world.accessToken}`, accept: 'application/json' };
  const call = (method: 'GET' | 'POST' | 'DELETE', path: string) =>
    answered({ operation: 'getSubscriptions', request: { method, url: url + path, headers: asSeller } });
  const idOf = async (): Promise<string> => JSON.parse((await call('GET', '')).body).subscriptions[0].subscriptionId;

  await call('DELETE', `/${await idOf()}`);
  assert.deepEqual(await repair(), { repaired: 1 });
  await call('POST', `/${await idOf()}/disable`);
  assert.deepEqual(await repair(), { repaired: 1 });
  assert.deepEqual(await repair(), { repaired: 0 });
});
