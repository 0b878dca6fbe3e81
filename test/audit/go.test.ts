import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { openTestLog, testEntries, testSigner } from '#test/support/audit-log.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const cwd = fileURLToPath(new URL('./go', import.meta.url));
/** past one tile of level 1 */
const ENTRIES = 66_000;
const APPENDS = [1, 255, 300, 700, 4000, 60_744];

/** Why Go can't verify here, if it can't. */
function whyNot(): string | false {
  if (spawnSync('go', ['version']).status !== 0) return 'Go is not installed';
  // Without its module there is nothing to compile: offline, and never downloaded before.
  if (spawnSync('go', ['mod', 'download'], { cwd }).status !== 0) return 'golang.org/x/mod cannot be had';
  return false;
}

test('a folder, a served log and a proof verify with tlog and note of the Go project', { skip: whyNot() }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-audit-go-'));
  const log = openTestLog(openEmbeddedEngine({ path: ':memory:', clock: drivenClock() }).store);
  let size = 0;
  for (const count of APPENDS) {
    const entries = testEntries(size, size + count);
    for (let i = 0; i < count; i += 4000) {
      await log.append([{ batchId: `${size}-${i}`, entries: entries.slice(i, i + 4000) }]);
    }
    size += count;
    await log.checkpoint();
  }
  assert.equal(size, ENTRIES);
  await log.exportTo((path, bytes) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  });
  const proof = join(folder, 'entry.tlog-proof');
  writeFileSync(proof, await log.prove(65_900));
  const server = createServer(async (request, response) => {
    const bytes = await log.read(request.url!.slice(1));
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await goTest('-source', folder, '-proof', proof);
    await goTest('-source', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});

async function goTest(...args: string[]): Promise<void> {
  const flags = ['test', '-count=1', './...', '-args', '-key', testSigner().verifier.text];
  const go = spawn('go', [...flags, ...args], { cwd });
  let output = '';
  go.stdout.on('data', (chunk) => (output += chunk));
  go.stderr.on('data', (chunk) => (output += chunk));
  const status = await new Promise((resolve) => go.on('close', resolve));
  assert.equal(status, 0, output);
}
