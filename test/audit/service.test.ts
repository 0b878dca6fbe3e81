import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { createFunctionDeps } from '#platform/functions/deps.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { verifyLog } from '#platform/state/audit-log/verify.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { startAuditLog } from '#services/audit-log/start.ts';

const DAY_MS = 86_400_000;
/** 2026-01-01T00:00:00Z */
const START_AT = 1_767_225_600_000;
const KEEP_DAYS = 30;
const EVENTS_PER_DAY = 300;

test('the service cuts what is older than the setting, says so under retention/, and what it serves verifies', async () => {
  const clock = virtualClock(START_AT);
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const send = () => Promise.reject(new Failure('permanent', 'there is no network', { code: 'network' }));
  const world = { engine, clock, random: seededRandom('retention'), send, logger: silentLogger };
  const deps = await createFunctionDeps(world, 'audit-log');
  const service = await startAuditLog(deps, { auditRetentionDays: KEEP_DAYS });
  after(async () => {
    const stopped = service.stop();
    await clock.run({ endAt: clock.now() + DAY_MS });
    await stopped;
    await engine.close();
  });

  const read = async (path: string): Promise<Uint8Array | undefined> => {
    const response = await service.app.request(`/audit/${path}`);
    return response.status === 200 ? new Uint8Array(await response.arrayBuffer()) : undefined;
  };
  const { verifier } = await loadAuditSigner(deps, { createIfAbsent: false });
  const lastDay = KEEP_DAYS + 4;
  for (let day = 0; day <= lastDay; day++) {
    const events = Array.from({ length: EVENTS_PER_DAY }, () =>
      deps.newEvent('webhook.refused', {
        marketplace: 'shopee',
        status: 401,
        reason: 'signature-mismatch',
        bodyBytes: 120,
        bodySha256: '0'.repeat(64),
      }),
    );
    await engine.queues.send('audit', [{ body: JSON.stringify(events) }]);
    await clock.run({ endAt: clock.now() + DAY_MS / 2 });
    const tick = deps.newEvent('schedule.elapsed', { schedule: 'audit-checkpoint' });
    await engine.queues.send('audit', [{ body: JSON.stringify(tick) }]);
    await clock.run({ endAt: clock.now() + DAY_MS / 2 });
    if (day < KEEP_DAYS) assert.equal(await read('retention/000'), undefined);
    const { problem, size } = await verifyLog({ read }, { keys: [verifier.text] });
    assert.deepEqual([problem, size], [undefined, (day + 1) * EVENTS_PER_DAY]);
  }
  const { entriesFrom, cut } = await verifyLog({ read }, { keys: [verifier.text] });
  // Days 0 to 4 are old by now: 1,500 entries, of which the last bundle is not whole.
  assert.deepEqual([entriesFrom, cut?.why], [1_280, `older than ${KEEP_DAYS} days`]);
  assert.equal(await read('tile/entries/004'), undefined);
  assert.ok((await read('tile/0/004')) && (await read('tile/entries/005')));
});
