import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyProof } from '#platform/state/audit-log/verify.ts';
import { filledFolder, ORDER_ID, run, runJson } from '#test/cli/filled-data.ts';

const folder = await filledFolder();
const kinds = (entries: { kind: string }[]): string[] => entries.map(({ kind }) => kind);

test('find matches all that is given, in the order of the log', async () => {
  const find = async (...args: string[]) => (await runJson(folder, 'audit', 'find', ...args)).json.entries;
  assert.equal((await find()).length, 8);
  assert.deepEqual(kinds(await find('--request-id', 'request-2')), ['api-call.recorded']);
  assert.deepEqual(kinds(await find('--order', ORDER_ID, '--kind', 'order.changed')), ['order.changed']);
  assert.deepEqual(kinds(await find('--outcome', 'signature-mismatch')), ['webhook.refused']);
  assert.equal((await find('--connection', 'ebay-1')).length, 7);
  const span = await find('--from', '2026-11-24T06:00:01Z', '--to', '2026-11-24T08:00:03+02:00');
  assert.deepEqual(kinds(span), ['webhook.received', 'api-call.recorded']);
  assert.deepEqual(await find('--order', 'lost'), []);
  const limited = await runJson(folder, 'audit', 'find', '--limit', '2');
  assert.deepEqual([limited.json.entries.length, limited.json.hasMore], [2, true]);
  const { out } = await run(folder, 'audit', 'find', '--request-id', 'request-2');
  assert.match(out, /^INDEX +AT +KIND +CONNECTION +ORDERS +REQUEST +OUTCOME +WHAT\n +2 {2}2026-11-24T06:00:02\.000Z/);
  assert.match(out, /01-03955-36441 and 1 more +request-2 +ok +getOrder, GET \/order: 200 in 118 ms\n$/);
});

test('show tells one order’s story in time order, with what shares its trace and no other order’s entries', async () => {
  const { json } = await runJson(folder, 'audit', 'show', ORDER_ID);
  assert.deepEqual(
    json.entries.map(({ index, kind }: { index: number; kind: string }) => [index, kind]),
    [
      [3, 'order-sync.requested'],
      [1, 'webhook.received'],
      [2, 'api-call.recorded'],
      [0, 'order.changed'],
      [6, 'api-call.recorded'],
    ],
  );
  const { exitCode, out } = await run(folder, 'audit', 'show', ORDER_ID, '--connection', 'ebay-1');
  assert.equal(exitCode, 0);
  assert.match(out, /version 1, new to unshipped, found by webhook/);
  assert.equal((await run(folder, 'audit', 'show', ORDER_ID, '--connection', 'shopee-1')).exitCode, 1);
});

test('a proof in a file verifies, and is not written over another', async () => {
  const file = join(folder, 'entry-1.tlog-proof');
  const { exitCode, json } = await runJson(folder, 'audit', 'prove', '1', '--out', file);
  assert.deepEqual([exitCode, json.index, json.file], [0, 1, file]);
  const verified = await run(folder, 'audit', 'verify', file, '--key', json.key);
  assert.equal(verified.exitCode, 0);
  assert.match(verified.out, /^verified: entry 1 is in the log\n/);
  const asJson = await runJson(folder, 'audit', 'verify', file, '--key', json.key);
  assert.deepEqual([asJson.json.ok, asJson.json.index], [true, 1]);
  const again = await run(folder, 'audit', 'prove', '1', '--out', file);
  assert.equal(again.exitCode, 2);

  writeFileSync(file, readFileSync(file, 'utf8').replace('index 1', 'index 2'));
  assert.equal((await run(folder, 'audit', 'verify', file, '--key', json.key)).exitCode, 1);
  assert.equal((await runJson(folder, 'audit', 'verify', file, '--key', json.key)).json.ok, false);
  assert.equal((await run(folder, 'audit', 'verify', file)).exitCode, 2);
});

test('an export stands alone and verifies; a changed byte in it is found', async () => {
  const exported = join(folder, 'export');
  const { exitCode, json } = await runJson(folder, 'audit', 'export', '--out', exported);
  assert.deepEqual([exitCode, json.size, json.checkpoints], [0, 7, 1]);
  for (const name of ['verify.ts', 'README.md', 'public-keys', 'checkpoint', 'tile/entries/000.p/7']) {
    assert.ok(existsSync(join(exported, name)), name);
  }
  const verified = await runJson(folder, 'audit', 'verify', exported, '--key', json.key);
  assert.deepEqual([verified.exitCode, verified.json.ok, verified.json.entries], [0, true, 7]);
  assert.equal((await run(folder, 'audit', 'export', '--out', exported)).exitCode, 2);

  const bundle = join(exported, 'tile/entries/000.p/7');
  writeFileSync(bundle, readFileSync(bundle, 'latin1').replace('request-2', 'request-3'), 'latin1');
  const found = await run(folder, 'audit', 'verify', exported, '--key', json.key);
  assert.equal(found.exitCode, 1);
  assert.match(found.out, /^NOT VERIFIED: .*\nfirst bad entry: entry 2\n$/);
});

test('an export of a time says which part it holds', async () => {
  const exported = join(folder, 'export-of-nothing');
  const { json } = await runJson(folder, 'audit', 'export', '--out', exported, '--from', '2030-01-01');
  assert.deepEqual([json.size, json.entriesTo - json.entriesFrom], [7, 0]);
  assert.equal((await run(folder, 'audit', 'verify', exported, '--key', json.key)).exitCode, 0);
});

test('a dispute report holds each entry with a proof that verifies, and nothing that a browser would run', async () => {
  const written = join(folder, 'dispute');
  const { exitCode, json } = await runJson(folder, 'audit', 'dispute', ORDER_ID, '--out', written);
  assert.deepEqual([exitCode, json.entries, json.unproven], [0, 5, 0]);
  const report = JSON.parse(readFileSync(join(written, 'report.json'), 'utf8'));
  for (const { index, entry, proof } of report.entries) {
    const proven = verifyProof(proof, [report.log.key]);
    assert.equal(proven.index, index);
    assert.deepEqual(JSON.parse(proven.entry), entry);
  }
  const page = readFileSync(join(written, 'report.html'), 'utf8');
  assert.ok(!page.includes('<script'));
  assert.ok(page.includes('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;'));
  assert.match(page, /default-src 'none'/);
  const saved = [...page.matchAll(/href="data:text\/plain;base64,([^"]+)"/g)].map(
    ([, base64]) => `${Buffer.from(base64!, 'base64')}`,
  );
  assert.deepEqual(
    saved,
    report.entries.map(({ proof }: { proof: string }) => proof),
  );
  assert.ok(existsSync(join(written, 'verify.ts')));
});

test('an entry that no checkpoint covers yet is in the report without a proof', async () => {
  const written = join(folder, 'dispute-of-the-new');
  const { exitCode, json } = await runJson(folder, 'audit', 'dispute', 'too-new', '--out', written);
  assert.deepEqual([exitCode, json.unproven], [0, 1]);
  assert.match(readFileSync(join(written, 'report.html'), 'utf8'), /they have no proof yet/);
});
