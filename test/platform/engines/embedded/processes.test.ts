import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const WORKER = join(import.meta.dirname, 'worker.ts');

/** A worker, and each line that it prints, `<what> <id>`. */
function startWorker(role: 'send' | 'consume', path: string, name: string): { child: ChildProcess; lines: Lines } {
  const child = spawn(process.execPath, [WORKER, role, path, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, lines: createInterface({ input: child.stdout! }) };
}

type Lines = AsyncIterable<string>;

test('nothing that was sent, written or acknowledged is lost or undone when the process is killed', async () => {
  const path = join(folder, 'killed.db');
  const said = {
    sent: new Set<string>(),
    written: new Set<string>(),
    acknowledging: new Set<string>(),
    acknowledged: new Set<string>(),
  };
  for (const name of ['first', 'second', 'third']) {
    const { child, lines } = startWorker('send', path, name);
    let count = 0;
    for await (const line of lines) {
      const [what, id] = line.split(' ') as [keyof typeof said, string];
      said[what].add(id);
      if (++count === 300) child.kill('SIGKILL');
    }
    assert.ok(count >= 300, 'the worker ended by itself');
  }

  // Messages that the killed processes had in flight come back later: on a clock that is ahead.
  const laterClock = { ...realClock, now: () => realClock.now() + 120_000 };
  const engine = openEmbeddedEngine({ path, clock: laterClock });
  const left = new Set<string>();
  for (;;) {
    const messages = await engine.queues.receive('queue', { maxMessages: 100, visibilityTimeoutMs: 60_000, waitMs: 0 });
    if (messages.length === 0) break;
    for (const { body } of messages) left.add(body);
  }
  const written = await engine.store.range('table', 'p', { limit: 100_000 });
  await engine.close();

  const values = new Set(written.map(({ value }) => value));
  const lostMessages = [...said.sent].filter((id) => !left.has(id) && !said.acknowledging.has(id));
  const lostItems = [...said.written].filter((id) => !values.has(id));
  const undone = [...said.acknowledged].filter((id) => left.has(id));
  assert.deepEqual({ lostMessages, lostItems, undone }, { lostMessages: [], lostItems: [], undone: [] });
});

test('two processes on one file consume everything once, and hear of each other’s messages', async () => {
  const path = join(folder, 'shared.db');
  const workers = ['a', 'b'].map((name) => startWorker('consume', path, name));
  const engine = openEmbeddedEngine({ path, clock: realClock });
  const ids = Array.from({ length: 240 }, (_, i) => `message-${i}`);
  const consumed: string[] = [];
  let ready = 0;
  await Promise.all(
    workers.map(async ({ child, lines }) => {
      for await (const line of lines) {
        const [what, id] = line.split(' ') as [string, string];
        if (what === 'consumed') consumed.push(id);
        // Only now, so that they wait for what another process sends.
        else if (++ready === workers.length) for (const body of ids) await engine.queues.send('queue', [{ body }]);
      }
      if (child.exitCode === null) await once(child, 'exit');
      assert.equal(child.exitCode, 0);
    }),
  );
  assert.deepEqual(await engine.queues.depth('queue'), { visible: 0, inFlight: 0, delayed: 0 });
  await engine.close();
  assert.deepEqual(consumed.sort(), ids.sort());
});

test('a new file can be opened by several processes at once', async () => {
  const path = join(folder, 'new.db');
  const workers = ['a', 'b', 'c', 'd'].map((name) => startWorker('consume', path, name));
  await Promise.all(
    workers.map(async ({ child, lines }) => {
      for await (const line of lines) {
        assert.match(line, /^ready/);
        child.kill();
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      assert.equal(child.signalCode, 'SIGTERM');
    }),
  );
});
