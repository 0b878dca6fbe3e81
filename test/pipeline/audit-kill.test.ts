import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterQueue } from '#events/routes.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Queues } from '#platform/engines/engine.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { createEventFactory, type NewEvent } from '#platform/runtime/publish.ts';
import { type Random, realRandom, seededRandom } from '#platform/runtime/random.ts';
import { exportLog } from '#platform/state/audit-log/export.ts';
import { openAuditReader } from '#platform/state/audit-log/reader.ts';
import { verifyLog } from '#platform/state/audit-log/verify.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { type Files, sourceOf } from '#test/support/audit-log.ts';

const KILLS = 100;
/** a process lives so long after it is ready, ms, from … to */
const LIVES_MS = [30, 400] as const;
/** After so many kills the visibility timeouts of the killed processes are over: 60 s, which the test has not. */
const VISIBILITY_ENDS_EVERY = 10;
/** more than the audit log's window, so that it never waits for others to share a write */
const BACKLOG = 700;
const MESSAGES_PER_SEND = 200;
const EVENTS_PER_MESSAGE_AT_MOST = 2;
const SENT_TWICE = 0.1;
const LOOK_EVERY_MS = 60;
const LOOKS_PER_TICK = 2;
const QUIET_WITHIN_MS = 30_000;
const MAIN = join(import.meta.dirname, '../../services/audit-log/main.ts');
const WAIT_FOR_TURN = join(import.meta.dirname, 'wait-for-turn.ts');

test('killed 100 times at load, the audit log has each acknowledged entry once and every checkpoint leads to the next', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-audit-kill-'));
  const path = join(folder, 'sluice.sqlite');
  const engine = openEmbeddedEngine({ path, clock: realClock, sendsTicks: false });
  const { queues, store, secrets } = engine;
  let child: ChildProcess | undefined;
  let successor = spawnAuditLog(folder);
  t.after(async () => {
    child?.kill('SIGKILL');
    successor.kill('SIGKILL');
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { verifier } = await loadAuditSigner({ secrets, random: realRandom }, { createIfAbsent: true });
  const reader = openAuditReader({ store, origin: verifier.name, verifierKeys: [verifier.text] });

  const start = async (): Promise<ChildProcess> => {
    child = successor;
    successor = spawnAuditLog(folder);
    await startWork(child);
    return child;
  };

  // A process that ends by itself leaves its compiled code to those that follow.
  await stop(await start(), 'SIGTERM');
  child = await start();
  const random = seededRandom('audit-kill');
  const load = startLoad({ queues, random });
  const checkpoints = new Set<string>();
  let interrupted = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    await sleep(LIVES_MS[0] + random.fraction() * (LIVES_MS[1] - LIVES_MS[0]));
    await stop(child, 'SIGKILL');
    interrupted += (await queues.depth('audit')).inFlight > 0 ? 1 : 0;
    const newest = await reader.read('checkpoint');
    if (newest) checkpoints.add(Buffer.from(newest).toString());
    if (kill % VISIBILITY_ENDS_EVERY === 0) endVisibilityTimeouts(path);
    child = await start();
  }
  const { sent, messages } = await load.stop();
  await untilDrained(queues);
  await load.askForCheckpoint();
  await untilDrained(queues);
  await stop(child, 'SIGTERM');
  assert.equal(child.exitCode, 0);

  const entries = await reader.find({ limit: Number.MAX_SAFE_INTEGER });
  t.diagnostic(
    `${messages} messages, ${entries.length} entries, ${checkpoints.size} checkpoints seen, ${interrupted} kills with work under way`,
  );
  const times = new Map<string, number>();
  for (const { entry } of entries) times.set(entry.id, (times.get(entry.id) ?? 0) + 1);
  assert.deepEqual(
    [...times].filter(([, count]) => count > 1),
    [],
    'no entry twice',
  );
  assert.deepEqual(
    [...sent].filter((id) => !times.has(id)),
    [],
    'no entry missing',
  );
  assert.equal(times.size, sent.size, 'no other entry');
  assert.deepEqual(await queues.depth(deadLetterQueue('audit')), { visible: 0, inFlight: 0, delayed: 0 });

  const files: Files = new Map();
  await exportLog(reader, (file, bytes) => void files.set(file, bytes));
  const verdict = await verifyLog(sourceOf(files), { keys: [verifier.text], checkpoints: [...checkpoints] });
  assert.deepEqual([verdict.problem, verdict.entries], [undefined, sent.size]);
  assert.ok(interrupted > KILLS / 2, 'the kills hit work');
  assert.ok(checkpoints.size > KILLS / 4, 'checkpoints were signed between the kills');
});

/** Keeps more in the queue than the audit log can have in flight; a few of the messages go there twice. */
function startLoad({ queues, random }: { queues: Queues; random: Random }) {
  const newEvent = createEventFactory({ source: '/sluice/audit-kill', clock: realClock, random });
  const sent = new Set<string>();
  let messages = 0;
  let stopped = false;

  async function send(bodies: readonly string[]): Promise<void> {
    const results = await queues.send(
      'audit',
      bodies.map((body) => ({ body })),
    );
    assert.ok(results.every(({ ok }) => ok));
    messages += bodies.length;
  }

  async function topUp(): Promise<void> {
    const bodies: string[] = [];
    const ids: string[] = [];
    while (bodies.length < MESSAGES_PER_SEND) {
      const count = 1 + Math.floor(random.fraction() * EVENTS_PER_MESSAGE_AT_MOST);
      const events = Array.from({ length: count }, () => refusal(newEvent));
      const body = JSON.stringify(events);
      bodies.push(body);
      if (random.fraction() < SENT_TWICE) bodies.splice(Math.floor(random.fraction() * bodies.length), 0, body);
      for (const { id } of events) ids.push(id);
    }
    await send(bodies);
    for (const id of ids) sent.add(id);
  }

  const askForCheckpoint = (): Promise<void> =>
    send([JSON.stringify(newEvent('schedule.elapsed', { schedule: 'audit-checkpoint' }))]);

  async function run(): Promise<void> {
    for (let look = 0; !stopped; look++) {
      if ((await queues.depth('audit')).visible < BACKLOG) await topUp();
      if (look % LOOKS_PER_TICK === 0) await askForCheckpoint();
      await sleep(LOOK_EVERY_MS);
    }
  }

  const running = run();
  return {
    askForCheckpoint,
    async stop() {
      stopped = true;
      await running;
      return { sent, messages };
    },
  };
}

const refusal = (newEvent: NewEvent) =>
  newEvent('webhook.refused', {
    marketplace: 'shopee',
    status: 401,
    reason: 'signature-mismatch',
    bodyBytes: 120,
    bodySha256: '0'.repeat(64),
  });

function spawnAuditLog(folder: string): ChildProcess {
  return spawn(process.execPath, ['--import', WAIT_FOR_TURN, MAIN], {
    env: { SLUICE_DATA: folder, SLUICE_AUDIT_PORT: '0', NODE_COMPILE_CACHE: join(folder, 'compiled') },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** Resolves when its log says so; whatever it says later is read and forgotten, so that it never waits for a reader. */
async function startWork(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the process ended by itself with ${code}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      if (said.includes('"msg":"started"')) return;
      said += chunk;
      if (said.includes('"msg":"started"')) resolve();
    });
    child.stdin!.write('.');
  });
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** What killed processes had in flight comes back now; nothing of this file may be received at the time. */
function endVisibilityTimeouts(path: string): void {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.prepare('UPDATE messages SET visible_at = ? WHERE receive_count > 0').run(realClock.now());
  database.close();
}

async function untilDrained(queues: Queues): Promise<void> {
  const giveUpAt = realClock.now() + QUIET_WITHIN_MS;
  for (;;) {
    const depth = await queues.depth('audit');
    if (depth.visible + depth.inFlight + depth.delayed === 0) return;
    assert.ok(realClock.now() < giveUpAt, `not drained within ${QUIET_WITHIN_MS} ms: ${JSON.stringify(depth)}`);
    await sleep(50);
  }
}
