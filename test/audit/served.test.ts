import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { serveHttp } from '#platform/functions/serve.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { type Source, verifyLog } from '#platform/state/audit-log/verify.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { readInvoices } from '#services/all-in-one/demo/invoices.ts';
import { draftOf } from '#services/all-in-one/demo/replay.ts';
import { startSimulation } from '#services/all-in-one/demo/simulate.ts';
import { verifyWithGo, whyNoGo } from '#test/support/go-verifier.ts';

/** 2011-11-14T08:00:00Z */
const START_AT = 1_321_257_600_000;
const MINUTE_MS = 60_000;
const ORDERS_PER_SELLER = 20;

const simulation = await startSimulation({
  seed: 'served',
  startAt: START_AT,
  sellers: 2,
  faults: {},
  logger: silentLogger,
});
after(() => simulation.stop());
const { clock, audit, deps } = simulation;
const sales = readInvoices(join(import.meta.dirname, '../../data/online-retail-2011-11.jsonl.gz')).filter(
  ({ cancels }) => !cancels,
);
await clock.run({ endAt: START_AT + 2 * MINUTE_MS });
for (const { name, books, sellers } of simulation.sandboxes.values()) {
  for (const { sellerId } of sellers) {
    for (const sale of sales.slice(0, ORDERS_PER_SELLER)) books.place(sellerId, draftOf(sale, name));
  }
}
await clock.run({ endAt: START_AT + 20 * MINUTE_MS });
await simulation.settle();
await clock.run({ endAt: clock.now() + 2 * MINUTE_MS });
const key = (await loadAuditSigner(deps, { createIfAbsent: false })).verifier.text;

const site: Source = {
  async read(path) {
    const response = await audit.request(`/audit/${path}`);
    if (response.status === 404) return undefined;
    assert.equal(response.status, 200);
    return new Uint8Array(await response.arrayBuffer());
  },
};

test('the log that a running pipeline serves verifies', async () => {
  const verdict = await verifyLog(site, { keys: [key] });
  assert.equal(verdict.problem, undefined);
  assert.ok(verdict.entries > 256 && verdict.checkpoints > 2, JSON.stringify(verdict));
  assert.equal(Buffer.from((await site.read('public-keys'))!).toString(), `${key}\n`);
});

test('the served log verifies with tlog and note of the Go project', { skip: whyNoGo() }, async () => {
  const served = await serveHttp(audit, { host: '127.0.0.1', port: 0, setting: 'the test' });
  try {
    await verifyWithGo(key, '-source', `http://127.0.0.1:${served.port}/audit`);
  } finally {
    await served.stop();
  }
});

test('what never changes may be kept, what changes may not', async () => {
  const { size } = await verifyLog(site);
  const headersOf = async (path: string) => {
    const { status, headers } = await audit.request(`/audit/${path}`);
    assert.equal(status, 200, path);
    return [headers.get('content-type'), headers.get('cache-control')];
  };
  const [text, bytes] = ['text/plain; charset=utf-8', 'application/octet-stream'];
  for (const path of ['checkpoint', 'checkpoints/000', 'public-keys']) {
    assert.deepEqual(await headersOf(path), [text, 'no-store']);
  }
  assert.deepEqual(await headersOf('tile/0/000'), [bytes, 'public, max-age=31536000, immutable']);
  assert.deepEqual(await headersOf('tile/entries/000'), [bytes, 'private, max-age=86400, immutable']);
  const partial = `${String(Math.floor(size / 256)).padStart(3, '0')}.p/${size % 256}`;
  assert.deepEqual(await headersOf(`tile/0/${partial}`), [bytes, 'private, max-age=60']);
  assert.equal((await audit.request('/health')).status, 200);
});

test('anything else is not found, and nothing can be written', async () => {
  const paths = ['', 'tile/0/999', 'tile/0/0', 'tile/64/000', 'checkpoints/999', '../checkpoint', 'verify.ts', 'head'];
  for (const path of paths) {
    const response = await audit.request(`/audit/${path}`);
    assert.deepEqual([path, response.status, response.headers.get('cache-control')], [path, 404, 'no-store']);
  }
  assert.equal((await audit.request('/checkpoint')).status, 404);
  for (const method of ['POST', 'PUT', 'DELETE']) {
    assert.equal((await audit.request('/audit/checkpoint', { method })).status, 404);
  }
});
