import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { openTestLog, testEntries, testSigner } from '#test/support/audit-log.ts';
import { drivenClock } from '#test/support/driven-clock.ts';
import { verifyWithGo, whyNoGo } from '#test/support/go-verifier.ts';

/** past one tile of level 1 */
const ENTRIES = 66_000;
const APPENDS = [1, 255, 300, 700, 4000, 60_744];

test('a folder, a served log and a proof verify with tlog and note of the Go project', {
  skip: whyNoGo(),
}, async () => {
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
  const key = testSigner().verifier.text;
  try {
    await verifyWithGo(key, '-source', folder, '-proof', proof);
    await verifyWithGo(key, '-source', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});
