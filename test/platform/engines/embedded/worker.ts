/** A process of its own for `processes.test.ts`: `node worker.ts send|consume <database file>`. Prints what resolved. */
import { writeSync } from 'node:fs';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { realClock } from '#platform/runtime/clock.ts';

const [, , role, path, name] = process.argv as [string, string, 'send' | 'consume', string, string];
/** Messages that one consumer takes before it stops, so that no consumer can take them all. */
const CONSUMER_SHARE = 120;

const engine = openEmbeddedEngine({ path, clock: realClock });
const say = (...words: (string | number)[]) => writeSync(1, `${words.join(' ')}\n`);

async function send(): Promise<void> {
  for (let i = 0; ; i++) {
    const id = `${name}-${i}`;
    await Promise.all([
      engine.queues.send('queue', [{ body: id }]).then(() => say('sent', id)),
      engine.store
        .write([{ table: 'table', partition: 'p', sort: id, condition: 'absent', value: id }])
        .then(() => say('written', id)),
    ]);
    if (i % 3 > 0) continue;
    const [message] = await engine.queues.receive('queue', { maxMessages: 1, visibilityTimeoutMs: 60_000, waitMs: 0 });
    if (!message) continue;
    say('acknowledging', message.body);
    const [result] = await engine.queues.acknowledge('queue', [message.receipt]);
    if (result?.ok) say('acknowledged', message.body);
  }
}

async function consume(): Promise<void> {
  say('ready', name);
  for (let consumed = 0; consumed < CONSUMER_SHARE; ) {
    const messages = await engine.queues.receive('queue', {
      // Never more than its share, or the other one waits for a message that is gone.
      maxMessages: Math.min(2, CONSUMER_SHARE - consumed),
      visibilityTimeoutMs: 60_000,
      waitMs: 20_000,
    });
    const results = await engine.queues.acknowledge(
      'queue',
      messages.map(({ receipt }) => receipt),
    );
    messages.forEach(({ body }, i) => {
      if (results[i]!.ok) say('consumed', body);
    });
    consumed += messages.length;
  }
  await engine.close();
}

await (role === 'send' ? send() : consume());
