import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buyerAccount } from '#marketplaces/ebay/sandbox/accounts.ts';
import type { EbaySandbox } from '#marketplaces/ebay/sandbox/index.ts';
import { API_SECRET } from '#marketplaces/shopify/sandbox/registration.ts';
import { webhookSignature } from '#marketplaces/shopify/sandbox/signature.ts';
import { eraseBuyer } from '#platform/functions/erase-buyer.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { exportLog } from '#platform/state/audit-log/export.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import { verifyLog, verifyProof } from '#platform/state/audit-log/verify.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { readInvoices } from '#services/all-in-one/demo/invoices.ts';
import { draftOf } from '#services/all-in-one/demo/replay.ts';
import { startSimulation } from '#services/all-in-one/demo/simulate.ts';
import { createIntakeApp } from '#services/webhook-intake/app.ts';
import { createVerificationKeys } from '#services/webhook-intake/verification-keys.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

test('erasing a buyer leaves every proof valid and the personal data unrecoverable, also by the next read', async () => {
  const simulation = await startSimulation({
    seed: 'erasure',
    startAt: Date.UTC(2026, 10, 24),
    sellers: 1,
    faults: {},
    logger: silentLogger,
  });
  const { clock, deps, sandboxes, engine } = simulation;
  await clock.run({ endAt: clock.now() + HOUR_MS });
  const { books, sellers } = sandboxes.get('amazon')!;
  const draft = draftOf(readInvoices('data/online-retail-2011-11.jsonl.gz')[0]!, 'amazon');
  const { orderId } = books.place(sellers[0]!.sellerId, draft);
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.equal((await deps.buyers.get('amazon-1', orderId, clock.now()))?.name, draft.buyer.name);

  const signer = await loadAuditSigner(deps, { createIfAbsent: false });
  const log = openAuditLog({ ...deps, signer, origin: signer.verifier.name });
  const [told] = await log.find({ kind: 'order.changed', orderId, limit: 1 });
  const commitment = told!.entry.data.buyerCommitment;
  assert.match(String(commitment), /^hmac-sha256:[0-9a-f]{64}$/);
  const proofBefore = await log.prove(told!.index);

  let erased = false;
  const erasing = eraseBuyer(deps, { connectionId: 'amazon-1', orderId }, { reason: 'test' }).then((done) => {
    erased = done;
  });
  await clock.run({ until: () => erased });
  await erasing;
  // The marketplace goes on telling the buyer's name with each change.
  books.ship(orderId, { carrier: 'DPD', trackingNumber: '1' });
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.equal((await deps.orders.get('amazon-1', orderId))?.order.status, 'shipped');
  assert.equal(await deps.buyers.get('amazon-1', orderId, clock.now()), undefined);
  const row = await engine.store.get('buyers', 'amazon-1', orderId);
  assert.deepEqual(row?.value, { erased: true });

  const keys = [signer.verifier.text];
  verifyProof(proofBefore, keys);
  verifyProof(await log.prove(told!.index), keys);
  const files = new Map<string, Uint8Array>();
  await exportLog(log, (path, bytes) => void files.set(path, bytes));
  files.delete('verify.ts');
  files.delete('README.md');
  const verdict = await verifyLog({ read: async (path) => files.get(path), list: () => [...files.keys()] }, { keys });
  assert.equal(verdict.problem, undefined);
  assert.equal((await log.find({ kind: 'buyer.erased', orderId, limit: 1 })).length, 1);

  const everything = [...files.values()].map((bytes) => Buffer.from(bytes).toString('latin1')).join('\n');
  for (const value of [draft.buyer.name, draft.buyer.email, draft.buyer.phone, draft.buyer.street]) {
    assert.ok(!everything.includes(value), 'the log holds personal data');
  }
  await simulation.stop();
});

test('the privacy notices of eBay and Shopify are answered 200 and done once, of buyers that are known and of others', async () => {
  const simulation = await startSimulation({
    seed: 'privacy-notices',
    names: ['ebay', 'shopify'],
    startAt: Date.UTC(2026, 10, 24),
    sellers: 1,
    faults: {},
    logger: silentLogger,
  });
  const { clock, deps, sandboxes } = simulation;
  const publicUrl = 'http://sluice.test';
  const intake = createIntakeApp({ ...deps, verificationKeys: createVerificationKeys(deps) }, { publicUrl });
  const pass = (ms: number): Promise<void> => clock.run({ endAt: clock.now() + ms });
  await pass(HOUR_MS);
  const invoices = readInvoices('data/online-retail-2011-11.jsonl.gz').slice(0, 3);
  const place = (name: string): string[] => {
    const { books, sellers } = sandboxes.get(name)!;
    return invoices.map((invoice) => books.place(sellers[0]!.sellerId, draftOf(invoice, name)).orderId);
  };
  const [ebayOrders, shopifyOrders] = [place('ebay'), place('shopify')];
  await pass(HOUR_MS);
  const kept = async (name: string, orderIds: readonly string[]): Promise<number[]> => {
    const buyers = orderIds.map((orderId) => deps.buyers.get(`${name}-1`, orderId, clock.now()));
    return (await Promise.all(buyers)).flatMap((buyer, index) => (buyer ? [index] : []));
  };
  assert.deepEqual(await kept('ebay', ebayOrders), [0, 1, 2]);
  assert.deepEqual(await kept('shopify', shopifyOrders), [0, 1, 2]);

  const ebay = sandboxes.get('ebay') as EbaySandbox;
  const refusedBefore = ebay.webhooks.refused;
  assert.ok(ebay.deleteAccount({ orderId: ebayOrders[1]! }));
  assert.ok(ebay.deleteAccount({ sellerId: ebay.sellers[0]!.sellerId })); // whom nobody knows as a buyer
  await pass(MINUTE_MS);
  assert.equal(ebay.webhooks.refused, refusedBefore);
  assert.deepEqual(await kept('ebay', ebayOrders), [0, 2]);

  const shop = sandboxes.get('shopify')!.sellers[0]!.sellerId;
  let webhookId = 0;
  async function notice(topic: string, more: object, shopDomain = shop): Promise<void> {
    const body = JSON.stringify({ shop_id: 1, shop_domain: shopDomain, ...more });
    const headers = {
      ...{ 'content-type': 'application/json', 'x-shopify-topic': topic, 'x-shopify-shop-domain': shopDomain },
      ...{ 'x-shopify-webhook-id': `w-${++webhookId}`, 'x-shopify-hmac-sha256': webhookSignature(API_SECRET, body) },
    };
    const request = new Request(`${publicUrl}/webhooks/shopify`, { method: 'POST', headers, body });
    const answered = Promise.resolve(intake.request(request));
    let status = 0;
    void answered.then((answer) => {
      status = answer.status;
    });
    await clock.run({ until: () => status !== 0 });
    assert.equal(status, 200);
    await pass(MINUTE_MS);
  }
  const { email } = draftOf(invoices[2]!, 'ebay').buyer;
  await notice('customers/redact', { customer: { id: 1 }, orders_to_redact: [Number(shopifyOrders[0]), 4711] });
  assert.deepEqual(await kept('shopify', shopifyOrders), [1, 2]);
  await notice('customers/redact', { customer: { id: 1, email: email.toUpperCase() }, orders_to_redact: [] });
  assert.deepEqual(await kept('shopify', shopifyOrders), [1]);
  const requested = { data_request: { id: 9999 }, orders_requested: [Number(shopifyOrders[1])] };
  await notice('customers/data_request', { customer: { id: 1, email }, ...requested });
  await notice('shop/redact', {});
  assert.deepEqual(await kept('shopify', shopifyOrders), []);
  await notice('shop/redact', {}, 'never-connected.myshopify.com');

  const signer = await loadAuditSigner(deps, { createIfAbsent: false });
  const log = openAuditLog({ ...deps, signer, origin: signer.verifier.name });
  const told = (await log.find({ kind: 'buyer.erased', limit: 100 })).map(({ entry }) => [
    entry.orderIds[0],
    entry.data.reason,
  ]);
  assert.deepEqual(told, [
    [ebayOrders[1], 'MARKETPLACE_ACCOUNT_DELETION'],
    [shopifyOrders[0], 'customers/redact'],
    [shopifyOrders[2], 'customers/redact'],
    [shopifyOrders[1], 'shop/redact'],
  ]);
  const [asked] = await log.find({ kind: 'buyer-data.requested', limit: 100 });
  assert.deepEqual([asked?.entry.orderIds, asked?.entry.data.requestId], [[shopifyOrders[1]], '9999']);
  const wishes = await log.find({ kind: 'buyer-erasure.requested', limit: 100 });
  assert.equal(wishes.length, 5);
  const { username, userId } = buyerAccount(draftOf(invoices[1]!, 'ebay').buyer);
  for (const mark of [username, userId, email]) assert.ok(!JSON.stringify([told, wishes, asked]).includes(mark));
  await simulation.stop();
});
