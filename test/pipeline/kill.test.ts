import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterQueue, QUEUES } from '#events/routes.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Queues } from '#platform/engines/engine.ts';
import { createFunctionDeps } from '#platform/functions/deps.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { realRandom, seededRandom } from '#platform/runtime/random.ts';
import { sendOverNetwork } from '#platform/runtime/send.ts';
import { connectSandboxes } from '#services/all-in-one/connect-sandboxes.ts';
import { shopOf } from '#services/all-in-one/demo/replay.ts';
import { startSandboxes } from '#services/sandbox/start.ts';
import { freePort } from '#test/support/free-ports.ts';
import { startRelay } from './relay.ts';
import { createTrade } from './trade.ts';
import { auditedIds, haveTokens, type OrderChanged, takeSellerEvents, wrongEffects } from './wrong-effects.ts';

const KILLS = 50;
/** a process is killed so long after it has begun to listen, ms, at most */
const LIVES_AT_MOST_MS = 500;
/** After so many kills the visibility timeouts of the killed processes are over: 60 s, which the test has not. */
const VISIBILITY_ENDS_EVERY = 10;
/** orders placed in each of those lives, at random moments */
const ORDERS_PER_LIFE = 4;
const SELLERS = 4;
const QUIET_WITHIN_MS = 60_000;
const MAIN = join(import.meta.dirname, '../../services/all-in-one/main.ts');

test('killed 50 times at random moments, everything that was answered 2xx has had exactly one effect', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-kill-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const random = seededRandom('kill');
  const path = join(folder, 'sluice.sqlite');
  const [port, sandboxPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const relay = await startRelay(url);
  const engine = openEmbeddedEngine({ path, clock: realClock });
  const world = { engine, clock: realClock, random: realRandom, send: sendOverNetwork, logger: silentLogger };
  const sandboxes = await startSandboxes({
    host: '127.0.0.1',
    port: sandboxPort,
    portSetting: 'the test',
    webhooksUrl: `${relay.url}/webhooks`,
    sellers: SELLERS,
    async enqueue(queue, body) {
      const [sent] = await engine.queues.send(queue, [{ body }]);
      assert.ok(sent?.ok);
    },
  });
  const all = [...sandboxes.byName.values()];
  let child: ChildProcess | undefined;
  t.after(async () => {
    child?.kill('SIGKILL');
    await relay.stop();
    await sandboxes.stop();
    await engine.close();
  });

  const start = async (): Promise<ChildProcess> => {
    child = spawn(process.execPath, [MAIN], {
      env: {
        SLUICE_DATA: folder,
        SLUICE_PORT: String(port),
        SLUICE_AUDIT_PORT: '0',
        SLUICE_SELLER_API_PORT: '0',
        SLUICE_PUBLIC_URL: relay.url,
        SLUICE_LOG_LEVEL: 'silent',
        NODE_COMPILE_CACHE: join(folder, 'compiled'),
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await untilListening(child, url);
    return child;
  };

  await connectSandboxes(world, all);
  const deps = await createFunctionDeps(world, 'kill-test');
  child = await start();
  // A kill in the middle of a token exchange costs a seller's consent where tokens rotate: that is another test's.
  await untilTrue('every connection has a token', () => haveTokens(deps));

  const trade = createTrade(all.map(shopOf), { clock: realClock, random });
  sandboxes.faults.setRate('duplicate-webhook', 0.1);
  let interrupted = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const livesMs = random.fraction() * LIVES_AT_MOST_MS;
    for (let order = 0; order < ORDERS_PER_LIFE; order++) void trade.placeWithin(livesMs);
    await sleep(livesMs);
    interrupted += relay.underWay();
    child.kill('SIGKILL');
    await once(child, 'exit');
    if (kill % VISIBILITY_ENDS_EVERY === 0) endVisibilityTimeouts(path);
    child = await start();
  }
  await untilTrue('all is quiet', async () => {
    const isQuiet = async () => relay.underWay() === 0 && trade.open() === 0 && (await isDrained(engine.queues));
    if (!(await isQuiet())) return false;
    await sleep(200); // what came in between two looks
    return isQuiet();
  });
  child.kill('SIGTERM');
  await once(child, 'exit');

  const refused = relay.relayed.flatMap(({ statuses }) => statuses.slice(0, -1));
  const orders = all.reduce((sum, { books }) => sum + books.orders.size, 0);
  t.diagnostic(
    `${orders} orders, ${relay.relayed.length} webhooks, ${refused.length} attempts in vain, ${interrupted} under way at a kill`,
  );
  assert.deepEqual(
    refused.filter((status) => status !== 0 && status !== 503),
    [],
    'a good delivery is never refused for good',
  );
  assert.ok(relay.relayed.length > KILLS && interrupted > 0, 'the kills hit webhooks');

  const told = await takeSellerEvents(engine.queues);
  const events = told.filter((event): event is OrderChanged => event.type === 'order.changed');
  assert.equal(events.length, told.length, 'nothing else was to be told');
  const accounts = all.map(({ name, sellers, books }) => ({ name, sellers, orders: books.orders.values() }));
  assert.deepEqual(await wrongEffects(deps, accounts, events), []);
  const audited = (await auditedIds(deps, 'order.changed')).get('order.changed');
  assert.deepEqual(new Set(audited), new Set(events.map(({ id }) => id)), 'the audit log has each event');
  const deadLetters = await Promise.all(QUEUES.map((queue) => engine.queues.depth(deadLetterQueue(queue))));
  assert.deepEqual(
    deadLetters.filter(({ visible }) => visible > 0),
    [],
  );
  assert.deepEqual(
    all.map(({ calls }) => calls.throttled),
    all.map(() => 0),
    'no budget was exceeded',
  );
});

/** What killed processes had in flight comes back now; nothing else of this file may be received at the time. */
function endVisibilityTimeouts(path: string): void {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.prepare('UPDATE messages SET visible_at = ? WHERE receive_count > 0').run(realClock.now());
  database.close();
}

async function isDrained(queues: Queues): Promise<boolean> {
  const own = QUEUES.filter((queue) => queue !== 'seller-events');
  const depths = await Promise.all(own.map((queue) => queues.depth(queue)));
  return depths.every(({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0);
}

async function untilTrue(what: string, check: () => Promise<boolean>): Promise<void> {
  const giveUpAt = realClock.now() + QUIET_WITHIN_MS;
  while (!(await check())) {
    assert.ok(realClock.now() < giveUpAt, `not so within ${QUIET_WITHIN_MS} ms: ${what}`);
    await sleep(50);
  }
}

async function untilListening(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    assert.equal(child.exitCode, null, 'the process ended by itself');
    const isUp = await sendOverNetwork({ method: 'GET', url: `${url}/health`, headers: {} }, { timeoutMs: 2_000 }).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (isUp) return;
    await sleep(10);
  }
}
