import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { filledFolder, run, runJson, temporaryFolder } from '#test/cli/filled-data.ts';

const folder = await filledFolder();

test('status tells of queues, connections and the audit log, and that a person is needed', async () => {
  const { exitCode, json } = await runJson(folder, 'status');
  assert.equal(exitCode, 1);
  const sync = { queue: 'sync', visible: 0, inFlight: 0, delayed: 0, deadLetters: 2 };
  assert.deepEqual(json.queues[0], sync);
  assert.deepEqual(json.connections, { active: 1, 'needs-consent': 1 });
  assert.equal(json.audit.entries, 8);
  assert.equal(json.audit.checkpoint.entries, 7);
  assert.match(json.audit.checkpoint.signedAt, /^\d{4}-.*Z$/);
  assert.equal(json.problems.length, 3);

  const { exitCode: sameCode, out } = await run(folder, 'status');
  assert.equal(sameCode, 1);
  assert.match(out, /^QUEUE +VISIBLE {2}IN FLIGHT {2}DELAYED {2}DEAD LETTERS\nsync +0 +0 +0 +2\n/);
  assert.match(out, /^problem: sync has dead letters \(2\): see sluice dead-letters list --queue sync$/m);
  assert.match(out, /^audit log {4}8 entries, newest checkpoint .* over 7$/m);
});

test('a look leaves the work that is due to the functions', async () => {
  const quiet = temporaryFolder();
  const world = await openWorld(readConfig({ SLUICE_DATA: quiet, SLUICE_LOG_LEVEL: 'silent' }), 'test', {
    sendsTicks: false,
  });
  await world.engine.schedule.put({ name: 'often', everyMs: 1, queue: 'sync', body: '{}' });
  const dueAt = world.clock.now() + 2;
  while (world.clock.now() < dueAt) await world.clock.sleep(1);
  await world.engine.close();
  const { exitCode, json } = await runJson(quiet, 'status');
  assert.equal(json.queues[0].visible, 0);
  // It has no audit log yet either, which is worth saying.
  assert.equal(exitCode, 1);
  assert.match(json.problems[0], /audit log can't be read: the secret sluice\/audit-key is missing/);
  rmSync(quiet, { recursive: true });
});

test('connections shows how each stands, and no token', async () => {
  const { exitCode, json } = await runJson(folder, 'connections');
  assert.equal(exitCode, 0);
  assert.deepEqual(json.connections, [
    {
      connectionId: 'ebay-1',
      marketplace: 'ebay',
      sellerId: 'seller-of-ebay-1',
      grant: 'seller',
      status: 'active',
      statusReason: null,
      sharesGrantOf: null,
      consentEndsAt: null,
      accessTokenExpiresAt: '2026-11-24T06:00:00.000Z',
      nextRefreshAt: '2026-11-24T06:00:00.000Z',
      webhooks: null,
      watermark: '2026-11-24T06:00:00.000Z',
      nextPollAt: '2026-11-25T06:00:00.000Z',
      backfillFrom: null,
    },
    {
      connectionId: 'shopee-1',
      marketplace: 'shopee',
      sellerId: 'seller-of-shopee-1',
      grant: 'seller',
      status: 'needs-consent',
      statusReason: 'grant-dead',
      sharesGrantOf: null,
      consentEndsAt: null,
      accessTokenExpiresAt: null,
      nextRefreshAt: null,
      webhooks: null,
      watermark: '2026-11-24T06:00:00.000Z',
      nextPollAt: '2026-11-25T06:00:00.000Z',
      backfillFrom: null,
    },
  ]);
  const { out } = await run(folder, 'connections');
  assert.match(
    out,
    /^CONNECTION +MARKETPLACE +SELLER +STATUS +REASON +CONSENT ENDS +TOKEN EXPIRES +NEXT REFRESH +WEBHOOKS +WATERMARK +NEXT POLL\n/,
  );
  assert.match(out, /^shopee-1 +shopee +seller-of-shopee-1 +needs-consent +grant-dead +- +- +- +- +2026/m);
});

test('connections needs no key', async () => {
  const keyless = await filledFolder();
  rmSync(join(keyless, 'secrets.json'));
  assert.equal((await run(keyless, 'connections')).exitCode, 0);
});
