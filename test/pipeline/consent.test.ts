import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLetterQueue } from '#events/routes.ts';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import { MAIN_ACCOUNT_ID } from '#marketplaces/shopee/sandbox/registration.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { createFunctionDeps, type World } from '#platform/functions/deps.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { lookAtDeadLetters } from '#platform/state/dead-letters.ts';
import { registrationSecret } from '#platform/state/secrets.ts';
import { createMemoryNetwork } from '#services/all-in-one/memory-network.ts';
import { startAllInOne } from '#services/all-in-one/start.ts';
import { createSandboxes } from '#services/sandbox/sandboxes.ts';

const START_AT = Date.parse('2026-11-24T06:00:00.000Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SLUICE = 'http://sluice.test';
const SANDBOX = 'http://sandbox.test';
const OLD_ORDERS_AGE_MS = 20 * DAY_MS;
const TIMEOUT_MS = 60_000;

/** Every simulated marketplace, registered, and nobody connected. */
async function startUnconnected(long?: { before(sandboxes: ReadonlyMap<string, Sandbox>): void }) {
  const clock = virtualClock(START_AT);
  const random = seededRandom('consent');
  const network = createMemoryNetwork({ clock, random });
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const consuming = { waitMs: 3_600_000 };
  const world: World = { engine, clock, random, send: network.send, logger: silentLogger, consuming };
  const { app, byName } = createSandboxes(
    {
      now: clock.now,
      sleep: (ms) => clock.sleep(ms),
      random: random.fraction,
      randomHex: random.hex,
      send: network.send,
      async enqueue(queue, body) {
        await engine.queues.send(queue, [{ body }]);
      },
      faults: createFaults(random.fraction),
    },
    { publicUrl: SANDBOX, webhooksUrl: `${SLUICE}/webhooks`, sellers: 2 },
  );
  network.listen(SANDBOX, app);
  for (const { name, registration } of byName.values()) {
    await engine.secrets.put(registrationSecret(name), JSON.stringify(registration));
  }

  const inTime = clock.runUntilDone;

  long?.before(byName);
  if (long) await clock.run({ endAt: clock.now() + OLD_ORDERS_AGE_MS });
  const options = { publicUrl: SLUICE, auditRetentionDays: 548, backfillDays: 30 };
  const running = await inTime(startAllInOne(world, options));
  network.listen(SLUICE, running.intake);

  const get = (url: string, cookie?: string): Promise<HttpResponse> =>
    network.send({ method: 'GET', url, headers: cookie === undefined ? {} : { cookie } }, { timeoutMs: TIMEOUT_MS });

  return {
    clock,
    sandboxes: byName,
    deps: await createFunctionDeps(world, 'test'),
    later: (ms: number) => clock.run({ endAt: clock.now() + ms }),
    /** Walks through a consent as a browser does: our page, the marketplace's page, and back. */
    consent: (marketplace: string, { shop, as }: { shop?: string; as?: string } = {}) =>
      inTime(
        (async () => {
          const query = new URLSearchParams({ marketplace, ...(shop !== undefined && { shop }) });
          const begun = await get(`${SLUICE}/connections/new?${query}`);
          assert.equal(begun.status, 302, begun.body);
          const cookie = begun.headers['set-cookie']?.split(';')[0];
          const page = new URL(begun.headers.location!);
          if (as !== undefined) page.searchParams.set('seller', as);
          const agreed = await get(page.href);
          assert.equal(agreed.status, 302, agreed.body);
          assert.ok(agreed.headers.location!.startsWith(`${SLUICE}/connections/callback/${marketplace}?`));
          return get(agreed.headers.location!, cookie);
        })(),
      ),
    deadLetters: () =>
      inTime(
        lookAtDeadLetters(engine.queues, { queue: 'sync', deadLetterQueue: deadLetterQueue('sync') }, () => 'drop'),
      ),
    async stop() {
      await inTime(running.stop());
      await engine.close();
    },
  };
}

const place = ({ books, sellers }: Sandbox, sku: string, seller = 0) =>
  books.place(sellers[seller]!.sellerId, {
    currency: 'GBP',
    lines: [{ sku, title: 'Teapot', quantity: 1, unitPrice: '12.50' }],
    buyer: {
      ...{ name: 'Test Buyer', email: 'buyer@buyers.example', phone: '+44 20 7946 0000' },
      ...{ street: '1 Market Street', city: 'London', postalCode: 'N1 9GU', countryCode: 'GB' },
    },
  });

test('at every marketplace, a seller who consents is connected, and orders of before and after come in', async () => {
  const before = new Map<string, BookOrder>();
  const world = await startUnconnected({
    before(sandboxes) {
      for (const sandbox of sandboxes.values()) before.set(sandbox.name, place(sandbox, 'before'));
    },
  });
  const { sandboxes, deps } = world;

  for (const { name, sellers } of sandboxes.values()) {
    const shop = name === 'shopify' ? { shop: sellers[0]!.sellerId } : {};
    const page = await world.consent(name, shop);
    assert.equal(page.status, 200, `${name}: ${page.body}`);
    assert.match(page.body, /account is connected/);
  }
  await world.later(HOUR_MS);
  const after = new Map([...sandboxes.values()].map((sandbox) => [sandbox.name, place(sandbox, 'after')]));
  await world.later(3 * HOUR_MS);

  for (const { name, sellers } of sandboxes.values()) {
    const { sellerId } = sellers[0]!;
    const connection = await deps.connections.bySeller(name, sellerId);
    assert.equal(connection?.connectionId, `${name}-${sellerId.replaceAll(/[^\w.-]/g, '-')}`);
    assert.equal(connection.status, 'active');
    for (const [settings, value] of Object.entries(sellers[0]!.settings)) {
      assert.equal(connection.settings[settings], value, `${name} ${settings}`);
    }
    for (const { orderId } of [before.get(name)!, after.get(name)!]) {
      assert.ok(await deps.orders.get(connection.connectionId, orderId), `${name} lacks ${orderId}`);
    }
    assert.equal((await deps.cursors.get(connection.connectionId))?.backfill, undefined, `${name}’s backfill goes on`);
    const { webhook } = deps.members.get(name)!.marketplace;
    const roundId = webhook.subscriptionScope === 'app' ? `${name}-app` : connection.connectionId;
    const outcome = (await deps.rounds.get('subscription', roundId))?.outcome ?? undefined;
    if (webhook.subscribe) assert.match(outcome ?? 'none', /^(ok|repaired)$/, name);
    const missed = webhook.missed && (await deps.rounds.get('missed-webhooks', `${name}-app`))?.outcome;
    assert.equal(missed, webhook.missed && 'ok', name);
  }
  assert.deepEqual(await world.deadLetters(), []);
  await world.stop();
});

test('a main account of Shopee connects all its shops, and each goes on with tokens of its own', async () => {
  const world = await startUnconnected();
  const page = await world.consent('shopee', { as: String(MAIN_ACCOUNT_ID) });
  assert.match(page.body, /accounts are connected/);
  await world.later(5 * HOUR_MS);
  const shops = world.sandboxes.get('shopee')!.sellers;
  const orders = shops.map((_, n) => place(world.sandboxes.get('shopee')!, `of-${n}`, n));
  await world.later(2 * HOUR_MS);
  const tokens = new Set<string>();
  for (const [n, { sellerId }] of shops.entries()) {
    const connection = await world.deps.connections.bySeller('shopee', sellerId);
    assert.deepEqual([connection?.status, connection?.grantId], ['active', undefined]);
    tokens.add((await world.deps.credentials.accessToken(connection!.connectionId))!.accessToken);
    assert.ok(await world.deps.orders.get(connection!.connectionId, orders[n]!.orderId));
  }
  assert.equal(tokens.size, shops.length);
  await world.stop();
});

test('a seller who takes the consent back and gives it again goes on as the same connection', async () => {
  const world = await startUnconnected();
  await world.consent('mercadolibre');
  await world.later(2 * HOUR_MS);
  const [connection] = await world.deps.connections.list();
  const { watermark } = (await world.deps.cursors.get(connection!.connectionId))!;
  await world.deps.connections.needsConsent(connection!.connectionId, 'grant-dead');
  await world.later(2 * HOUR_MS);
  assert.equal((await world.consent('mercadolibre')).status, 200);
  await world.later(2 * HOUR_MS);
  const [again, ...more] = await world.deps.connections.list();
  assert.deepEqual(more, []);
  assert.deepEqual([again?.connectionId, again?.status], [connection?.connectionId, 'active']);
  assert.ok((await world.deps.cursors.get(connection!.connectionId))!.watermark > watermark);
  await world.stop();
});

test('a seller who names no shop, or no shop’s domain, is asked for it', async () => {
  const world = await startUnconnected();
  for (const [shop, title] of [
    [{}, 'Which Shopify shop?'],
    [{ shop: 'evil.example' }, 'Which Shopify shop?'],
  ] as const) {
    await assert.rejects(world.consent('shopify', shop), ({ message }: Error) => message.includes(`<h1>${title}</h1>`));
  }
  await world.stop();
});
