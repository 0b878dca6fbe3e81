import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eraseBuyer } from '#platform/functions/erase-buyer.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { exportLog } from '#platform/state/audit-log/export.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import { verifyLog, verifyProof } from '#platform/state/audit-log/verify.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { readInvoices } from '#services/all-in-one/demo/invoices.ts';
import { draftOf } from '#services/all-in-one/demo/replay.ts';
import { startSimulation } from '#services/all-in-one/demo/simulate.ts';

const HOUR_MS = 3_600_000;

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
  const draft = draftOf(readInvoices('data/online-retail-2011-11.jsonl.gz')[0]!);
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
  const erasing = eraseBuyer(deps, 'amazon-1', orderId, 'test').then((done) => {
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
