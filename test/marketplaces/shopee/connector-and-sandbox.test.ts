import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallContext, Shipment, Step } from '#marketplaces/marketplace.ts';
import { shopee } from '#marketplaces/shopee/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { DRAFTS } from '#test/conformance/marketplaces/drafts.ts';
import { openWorld } from '#test/conformance/marketplaces/world.ts';

const REDIRECT_URI = 'https://sluice.example/oauth/callback';

/** The connector and the sandbox know nothing of each other: here they meet. */
async function meet() {
  const world = await openWorld(shopee as never);
  const app = shopee.appSchema.parse(world.sandbox.registration);
  const context = (): CallContext<typeof app> => ({ ...world.context(), app });
  async function run<Result>(procedure: (answers: readonly HttpResponse[]) => Step<Result>): Promise<Result> {
    const answers: HttpResponse[] = [];
    for (let step = procedure(answers); ; step = procedure(answers)) {
      if ('done' in step) return step.done;
      answers.push(await world.call(step.call, (response) => response));
    }
  }
  const { books } = world.sandbox;
  const place = () =>
    books.place(world.seller.sellerId, { ...DRAFTS[0]!, lines: DRAFTS.flatMap(({ lines }) => lines) });
  const confirm = (shipment: Shipment) => run((answers) => shopee.shipments!.confirm(context(), shipment, answers));
  return { world, books, app, context, run, place, confirm };
}

const shipmentOf = (orderId: string, shippedAt: number, change: Partial<Shipment> = {}): Shipment => ({
  ...{ orderId, lines: [], carrier: { code: null, name: 'Own van' }, trackingNumber: 'TRACK1', shippedAt },
  ...change,
});

test('a shop that consents is known by its callback', async () => {
  const { world, app, run } = await meet();
  const callback = await world.consent('state-1', REDIRECT_URI);
  const exchange = shopee.auth.exchangeCall(app, { callback, redirectUri: REDIRECT_URI, now: world.now() });
  const exchanged = await world.call(exchange, (response) => response);
  const { accessToken } = shopee.auth.readTokens(exchanged, world.now());
  const sellers = await run((answers) =>
    shopee.auth.identify!({ app, callback, accessToken, now: world.now() }, [exchanged, ...answers]),
  );
  assert.deepEqual(sellers, [{ sellerId: world.seller.sellerId, settings: {} }]);
});

test('stock is set in the books, and an unknown variation is refused without harm', async () => {
  const { world, books, context, run } = await meet();
  for (const sku of ['85123A', '22423', '85099B']) {
    const { reference } = books.listing(world.seller.sellerId, sku);
    for (const quantity of [17, 0, 3]) {
      const line = { sku, quantity, reference };
      assert.deepEqual(await run((answers) => shopee.inventory!.update(context(), [line], answers)), [
        { outcome: 'applied' },
      ]);
      assert.equal(books.listing(world.seller.sellerId, sku).quantity, quantity);
    }
    const lines = [
      { sku, quantity: 8, reference },
      { sku, quantity: 8, reference: { ...reference, modelId: '999999999999' } },
    ];
    const outcomes = await run((answers) => shopee.inventory!.update(context(), lines, answers));
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['applied', 'failed'],
    );
    assert.equal(books.listing(world.seller.sellerId, sku).quantity, 8);
  }
});

test('an order ships whole, once, with the tracking number of the seller', async () => {
  const { world, books, place, confirm } = await meet();
  const { orderId } = place();
  const first = await confirm(shipmentOf(orderId, world.now()));
  assert.equal(first.outcome, 'confirmed');
  assert.deepEqual(await confirm(shipmentOf(orderId, world.now())), first);
  assert.equal(books.orders.get(orderId)!.shipment!.trackingNumber, 'TRACK1');
  const [read] = await world.readDetails([orderId]);
  assert.equal(read!.order.status, 'shipped');
  const other = await confirm(shipmentOf(orderId, world.now(), { trackingNumber: 'TRACK2' }));
  assert.deepEqual([other.outcome, 'code' in other && other.code], ['failed', 'shipped-already']);
});

test('a shipment of every line by its id ships, and one of a part does not', async () => {
  const { world, place, confirm } = await meet();
  const { orderId } = place();
  const [read] = await world.readDetails([orderId]);
  const lines = read!.order.lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
  const part = await confirm(shipmentOf(orderId, world.now(), { lines: lines.slice(1) }));
  assert.deepEqual([part.outcome, 'code' in part && part.code], ['failed', 'package-holds-more']);
  assert.equal((await confirm(shipmentOf(orderId, world.now(), { lines }))).outcome, 'confirmed');
});

test('a shipment whose answer was lost is found, and not arranged twice', async () => {
  const { world, place, confirm } = await meet();
  const { orderId } = place();
  world.faults.next('server-error-after-effect', 'ship_order');
  await assert.rejects(() => confirm(shipmentOf(orderId, world.now())));
  assert.equal((await confirm(shipmentOf(orderId, world.now()))).outcome, 'confirmed');
});

test('a cancelled order does not ship', async () => {
  const { world, books, place, confirm } = await meet();
  const { orderId } = place();
  books.cancel(orderId);
  const result = await confirm(shipmentOf(orderId, world.now()));
  assert.deepEqual([result.outcome, 'code' in result && result.code], ['failed', 'nothing-to-ship']);
  const [read] = await world.readDetails([orderId]);
  for (const { quantity, cancelledQuantity } of read!.order.lines) assert.equal(cancelledQuantity, quantity);
});

test('push settings are in order after one repair at most', async () => {
  const { app, context, run } = await meet();
  const repair = () => run((answers) => shopee.webhook.subscribe!(context(), { callbackUrl: app.webhookUrl }, answers));
  await repair();
  assert.deepEqual(await repair(), { repaired: 0 });
});

test('where every push arrived, none is listed as lost', async () => {
  const { world, context, run } = await meet();
  await world.trade(1);
  assert.deepEqual(await run((answers) => shopee.webhook.missed!.list(context(), answers)), []);
});
