import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { AnyEvent } from '#events/index.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Engine, Store } from '#platform/engines/engine.ts';
import { createFunctionDeps, type FunctionDeps } from '#platform/functions/deps.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { logOf } from '#platform/state/audit-log/log-of.ts';
import { type FoundEntry, openAuditReader } from '#platform/state/audit-log/reader.ts';
import { verifyLog } from '#platform/state/audit-log/verify.ts';
import { auditKeySecret, loadAuditSigner } from '#platform/state/secrets.ts';
import { startAuditLog } from '#services/audit-log/start.ts';
import { sourceOf } from '#test/support/audit-log.ts';
import { memoryArchive } from '#test/support/memory-archive.ts';

/** 2026-01-01T00:00:00Z */
const START_AT = 1_767_225_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LOGS = ['audit', 'audit-2', 'third'];
const CONNECTIONS = 12;

/** A service of several logs in simulated time; `restart` is another process on the same engine. */
async function openWorld(changes: Partial<Engine> = {}) {
  const clock = virtualClock(START_AT);
  const engine: Engine = { ...openEmbeddedEngine({ path: ':memory:', clock }), ...changes };
  const send = () => Promise.reject(new Failure('permanent', 'there is no network', { code: 'network' }));
  const errors: object[] = [];
  const logger = Object.assign(Object.create(silentLogger), { error: (details: object) => errors.push(details) });
  const deps = await createFunctionDeps({ engine, clock, random: seededRandom('logs'), send, logger }, 'audit-log');
  const pass = (ms: number) => clock.run({ endAt: clock.now() + ms });
  let service: Awaited<ReturnType<typeof startAuditLog>>;

  async function stop(): Promise<void> {
    let stopped = false;
    const stopping = service.stop().then(() => {
      stopped = true;
    });
    await clock.run({ endAt: clock.now() + DAY_MS, until: () => stopped });
    await stopping;
  }

  async function start(more: Partial<FunctionDeps> = {}, auditLogs = LOGS): Promise<void> {
    service = await startAuditLog({ ...deps, ...more }, { auditRetentionDays: 548, auditLogs });
  }

  return {
    ...{ clock, engine, deps, errors, pass, start, stop },
    request: (path: string) => service.app.request(path),
    async tell(...messages: AnyEvent[][]): Promise<void> {
      await engine.queues.send(
        'audit',
        messages.map((events) => ({ body: JSON.stringify(events) })),
      );
    },
    async tick(): Promise<void> {
      const event = deps.newEvent('schedule.elapsed', { schedule: 'audit-checkpoint' });
      await engine.queues.send('audit', [{ body: JSON.stringify(event) }]);
      await pass(MINUTE_MS);
    },
    /** Events of every connection in turn, and some of none. */
    events: (count: number): AnyEvent[] =>
      Array.from({ length: count }, (_, n) =>
        n % 5 === 4
          ? deps.newEvent('webhook.refused', {
              ...{ marketplace: 'shopee', status: 401, reason: 'signature-mismatch' as const },
              ...{ bodyBytes: 120, bodySha256: '0'.repeat(64) },
            })
          : deps.newEvent('token-refresh.requested', {
              ...{ connectionId: `shopee-${n % CONNECTIONS}`, reason: 'due' as const, credentialsVersion: 1 },
            }),
      ),
    async entriesOf(log: string): Promise<FoundEntry[]> {
      const { verifier } = await loadAuditSigner(deps, { createIfAbsent: false }, log);
      const reader = openAuditReader({ store: engine.store, origin: verifier.name, verifierKeys: [verifier.text] });
      return reader.find({ limit: Number.MAX_SAFE_INTEGER });
    },
  };
}

test('every entry is in exactly one log, all of a connection in the same, and each log verifies under its own name and key', async () => {
  const world = await openWorld();
  await world.start();
  after(() => world.stop());
  const messages = Array.from({ length: 20 }, () => world.events(30));
  await world.tell(...messages);
  await world.tick();
  await world.tick();

  const logsOfConnection = new Map<string, Set<string>>();
  const ids: string[] = [];
  for (const [number, log] of LOGS.entries()) {
    const entries = await world.entriesOf(log);
    assert.ok(entries.length > 0, log);
    for (const { entry } of entries) {
      ids.push(entry.id);
      assert.equal(logOf(entry, LOGS.length), number);
      if (entry.connectionId === null) continue;
      logsOfConnection.set(entry.connectionId, (logsOfConnection.get(entry.connectionId) ?? new Set()).add(log));
    }
  }
  assert.deepEqual(ids.sort(), messages.flatMap((events) => events.map(({ id }) => id)).sort());
  assert.equal(logsOfConnection.size, CONNECTIONS);
  assert.ok([...logsOfConnection.values()].every(({ size }) => size === 1));

  const { logs } = (await (await world.request('http://audit.internal:4610/audit/logs')).json()) as {
    logs: { name: string; origin: string; key: string; url: string }[];
  };
  assert.deepEqual(
    logs.map(({ name, origin, url }) => [name, origin, url]),
    LOGS.map((name) => [name, `sluice.example/${name}`, `http://audit.internal:4610/audit/logs/${name}`]),
  );
  const served = (url: string) => ({
    async read(path: string) {
      const response = await world.request(`${url}/${path}`);
      return response.status === 200 ? new Uint8Array(await response.arrayBuffer()) : undefined;
    },
  });
  for (const { origin, key, url } of [...logs, { ...logs[0]!, url: '/audit' }]) {
    const verdict = await verifyLog(served(url), { keys: [key] });
    assert.deepEqual([verdict.problem, verdict.origin], [undefined, origin]);
  }
  assert.equal((await verifyLog(served(logs[0]!.url), { keys: [logs[1]!.key] })).ok, false);
  assert.equal((await world.request('/audit/logs/audit-3/checkpoint')).status, 404);
  assert.equal((await world.request('/audit/logs/audit-2')).status, 404);
  assert.deepEqual(LOGS.map(auditKeySecret), [
    'sluice/audit-key',
    'sluice/audit-key-audit-2',
    'sluice/audit-key-third',
  ]);
});

for (const when of ['before', 'after'] as const) {
  test(`killed ${when} any of the appends of one message, every entry is there exactly once`, async () => {
    for (let survived = 0; ; survived++) {
      const world = await openWorld();
      const { store } = world.engine;
      let appends = 0;
      const dying: Store = {
        ...store,
        async writeAtomically(writes) {
          if (appends++ >= survived) {
            if (when === 'after' && appends === survived + 1) await store.writeAtomically(writes);
            throw new Error('killed');
          }
          return store.writeAtomically(writes);
        },
      };
      const events = world.events(30);
      await world.start({ store: dying });
      await world.tell(events);
      await world.pass(2_000);
      await world.stop();
      const counts = await Promise.all(LOGS.map(async (log) => (await world.entriesOf(log)).length));
      const filled = counts.filter((count) => count > 0).length;
      assert.equal(filled, Math.min(LOGS.length, survived + (when === 'after' ? 1 : 0)));

      await world.start();
      await world.pass(20 * MINUTE_MS);
      await world.stop();
      const found = (await Promise.all(LOGS.map(world.entriesOf))).flat().map(({ entry }) => entry.id);
      assert.deepEqual(found.sort(), events.map(({ id }) => id).sort(), `${survived} appends survived`);
      assert.equal((await world.engine.queues.depth('audit')).visible, 0);
      if (survived === LOGS.length) return;
    }
  });
}

test('what was told to a log stays there when there are more logs, and what comes later goes to its own', async () => {
  const world = await openWorld();
  await world.start({}, ['audit']);
  await world.tell(world.events(30));
  await world.pass(MINUTE_MS);
  await world.stop();
  await world.start();
  await world.tell(world.events(30));
  await world.tick();
  await world.stop();
  const counts = await Promise.all(LOGS.map(async (log) => (await world.entriesOf(log)).length));
  assert.ok(counts[0]! > 30 && counts[1]! > 0 && counts[2]! > 0, `${counts}`);
  assert.equal(counts[0]! + counts[1]! + counts[2]!, 60);
});

test('each log is archived in its own folder after each checkpoint', async () => {
  const archive = memoryArchive();
  const world = await openWorld({ archive });
  await world.start();
  for (let n = 0; n < 3; n++) {
    await world.tell(world.events(200));
    await world.pass(MINUTE_MS);
    await world.tick();
    for (const log of LOGS) {
      const { verifier } = await loadAuditSigner(world.deps, { createIfAbsent: false }, log);
      const verdict = await verifyLog(sourceOf(archive.copyOf(log)), { keys: [verifier.text] });
      assert.deepEqual([verdict.problem, verdict.entries], [undefined, (await world.entriesOf(log)).length]);
    }
  }
  await world.stop();
});

test('an archive in trouble holds up no entry and no checkpoint, is told of, and has everything when it is well', async () => {
  const archive = memoryArchive();
  const world = await openWorld({ archive });
  let isAway = true;
  archive.onPut = () => {
    if (isAway) throw new Failure('retryable', 'AWS is in trouble', { code: 'engine-unavailable' });
    return undefined;
  };
  await world.start({}, ['audit']);
  for (let n = 0; n < 3; n++) {
    await world.tell(world.events(20));
    await world.tick();
  }
  await world.tick();
  assert.equal((await world.entriesOf('audit')).length, 60);
  assert.equal((await world.request('/audit/checkpoint')).status, 200);
  assert.equal(archive.files.size, 0);
  assert.deepEqual(world.errors[0], { log: 'audit', code: 'engine-unavailable', detail: 'AWS is in trouble' });
  isAway = false;
  await world.tick();
  assert.equal((await verifyLog(sourceOf(archive.copyOf('audit')))).entries, 60);
  const told = world.errors.length;
  await world.tick();
  assert.equal(world.errors.length, told);
  await world.stop();
});

test('a stop waits for the put under way and lets no other begin', async () => {
  const archive = memoryArchive();
  let release: () => void = () => {};
  let puts = 0;
  const slow = {
    async put() {
      puts += 1;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    },
  };
  const world = await openWorld({ archive: { ...archive, ...slow } });
  await world.start({}, ['audit']);
  await world.tell(world.events(20));
  await world.pass(MINUTE_MS);
  await world.tick();
  let stopped = false;
  const stopping = world.stop().then(() => {
    stopped = true;
  });
  await world.pass(MINUTE_MS);
  assert.deepEqual([puts, stopped], [1, false]);
  release();
  await stopping;
  assert.deepEqual([puts, stopped, world.errors], [1, true, []]);
});
