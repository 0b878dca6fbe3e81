import { QUEUES } from '#events/routes.ts';
import type { EbaySandbox } from '#marketplaces/ebay/sandbox/index.ts';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import { API_SECRET } from '#marketplaces/shopify/sandbox/registration.ts';
import { webhookSignature } from '#marketplaces/shopify/sandbox/signature.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Engine, Secrets } from '#platform/engines/engine.ts';
import { createFunctionDeps, type FunctionDeps, type World } from '#platform/functions/deps.ts';
import { startSchedules } from '#platform/functions/schedules.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { createEventFactory } from '#platform/runtime/publish.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { newestSellerApiKey, registrationSecret } from '#platform/state/secrets.ts';
import { readInvoices } from '#services/all-in-one/demo/invoices.ts';
import { createReplay, draftOf, shopOf } from '#services/all-in-one/demo/replay.ts';
import { createMemoryNetwork } from '#services/all-in-one/memory-network.ts';
import { startAuditLog } from '#services/audit-log/start.ts';
import { startConsent } from '#services/consent/start.ts';
import { createSandboxes } from '#services/sandbox/sandboxes.ts';
import { enqueuing } from '#services/sandbox/start.ts';
import { startSellerApi } from '#services/seller-api/start.ts';
import { startThrottledSync } from '#services/throttled-sync/start.ts';
import { startTokenRefresh } from '#services/token-refresh/start.ts';
import { startWebhookIntake } from '#services/webhook-intake/start.ts';
import { recordedEngine, type Use } from './recorded-engine.ts';

const START_AT = Date.parse('2026-11-24T06:00:00.000Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SANDBOX = 'http://sandbox.test';
const INTAKE = 'http://intake.test';
const CONSENT = 'http://consent.test';
const SELLER_API = 'http://seller-api.test';
const AUDIT = 'http://audit.test';
/** what is deployed has the first; the second shows what another needs */
export const AUDIT_LOGS = ['audit', 'audit-2'];
const RECEIVE_WAIT_MS = 3_600_000;
const TIMEOUT_MS = 60_000;
const INVOICES = 36;
/** more than Amazon lets one seller read, or set, at once */
const MANY = 60;
/** they differ in what they use: a queue instead of webhooks, public keys, lists of lost pushes, privacy notices */
const MARKETPLACES = ['amazon', 'ebay', 'shopee', 'shopify'];

/**
 * Every function as its main.ts starts it, in simulated time, each on an engine that records what it uses: sellers
 * consent, buyers order, the seller's systems send commands, buyers are erased, and calls, messages and writes fail.
 * @returns what each function used
 */
export async function recordRun(): Promise<ReadonlyMap<string, ReadonlySet<Use>>> {
  const world = await startRecorded();
  const { engine, clock, inTime, pass, request, faults, struck } = world;
  const [amazon, ebay, shopee, shopify] = world.sandboxes as [Sandbox, Sandbox, Sandbox, Sandbox];
  const invoices = readInvoices('data/online-retail-2011-11.jsonl.gz').filter(({ customer }) => customer);
  const operator = await inTime(createFunctionDeps({ ...world.surroundings, engine }, 'operator'));
  const sellerOf = ({ sellers }: Sandbox): string => sellers[0]!.sellerId;
  const order = (sandbox: Sandbox, of = invoices[0]!): BookOrder =>
    sandbox.books.place(sellerOf(sandbox), draftOf(of, sandbox.name));
  const connectionOf = async (sandbox: Sandbox) =>
    (await inTime(operator.connections.bySeller(sandbox.name, sellerOf(sandbox))))!;

  // Sellers consent. What is left of one consent when its request is cut off, token-refresh finishes.
  const consents = [amazon, ebay, shopee, shopify].map((sandbox) => ({
    marketplace: sandbox.name,
    ...(sandbox === shopify && { shop: sellerOf(sandbox) }),
  }));
  for (const asked of consents) {
    if (asked.marketplace === 'shopee') struck.push({ name: 'consent', use: 'write connections' });
    await inTime(world.consent(asked));
  }
  await pass(HOUR_MS);

  // A connection that shared a grant is left out when it is given anew, and one whose consent ends soon is told of.
  const shared = await connectionOf(shopify);
  await inTime(
    operator.connections.put({ ...shared, connectionId: 'left', sellerId: 'left', grantId: shared.connectionId }),
  );
  const ending = await connectionOf(amazon);
  await inTime(operator.connections.put({ ...ending, consentEndsAt: clock.now() + 5 * DAY_MS }));
  await inTime(world.consent(consents.at(-1)!));

  // Buyers order, and much goes wrong.
  faults.setRate('server-error', 0.05);
  faults.setRate('duplicate-webhook', 0.05);
  faults.setRate('expire-access-token', 0.01);
  const shops = world.sandboxes.map((sandbox) => ({ ...shopOf(sandbox), sellers: sandbox.sellers.slice(0, 1) }));
  const [startAt, random] = [clock.now(), seededRandom('topology/replay')];
  const replay = createReplay({ clock, random }, shops, invoices.slice(0, INVOICES), {
    dueAt: (_, index) => startAt + index * MINUTE_MS,
    shipsAfterMs: [HOUR_MS, 2 * HOUR_MS],
    deliveredAfterMs: [HOUR_MS, 2 * HOUR_MS],
    cancelledAfterMs: MINUTE_MS,
  });
  await inTime(replay.run());

  // A push is not taken however often it is sent: the list of lost ones has it.
  world.away.add(`${INTAKE}/webhooks/shopee`);
  order(shopee);
  await pass(4 * HOUR_MS);
  world.away.clear();
  await pass(HOUR_MS);

  // More orders and quantities than Amazon lets one seller read and set at once: they wait for their places.
  struck.push({ name: 'webhook-intake', use: 'send sync' });
  const { connectionId } = await connectionOf(amazon);
  const many = Array.from({ length: MANY }, (_, n) => ({ order: order(amazon), sku: `sku-${n}` }));
  const apiKey = await inTime(newestSellerApiKey(operator, { createIfAbsent: false }));
  const command = (path: string, key: string, body: object): Promise<HttpResponse> => {
    const headers = { authorization: `Bearer ${apiKey}`, 'idempotency-key': key, 'content-type': 'application/json' };
    return request(`${SELLER_API}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  await inTime(
    Promise.all(
      many.map(({ sku }) => {
        amazon.books.setStock(sellerOf(amazon), sku, 1);
        return command('inventory-updates', sku, { connectionId, lines: [{ sku, quantity: 2, reference: {} }] });
      }),
    ),
  );
  await inTime(
    command('shipment-confirmations', 'ship', {
      ...{ connectionId, orderId: many[0]!.order.orderId, carrier: { name: 'UPS' }, trackingNumber: 'T1' },
      shippedAt: new Date(clock.now()).toISOString(),
    }),
  );
  await pass(HOUR_MS);

  // Buyers are erased, as marketplaces ask for it, and a seller takes the consent back.
  const bought = order(ebay, invoices[1]);
  await pass(HOUR_MS);
  (ebay as EbaySandbox).deleteAccount({ orderId: bought.orderId });
  (shopee as Sandbox & { revokeAuthorization(shopId: string): void }).revokeAuthorization(sellerOf(shopee));
  const body = JSON.stringify({
    ...{ shop_id: 1, shop_domain: sellerOf(shopify), customer: { id: 1 } },
    ...{ data_request: { id: 1 }, orders_requested: [1] },
  });
  const headers = {
    ...{ 'content-type': 'application/json', 'x-shopify-topic': 'customers/data_request' },
    ...{ 'x-shopify-shop-domain': sellerOf(shopify), 'x-shopify-webhook-id': 'w-1' },
    'x-shopify-hmac-sha256': webhookSignature(API_SECRET, body),
  };
  await inTime(request(`${INTAKE}/webhooks/shopify`, { method: 'POST', headers, body }));

  // A command by the queue, and in every queue a message that nobody can read.
  const wish = { connectionId, lines: [{ sku: 'sku-1', quantity: 3, reference: {} }], idempotencyKey: 'by-queue' };
  const newEvent = createEventFactory({ ...world.surroundings, source: '/test' });
  struck.push({ name: 'seller-api', use: 'send sync' }, { name: 'audit-log', use: 'write audit-log' });
  await engine.queues.send('seller-commands', [{ body: JSON.stringify(newEvent('inventory-update.requested', wish)) }]);
  for (const queue of QUEUES) await engine.queues.send(queue, [{ body: 'nothing of ours' }]);
  await inTime(request(`${AUDIT}/audit/checkpoint`));
  await pass(2 * HOUR_MS);
  await world.stop();
  return world.uses;
}

/** The simulated marketplaces and the functions, and nobody connected. */
async function startRecorded() {
  const clock = virtualClock(START_AT);
  const network = createMemoryNetwork({ clock, random: seededRandom('topology/network') });
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const uses = new Map<string, Set<Use>>();
  /** each use that fails once */
  const struck: { name: string; use: Use }[] = [];

  function engineOf(name: string): Engine {
    const used = new Set<Use>();
    uses.set(name, used);
    const recorded = recordedEngine(engine, (use) => {
      used.add(use);
      const index = struck.findIndex((each) => each.name === name && each.use === use);
      if (index < 0) return;
      struck.splice(index, 1);
      throw new Failure('retryable', 'the engine is in trouble', { code: 'engine-trouble' });
    });
    // As if all functions started at the same moment, each sees no key at first.
    const seen = new Set<string>();
    const get: Secrets['get'] = async (secret) => {
      const value = await recorded.secrets.get(secret);
      const isFirst = !seen.has(secret) && !secret.startsWith(registrationSecret(''));
      seen.add(secret);
      return isFirst ? undefined : value;
    };
    return { ...recorded, secrets: { ...recorded.secrets, get } };
  }
  const surroundings = {
    clock,
    random: seededRandom('topology/functions'),
    send: network.send,
    logger: silentLogger,
    consuming: { waitMs: RECEIVE_WAIT_MS },
  };
  const depsOf = (name: string): Promise<FunctionDeps> =>
    createFunctionDeps({ ...surroundings, engine: engineOf(name) } satisfies World, name);

  const inTime = clock.runUntilDone;
  const request = (url: string, more: Partial<HttpRequest> = {}): Promise<HttpResponse> =>
    network.send({ method: 'GET', url, headers: {}, ...more }, { timeoutMs: TIMEOUT_MS });

  /** URLs where nobody is for now */
  const away = new Set<string>();
  const faults = createFaults(seededRandom('topology/faults').fraction);
  const random = seededRandom('topology/sandbox');
  const { app, byName } = createSandboxes(
    {
      ...{ now: clock.now, sleep: (ms) => clock.sleep(ms), random: random.fraction, randomHex: random.hex },
      ...{ enqueue: enqueuing(engineOf('sandbox').queues), faults },
      send: async (request, options) =>
        away.has(request.url) ? { status: 503, headers: {}, body: '' } : network.send(request, options),
    },
    { publicUrl: SANDBOX, webhooksUrl: `${INTAKE}/webhooks`, sellers: 2, names: MARKETPLACES },
  );
  network.listen(SANDBOX, app);
  for (const { name, registration } of byName.values()) {
    await engine.secrets.put(registrationSecret(name), JSON.stringify(registration));
  }
  await startSchedules({ ...surroundings, engine });

  const start = async () => {
    const intake = startWebhookIntake(await depsOf('webhook-intake'), { publicUrl: INTAKE });
    const consent = await startConsent(await depsOf('consent'), { publicUrl: CONSENT, backfillDays: 30 });
    const sellerApi = await startSellerApi(await depsOf('seller-api'));
    const auditLog = await startAuditLog(await depsOf('audit-log'), {
      ...{ auditRetentionDays: 548, auditLogs: AUDIT_LOGS },
    });
    network.listen(INTAKE, intake.app);
    network.listen(CONSENT, consent.app);
    network.listen(SELLER_API, sellerApi.app);
    network.listen(AUDIT, auditLog.app);
    const throttledSync = startThrottledSync(await depsOf('throttled-sync'));
    const tokenRefresh = startTokenRefresh(await depsOf('token-refresh'));
    return [intake, consent, sellerApi, throttledSync, tokenRefresh, auditLog];
  };
  const running = await inTime(start());

  return {
    ...{ clock, engine, uses, struck, surroundings, inTime, request, faults, away },
    sandboxes: [...byName.values()],
    pass: (ms: number): Promise<void> => clock.run({ endAt: clock.now() + ms }),
    /** Walks through a consent as a browser does: our page, the marketplace's page, and back. */
    async consent(asked: { marketplace: string; shop?: string }): Promise<HttpResponse> {
      const begun = await request(`${CONSENT}/connections/new?${new URLSearchParams(asked)}`);
      const cookie = begun.headers['set-cookie']?.split(';')[0] ?? '';
      const agreed = await request(begun.headers.location!);
      const back = new URL(agreed.headers.location!);
      return request(`${CONSENT}${back.pathname}${back.search}`, { headers: { cookie } });
    },
    async stop() {
      for (const each of running) await inTime(each.stop());
      await engine.close();
    },
  };
}
