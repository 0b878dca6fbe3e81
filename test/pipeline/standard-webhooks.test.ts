import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import { otherSources } from '#marketplaces/index.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { Registrations, registrationSecret } from '#platform/state/secrets.ts';
import { readInvoices } from '#services/all-in-one/demo/invoices.ts';
import { draftOf } from '#services/all-in-one/demo/replay.ts';
import { startSimulation } from '#services/all-in-one/demo/simulate.ts';
import { createIntakeApp } from '#services/webhook-intake/app.ts';
import { createVerificationKeys } from '#services/webhook-intake/verification-keys.ts';

const PUBLIC_URL = 'http://sluice.test';
const MINUTE_MS = 60_000;
const KEY = Buffer.alloc(32, 5);

// eBay tells nothing by itself here, so before the next poll only a hint of somebody else's makes an order be read.
const simulation = await startSimulation({
  seed: 'standard-webhooks',
  startAt: Date.parse('2026-11-24T06:00:00.000Z'),
  sellers: 1,
  faults: { 'lose-webhook': 1 },
  logger: silentLogger,
  names: ['ebay'],
});
const { clock, deps, engine, sandboxes } = simulation;
after(() => simulation.stop());
const registration = { erp: { secret: `whsec_${KEY.toString('base64')}` } };
await engine.secrets.put(registrationSecret('standard-webhooks'), JSON.stringify(registration));
const sources = await Registrations.load({ ...deps, logger: silentLogger }, otherSources);
const intake = createIntakeApp(
  { ...deps, otherSources: sources, verificationKeys: createVerificationKeys(deps) },
  { publicUrl: PUBLIC_URL },
);
await clock.run({ endAt: clock.now() + 11 * MINUTE_MS });

async function deliver(path: string, message: object, id: string): Promise<number> {
  const body = JSON.stringify(message);
  const timestamp = String(Math.floor(clock.now() / 1000));
  const signature = createHmac('sha256', KEY).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
  const answered = Promise.resolve(intake.request(`${PUBLIC_URL}${path}`, { method: 'POST', headers, body }));
  return (await clock.runUntilDone(answered)).status;
}

test('a message of any sender of Standard Webhooks makes the orders that it names be read', async () => {
  const { books, sellers } = sandboxes.get('ebay')!;
  const [invoice] = readInvoices('data/online-retail-2011-11.jsonl.gz');
  const { orderId } = books.place(sellers[0]!.sellerId, draftOf(invoice!, 'ebay'));
  const message = { type: 'order.moved', data: { connectionId: 'ebay-1', orderIds: [orderId] } };
  assert.equal(await deliver('/webhooks/standard-webhooks/erp', message, 'msg_1'), 200);
  await clock.run({ endAt: clock.now() + MINUTE_MS / 2 });
  const stored = await deps.orders.get('ebay-1', orderId);
  assert.equal(stored?.firstFoundBy, 'webhook');
});

test('a sender without a registration, and a connection that is none, are refused', async () => {
  const message = { type: 'order.moved', data: { connectionId: 'ebay-1', orderIds: ['1'] } };
  assert.equal(await deliver('/webhooks/standard-webhooks/wms', message, 'msg_2'), 401);
  const unknown = { ...message, data: { ...message.data, connectionId: 'ebay-9' } };
  assert.equal(await deliver('/webhooks/standard-webhooks/erp', unknown, 'msg_3'), 404);
});

test('a message that names no order is taken, and changes nothing', async () => {
  const before = (await deps.connections.get('ebay-1'))?.status;
  assert.equal(await deliver('/webhooks/standard-webhooks/erp', { type: 'ping' }, 'msg_4'), 200);
  await clock.run({ endAt: clock.now() + MINUTE_MS });
  assert.equal((await deps.connections.get('ebay-1'))?.status, before);
});
