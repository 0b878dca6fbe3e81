import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { CallContext, Shipment, Step, StockLine } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { createWorld, DRAFT, MINUTE, REDIRECT } from './sandbox-world.ts';

/** The connector and the sandbox know nothing of each other: here they meet. */
async function meet() {
  const met = createWorld();
  const { world, seller } = met;
  const registration = met.registration as Record<string, unknown>;
  const app = amazon.appSchema.parse(registration);
  const connection = { connectionId: 'amazon-1', sellerId: seller.sellerId, settings: seller.settings };

  /** Runs a procedure to its end, as the platform does. */
  async function run<Result>(
    procedure: (answers: readonly HttpResponse[]) => Step<Result>,
    answers: HttpResponse[] = [],
  ): Promise<Result> {
    for (;;) {
      const step = procedure(answers);
      if ('done' in step) return step.done;
      const { operation, request } = step.call;
      const { method, headers, url, body } = request;
      const path = url.replace(String(registration.apiUrl), '');
      const told = await met.app.request(path, { method, headers, ...(body !== undefined && { body }) });
      const response = { status: told.status, headers: Object.fromEntries(told.headers), body: await told.text() };
      const failure = amazon.readFailure(response, operation);
      if (failure) throw failure;
      answers.push(response);
    }
  }
  const accessToken = await met.accessToken();
  const context = (withApp = app): CallContext<typeof app> => ({
    app: withApp,
    connection,
    accessToken,
    now: world.now,
  });
  return { ...met, registration, connectorApp: app, run, context };
}

const shipmentOf = (orderId: string, change: Partial<Shipment> = {}): Shipment => ({
  orderId,
  lines: [],
  carrier: { code: null, name: 'Royal Mail' },
  trackingNumber: 'RM000000001GB',
  shippedAt: Date.parse('2026-11-24T06:00:00.000Z'),
  ...change,
});

test('a quantity is accepted, and in force when the listing shows it', async () => {
  const { run, context, books, seller, world } = await meet();
  const { sku, reference } = books.listing(seller.sellerId, 'A/1 &ü');
  const line: StockLine = { sku, quantity: 7, reference };
  const [accepted] = await run((answers) => amazon.inventory!.update(context(), [line], answers));
  assert.ok(accepted?.outcome === 'accepted');
  const check = amazon.inventory!.check!;
  const lines = [{ ...line, receipt: accepted.receipt }];
  let outcome = (await run((answers) => check.run(context(), lines, answers)))[0]!.outcome;
  assert.equal(outcome, 'accepted');
  for (let look = 0; look < 20 && outcome === 'accepted'; look++) {
    world.now += check.afterMs;
    outcome = (await run((answers) => check.run(context(), lines, answers)))[0]!.outcome;
  }
  assert.equal(outcome, 'applied');
  assert.equal(books.listing(seller.sellerId, sku).quantity, 7);
});

test('an order is shipped once, however often it is confirmed', async () => {
  const { run, context, books, seller, world } = await meet();
  const { orderId } = books.place(seller.sellerId, DRAFT);
  const confirm = () => run((answers) => amazon.shipments!.confirm(context(), shipmentOf(orderId), answers));
  const first = await confirm();
  world.now += MINUTE;
  assert.deepEqual([first.outcome, await confirm()], ['confirmed', first]);
  const { status, shipment } = books.orders.get(orderId)!;
  assert.deepEqual([status, shipment?.carrier, shipment?.trackingNumber], ['shipped', 'Royal Mail', 'RM000000001GB']);
});

test('what can not be shipped fails by its outcome', async () => {
  const { run, context, books, seller, other } = await meet();
  const cancelled = books.place(seller.sellerId, DRAFT).orderId;
  books.cancel(cancelled);
  const lineId = books.place(other.sellerId, DRAFT).lines[0]!.lineId;
  const open = books.place(seller.sellerId, DRAFT).orderId;
  for (const [shipment, code] of [
    [shipmentOf(cancelled), 'nothing-to-ship'],
    [shipmentOf(open, { lines: [{ lineId, quantity: 1 }] }), 'unknown-line'],
  ] as const) {
    const result = await run((answers) => amazon.shipments!.confirm(context(), shipment, answers));
    assert.deepEqual([result.outcome, 'code' in result && result.code], ['failed', code]);
  }
});

test('consent tells the seller and the stores', async () => {
  const { run, consent, connectorApp, seller, world } = await meet();
  const callback = Object.fromEntries(await consent());
  const options = { callback, redirectUri: REDIRECT, now: world.now };
  const answers: HttpResponse[] = [];
  const exchange = amazon.auth.exchangeCall(connectorApp, options);
  await run(([told]) => (told ? { done: undefined } : { call: exchange }), answers);
  const { accessToken } = amazon.auth.readTokens(answers[0]!, world.now);
  const asked = { app: connectorApp, callback, accessToken, now: world.now };
  const found = await run((sofar) => amazon.auth.identify!(asked, sofar), answers);
  assert.deepEqual(found, [{ sellerId: seller.sellerId, settings: seller.settings }]);
});

test('a subscription that is missing, or sends elsewhere, is repaired once', async () => {
  const { run, context, registration, call, grantlessToken } = await meet();
  const path = '/notifications/v1/destinations';
  const sqs = { arn: 'arn:aws:sqs:eu-west-1:000000000000:of-ours' };
  const created = await call(path, await grantlessToken(), {
    method: 'POST',
    body: { name: 'ours', resourceSpecification: { sqs } },
  });
  const { destinationId } = created.body.payload;
  const app = amazon.appSchema.parse({ ...registration, destinationId }) as Parameters<typeof context>[0];
  const subscribe = () =>
    run((answers) => amazon.webhook.subscribe!(context(app), { callbackUrl: 'http://sluice.test' }, answers));
  assert.deepEqual([await subscribe(), await subscribe()], [{ repaired: 1 }, { repaired: 0 }]);

  const { subscriptionId } = (await call('/notifications/v1/subscriptions/ORDER_CHANGE', context(app).accessToken)).body
    .payload;
  await call(`/notifications/v1/subscriptions/ORDER_CHANGE/${subscriptionId}`, await grantlessToken(), {
    method: 'DELETE',
  });
  assert.deepEqual([await subscribe(), await subscribe()], [{ repaired: 1 }, { repaired: 0 }]);
});
