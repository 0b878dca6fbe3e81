import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import { main, verifyLog } from '#platform/state/audit-log/verify.ts';
import { exported, openTestLog, sourceOf, testEntries, testSigner } from '#test/support/audit-log.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-audit-'));
after(() => rmSync(folder, { recursive: true }));
const key = testSigner().verifier.text;

const log = openTestLog(openEmbeddedEngine({ path: ':memory:', clock: drivenClock() }).store);
for (let i = 0; i < 300; i++) {
  await log.append([{ batchId: String(i), entries: testEntries(i * 3, (i + 1) * 3) }]);
  await log.checkpoint();
}
await log.exportTo((path, bytes) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
});

async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const code = await main(args, (line) => lines.push(line));
  return { code, text: lines.join('\n') };
}

test('an exported folder verifies with the verifier that lies in it, and exits with 0', () => {
  const args = [join(folder, 'verify.ts'), folder, '--key', key, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const { ok, entries, checkpoints } = JSON.parse(stdout);
  assert.deepEqual({ ok, entries, checkpoints }, { ok: true, entries: 900, checkpoints: 300 });
});

test('the verifier imports nothing but Node', () => {
  const imports = readFileSync(join(folder, 'verify.ts'), 'utf8').match(/from '([^']+)'/g) ?? [];
  assert.ok(imports.length > 0 && imports.every((line) => line.startsWith("from 'node:")));
});

test('a served log verifies over HTTP', async () => {
  const server = createServer(async (request, response) => {
    const bytes = await log.read(request.url!.slice(1));
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { code, text } = await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, '--key', key);
  server.close();
  assert.deepEqual([code, text], [0, 'verified: sluice.example/audit, 900 entries, 300 checkpoints']);
});

test('a bad entry is named and the exit code is 1', async () => {
  const path = join(folder, 'tile/entries/001');
  const bundle = readFileSync(path);
  writeFileSync(path, Buffer.from(bundle.toString('latin1').replace('request-300', 'request-301'), 'latin1'));
  const { code, text } = await run(folder, '--key', key);
  writeFileSync(path, bundle);
  assert.equal(code, 1);
  assert.match(text, /^NOT VERIFIED: entry 300 in tile\/entries\/001 .*\nfirst bad entry: entry 300$/);
});

test('what cannot be checked exits with 2', async () => {
  assert.equal((await run()).code, 2);
  assert.equal((await run(join(folder, 'nowhere'))).code, 2);
  assert.equal((await run(folder, '--key', 'no key')).code, 2);
  assert.equal((await run('http://127.0.0.1:1/', '--key', key)).code, 2);
});

test('without a key of one’s own the verifier says whose word it took', async () => {
  assert.match((await run(folder)).text, /key was taken from the log itself/);
});

test('a proof in a file verifies, and one of another entry does not', async () => {
  const path = join(folder, 'entry.tlog-proof');
  const proof = await log.prove(899);
  writeFileSync(path, proof);
  const { code, text } = await run(path, '--key', key);
  assert.equal(code, 0);
  assert.match(text, /entry 899 is in the log\n\{.*"id":"call-899"/);
  writeFileSync(path, proof.replace('index 899', 'index 898'));
  assert.equal((await run(path, '--key', key)).code, 1);
});

test('a file that no checkpoint covers is found', async () => {
  const files = await exported(log);
  files.set('tile/entries/004.p/1', new Uint8Array(3));
  const { ok, firstBadEntry } = await verifyLog(sourceOf(files), { keys: [key] });
  assert.deepEqual([ok, firstBadEntry], [false, 900]);
});

test('a log that changed its key verifies with both keys and not with one', async () => {
  const { store } = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  await openTestLog(store).append([{ batchId: 'a', entries: testEntries(0, 10) }]);
  await openTestLog(store).checkpoint();
  const next = testSigner(8);
  const deps = { store, signer: next, origin: next.verifier.name, clock: { now: () => 0 }, formerKeys: [key] };
  const renewed = openAuditLog(deps);
  await renewed.append([{ batchId: 'b', entries: testEntries(10, 20) }]);
  await renewed.checkpoint();
  const files = await exported(renewed);
  assert.equal((await verifyLog(sourceOf(files))).problem, undefined);
  assert.equal((await verifyLog(sourceOf(files), { keys: [key, next.verifier.text] })).checkpoints, 2);
  assert.equal((await verifyLog(sourceOf(files), { keys: [key] })).ok, false);
});
