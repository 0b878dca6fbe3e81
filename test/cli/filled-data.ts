import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sluice } from '#cli/sluice.ts';
import { definitions } from '#events/index.ts';
import { type Buyer, exampleOrder } from '#events/order.ts';
import { deadLetterQueue } from '#events/routes.ts';
import { createFunctionDeps } from '#platform/functions/deps.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import type { AuditEntry } from '#platform/state/audit-log/entry.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import { loadAuditSigner, registrationSecret } from '#platform/state/secrets.ts';

/** Planted in every place that holds a secret or a buyer's data: it must come out nowhere. */
export const SECRET = 'canary-secret-5f1e';
export const BUYER = 'canary-buyer-77aa';

/** What the buyer is called at the marketplace. */
export const ACCOUNT = 'canary-account-31c8';

const REGISTRATION = {
  clientId: 'client',
  clientSecret: SECRET,
  ruName: 'ru-name',
  verificationToken: `${SECRET}-0123456789-0123456789`,
  webhookUrl: 'https://hooks.example.com/webhooks/ebay',
};

/** 2026-11-24T06:00:00Z */
const AT = 1_795_500_000_000;
const DAY_MS = 86_400_000;
export const ORDER_ID = exampleOrder.orderId;
/** What a marketplace could have written to hurt a reader of HTML or of a terminal. */
export const NASTY = '<script>alert("1")</script>\u001b[31m';

const TRACE = `00-${'a'.repeat(32)}-00f067aa0ba902b7-01`;
const OTHER_TRACE = `00-${'b'.repeat(32)}-00f067aa0ba902b7-01`;
const FOREIGN_TRACE = `00-${'c'.repeat(32)}-00f067aa0ba902b7-01`;

const entry = (n: number, kind: string, more: Partial<AuditEntry>): AuditEntry => ({
  schema: 1,
  id: `event-${n}`,
  kind,
  at: new Date(AT + n * 1000).toISOString(),
  marketplace: 'ebay',
  connectionId: 'ebay-1',
  orderIds: [],
  requestId: null,
  outcome: 'ok',
  traceparent: TRACE,
  data: {},
  ...more,
});

/** One order's way, appended out of its order in time, and entries that are not its own. */
const ENTRIES: readonly AuditEntry[] = [
  entry(3, 'order.changed', {
    orderIds: [ORDER_ID],
    data: { orderVersion: 1, status: 'unshipped', previousStatus: null, foundBy: 'webhook' },
  }),
  entry(1, 'webhook.received', { orderIds: [ORDER_ID], data: { topic: 'ORDER_CONFIRMATION' } }),
  entry(2, 'api-call.recorded', {
    orderIds: [ORDER_ID, 'another-order'],
    requestId: 'request-2',
    data: { operation: 'getOrder', method: 'GET', path: '/order', status: 200, durationMs: 118 },
  }),
  entry(0, 'order-sync.requested', { data: { reason: 'poll', windowFrom: 'a', windowTo: 'b', pageNumber: 1 } }),
  entry(4, 'order.changed', { orderIds: ['another-order'] }),
  entry(5, 'webhook.refused', { traceparent: FOREIGN_TRACE, connectionId: null, outcome: 'signature-mismatch' }),
  entry(6, 'api-call.recorded', { orderIds: [ORDER_ID], traceparent: OTHER_TRACE, outcome: NASTY }),
];

const buyer: Buyer = {
  name: BUYER,
  email: `${BUYER}@example.com`,
  phone: BUYER,
  addressLines: [BUYER],
  city: BUYER,
  region: BUYER,
  postalCode: BUYER,
  countryCode: 'GB',
};

/** An empty folder that is removed when the tests of its file are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A data directory as a Sluice leaves it behind, filled through its own state files. */
export async function fillData(folder: string): Promise<void> {
  const world = await openWorld(readConfig({ SLUICE_DATA: folder, SLUICE_LOG_LEVEL: 'silent' }), 'test');
  const { secrets, store, queues } = world.engine;
  const { connections, credentials, cursors, orders } = await createFunctionDeps(world, 'test');
  await secrets.put(registrationSecret('ebay'), JSON.stringify(REGISTRATION));
  const now = world.clock.now();

  for (const [connectionId, marketplace] of [
    ['ebay-1', 'ebay'],
    ['shopee-1', 'shopee'],
  ] as const) {
    const settings = { [SECRET]: SECRET };
    await connections.put({
      connectionId,
      marketplace,
      sellerId: `seller-of-${connectionId}`,
      settings,
      grant: 'seller',
    });
    await cursors.start(connectionId, AT, AT + DAY_MS);
    await credentials.put(connectionId, { refreshToken: SECRET, dueAt: AT });
  }
  const lease = await credentials.acquire('ebay-1', { ifGeneration: 1, owner: 'test', now, leaseMs: 1000 });
  if (lease.outcome !== 'acquired') throw new Error('the lease was not given');
  const tokens = { refreshToken: SECRET, refreshTokenExpiresAt: undefined };
  await credentials.store('ebay-1', lease.fence, { ...tokens, accessToken: SECRET, accessTokenExpiresAt: AT }, AT);
  await connections.needsConsent('shopee-1', 'grant-dead');

  for (const orderId of [ORDER_ID, 'order-2', 'order-3']) {
    const read = { order: { ...exampleOrder, orderId }, buyer, buyerAccounts: [ACCOUNT] };
    const raw = orderId === ORDER_ID ? { raw: { orderId } } : {};
    await orders.store({ ...read, ...raw, readAt: now, foundBy: 'webhook', now });
  }

  const letter = (queue: string, reason: string, eventId?: string) => ({
    reason,
    detail: `it said ${NASTY}`,
    handler: 'throttled-sync',
    attempt: '14',
    queue,
    diedAt: new Date(AT).toISOString(),
    ...(eventId === undefined ? {} : { eventId }),
  });
  const event = definitions['order.changed'].example;
  await queues.send(deadLetterQueue('sync'), [
    {
      body: JSON.stringify({ ...event, extra: BUYER }),
      groupId: 'ebay-1',
      attributes: letter('sync', 'http-500', event.id),
    },
    { body: JSON.stringify(event), groupId: 'ebay-1', attributes: letter('sync', 'order-not-found', event.id) },
  ]);
  const foreign = {
    body: JSON.stringify({ address: BUYER }),
    attributes: letter('amazon-notifications', 'unreadable-message'),
  };
  await queues.send(deadLetterQueue('amazon-notifications'), [foreign]);
  await queues.send('seller-events', [{ body: JSON.stringify(event) }]);

  const signer = await loadAuditSigner({ secrets, random: world.random }, { createIfAbsent: true });
  const log = openAuditLog({ store, signer, origin: signer.verifier.name, clock: world.clock });
  await log.append([{ batchId: 'first', entries: [...ENTRIES] }]);
  await log.checkpoint();
  await log.append([{ batchId: 'second', entries: [entry(7, 'token.refreshed', { orderIds: ['too-new'] })] }]);
  await world.engine.close();
}

export type Ran = { exitCode: number; out: string; err: string };

/** Runs a command line against a data directory. */
export async function run(folder: string, ...args: string[]): Promise<Ran> {
  const ran: Ran = { exitCode: -1, out: '', err: '' };
  ran.exitCode = await sluice(args, {
    environment: { SLUICE_DATA: folder },
    operator: 'anna',
    out: (text) => {
      ran.out += text;
    },
    err: (text) => {
      ran.err += text;
    },
  });
  return ran;
}

/** The same with `--json`, parsed. */
export async function runJson(folder: string, ...args: string[]) {
  const { out, err, exitCode } = await run(folder, ...args, '--json');
  if (out === '') throw new Error(`exit code ${exitCode}: ${err}`);
  // biome-ignore lint/suspicious/noExplicitAny: what a test then looks into
  return { exitCode, json: JSON.parse(out) as any };
}

/** A filled data directory of a test's own. */
export async function filledFolder(): Promise<string> {
  const folder = temporaryFolder();
  await fillData(folder);
  return folder;
}
