import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyEvent, type EventOf, parseEvent } from '#events/index.ts';
import { marketplaces } from '#marketplaces/index.ts';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { Fault } from '#marketplaces/sandbox-kit/faults.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { loadSellerApiKeys, newestSellerApiKey } from '#platform/state/secrets.ts';
import { startSimulation } from '#services/all-in-one/demo/simulate.ts';
import { createSellerApp } from '#services/seller-api/app.ts';
import { DRAFTS } from '#test/conformance/marketplaces/drafts.ts';

const START_AT = Date.parse('2026-11-24T06:00:00.000Z');
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** long enough for every connection to have its tokens and its first poll, ms */
const BEGINNING_MS = 10 * MINUTE_MS;
const ANSWERS = /^(inventory-update|shipment-confirmation)\.(completed|failed)$/;

type Line = { sku: string; quantity: number; reference: Record<string, string> };
type StockAnswer = EventOf<'inventory-update.completed' | 'inventory-update.failed'>;

/** Everything in simulated time beside the simulated marketplaces, and a seller's system that sends commands. */
async function startWorld(faults: Partial<Record<Fault, number>> = {}) {
  const options = { seed: 'commands', startAt: START_AT, sellers: 2, logger: silentLogger };
  const simulation = await startSimulation({ ...options, faults, names: marketplaces.map(({ name }) => name) });
  const { clock, deps, engine, sandboxes } = simulation;

  const inTime = clock.runUntilDone;
  const apiKey = await inTime(newestSellerApiKey(deps, { createIfAbsent: false }));
  const app = createSellerApp({ ...deps, apiKeys: await inTime(loadSellerApiKeys(deps)) });
  const authorization = `Bearer ${apiKey}`;

  async function post(path: string, key: string, body: object): Promise<string> {
    const headers = { authorization, 'idempotency-key': key };
    const answer = await inTime(
      Promise.resolve(app.request(path, { method: 'POST', headers, body: JSON.stringify(body) })),
    );
    assert.equal(answer.status, 202);
    return ((await answer.json()) as { commandId: string }).commandId;
  }

  await clock.run({ endAt: clock.now() + BEGINNING_MS });
  return {
    ...simulation,
    pass: (ms: number): Promise<void> => clock.run({ endAt: clock.now() + ms }),
    update: (key: string, connectionId: string, lines: Line[]) =>
      post('/v1/inventory-updates', key, { connectionId, lines }),
    ship: (key: string, connectionId: string, { orderId }: BookOrder, trackingNumber: string) =>
      post('/v1/shipment-confirmations', key, {
        ...{ connectionId, orderId, trackingNumber, carrier: { name: 'UPS' } },
        shippedAt: new Date(clock.now()).toISOString(),
      }),
    async outcomes(commandId: string): Promise<string[]> {
      const told = await inTime(
        Promise.resolve(app.request(`/v1/commands/${commandId}`, { headers: { authorization } })),
      );
      const { lines } = (await told.json()) as { lines: { sku: string; outcome: string }[] };
      return lines.map(({ sku, outcome }) => `${sku} ${outcome}`);
    },
    /** What a seller offers, as the marketplace keeps it. */
    stockOf(marketplace: string, sku: string): number {
      const { books, sellers } = sandboxes.get(marketplace)!;
      return books.listing(sellers[0]!.sellerId, sku).quantity;
    },
    /** Offers a SKU, and gives the line that sets its stock. */
    offer(marketplace: string, sku: string): (quantity: number) => Line {
      const { books, sellers } = sandboxes.get(marketplace)!;
      books.setStock(sellers[0]!.sellerId, sku, 1_000);
      const { reference } = books.listing(sellers[0]!.sellerId, sku);
      return (quantity) => ({ sku, quantity, reference });
    },
    place(marketplace: string): BookOrder {
      const { books, sellers } = sandboxes.get(marketplace)!;
      return books.place(sellers[0]!.sellerId, DRAFTS[0]!);
    },
    /** The answers that the seller's systems have been given, by command; each just once. */
    async answers(): Promise<Map<string, AnyEvent>> {
      const receiving = { maxMessages: 10_000, visibilityTimeoutMs: MINUTE_MS, waitMs: 0 };
      const messages = await inTime(engine.queues.receive('seller-events', receiving));
      const found = new Map<string, AnyEvent>();
      for (const event of messages.map(({ body }) => parseEvent(body))) {
        if (!ANSWERS.test(event.type)) continue;
        const { commandId } = event.data as { commandId: string };
        assert.ok(!found.has(commandId), `${commandId} is answered twice`);
        found.set(commandId, event);
      }
      return found;
    },
  };
}

const outcomesOf = (event: AnyEvent | undefined): string[] =>
  (event as StockAnswer).data.lines.map(({ sku, outcome, code }) => `${sku} ${outcome}${code ? ` ${code}` : ''}`);

test('a quantity that Amazon has accepted is answered as applied only when the listing shows it', async () => {
  const world = await startWorld();
  const mug = world.offer('amazon', 'MUG');
  const commandId = await world.update('mug', 'amazon-1', [mug(7)]);
  await world.pass(10 * SECOND_MS);
  assert.deepEqual(await world.outcomes(commandId), ['MUG accepted']);
  assert.equal((await world.answers()).size, 0);
  await world.pass(15 * MINUTE_MS);
  assert.equal(world.stockOf('amazon', 'MUG'), 7);
  const answers = await world.answers();
  assert.deepEqual(outcomesOf(answers.get(commandId)), ['MUG applied']);
  assert.equal(answers.get(commandId)?.type, 'inventory-update.completed');
  await world.stop();
});

test('at Amazon a newer quantity takes the place of one whose proof is awaited, and a SKU of nobody fails', async () => {
  const world = await startWorld();
  const mug = world.offer('amazon', 'MUG');
  const first = await world.update('first', 'amazon-1', [mug(7)]);
  await world.pass(5 * SECOND_MS);
  const second = await world.update('second', 'amazon-1', [mug(8), { sku: 'NOBODYS', quantity: 1, reference: {} }]);
  await world.pass(90 * MINUTE_MS);
  const answers = await world.answers();
  assert.deepEqual(outcomesOf(answers.get(first)), ['MUG superseded']);
  const [applied, failed] = outcomesOf(answers.get(second));
  assert.equal(applied, 'MUG applied');
  assert.match(failed!, /^NOBODYS failed /);
  assert.equal(world.stockOf('amazon', 'MUG'), 8);
  await world.stop();
});

test('a variation that Shopee refuses in a success answer fails alone', async () => {
  const world = await startWorld();
  const [red, blue] = [world.offer('shopee', '85123R'), world.offer('shopee', '85123B')];
  const shopee = world.sandboxes.get('shopee') as unknown as {
    sellers: { sellerId: string }[];
    reserveStock(shopId: string, sku: string, quantity: number): void;
  };
  shopee.reserveStock(shopee.sellers[0]!.sellerId, '85123R', 5);
  const commandId = await world.update('k', 'shopee-1', [red(2), blue(3)]);
  await world.pass(MINUTE_MS);
  const answer = (await world.answers()).get(commandId);
  assert.equal(answer?.type, 'inventory-update.failed');
  assert.deepEqual(outcomesOf(answer), ['85123R failed stock-reserved', '85123B applied']);
  assert.deepEqual([world.stockOf('shopee', '85123R'), world.stockOf('shopee', '85123B')], [1_000, 3]);
  await world.stop();
});

test('an eBay offer is set, one without its id fails with what is wanted, and a shipment is confirmed', async () => {
  const world = await startWorld();
  const mug = world.offer('ebay', 'MUG');
  const order = world.place('ebay');
  const stock = await world.update('k', 'ebay-1', [mug(4), { ...mug(5), reference: {} }]);
  const shipment = await world.ship('s', 'ebay-1', order, 'RM123456789GB');
  await world.pass(MINUTE_MS);
  const answers = await world.answers();
  assert.deepEqual(outcomesOf(answers.get(stock)), ['MUG applied', 'MUG failed reference-missing']);
  assert.match(JSON.stringify(answers.get(stock)), /ebay wants in a line's reference: offerId \(/);
  assert.equal(world.stockOf('ebay', 'MUG'), 4);
  const { type, data } = answers.get(shipment) as EventOf<'shipment-confirmation.completed'>;
  assert.deepEqual(
    [type, data.orderId, data.packageId],
    ['shipment-confirmation.completed', order.orderId, 'RM123456789GB'],
  );
  assert.equal(order.status, 'shipped');
  assert.equal(order.shipment?.trackingNumber, 'RM123456789GB');
  await world.stop();
});

test('with lost answers and failing calls every command is answered once, and each SKU ends at its latest quantity', async () => {
  const world = await startWorld({
    'server-error': 0.05,
    'server-error-after-effect': 0.05,
    'drop-answer': 0.02,
    'expire-access-token': 0.01,
  });
  const ROUNDS = 6;
  const SKUS = ['MUG', 'LAMP', '85123A', '85123B', 'CAKE'];
  // Where a refresh spends the old token, a lost answer may cost the grant: that is what other tests are about.
  const names = marketplaces.filter(({ auth }) => auth.rotation !== 'strict').map(({ name }) => name);
  const commands = new Set<string>();
  const shipped: BookOrder[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    for (const marketplace of names) {
      for (const [index, sku] of SKUS.entries()) {
        const key = `${marketplace}-${sku}-${round}`;
        const line = world.offer(marketplace, sku)(round * 10 + index);
        commands.add(await world.update(key, `${marketplace}-1`, [line]));
      }
      const order = world.place(marketplace);
      await world.pass(10 * SECOND_MS);
      shipped.push(order);
      commands.add(
        await world.ship(`${marketplace}-ship-${round}`, `${marketplace}-1`, order, `T${marketplace}${round}`),
      );
    }
  }
  await world.pass(120 * MINUTE_MS);
  const answers = await world.answers();
  assert.deepEqual([...answers.keys()].sort(), [...commands].sort());
  for (const { type, data } of answers.values()) assert.match(type, /completed$/, JSON.stringify(data));
  for (const marketplace of names) {
    for (const [index, sku] of SKUS.entries()) {
      assert.equal(world.stockOf(marketplace, sku), ROUNDS * 10 + index, `${marketplace} ${sku}`);
    }
    assert.equal(world.sandboxes.get(marketplace)!.calls.throttled, 0);
  }
  for (const { status, orderId } of shipped) assert.equal(status, 'shipped', orderId);
  await world.stop();
});
