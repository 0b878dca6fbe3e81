import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEvent } from '#events/index.ts';
import { Failure, NO_TOKEN } from '#platform/runtime/failure.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { createConsuming, FRACTION } from '#test/support/consuming.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const bodies = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

test('a hundred messages are in flight at once, and a slow one holds up no other', async () => {
  const { clock, elapsed, start, send, handled, depth } = createConsuming();
  let inFlight = 0;
  let most = 0;
  let done = 0;
  await send(bodies(500));
  start(async (body) => {
    most = Math.max(most, ++inFlight);
    await clock.sleep(body === '0' ? HOUR_MS : SECOND_MS);
    inFlight -= 1;
    done += 1;
  });
  await clock.run({ until: () => done === 499, endAt: clock.now() + HOUR_MS / 2 });
  assert.equal(done, 499);
  assert.equal(most, 100);
  assert.ok(elapsed() < 7 * SECOND_MS, `${elapsed()} ms`);
  await clock.run({ endAt: clock.now() + 2 * HOUR_MS });
  assert.equal(handled.length, 500);
  assert.deepEqual(await depth(), { visible: 0, inFlight: 0, delayed: 0 });
});

test('a message that is handled is not handled again, by any consumer, though it takes many minutes', async () => {
  const { clock, start, send, handled, depth } = createConsuming();
  await send(['long']);
  for (let consumer = 0; consumer < 2; consumer++) start(() => clock.sleep(47 * MINUTE_MS));
  await clock.run({ endAt: clock.now() + 2 * HOUR_MS });
  assert.equal(handled.length, 1);
  assert.deepEqual(await depth(), { visible: 0, inFlight: 0, delayed: 0 });
});

test('only what takes long is extended', async () => {
  const { clock, engine, start, send } = createConsuming();
  const extended: number[] = [];
  start((body) => clock.sleep(body === 'long' ? 5 * MINUTE_MS : SECOND_MS), {
    queues: {
      extend(queue, receipts, ms) {
        extended.push(receipts.length);
        return engine.queues.extend(queue, receipts, ms);
      },
    },
  });
  void send(['long']);
  for (let second = 0; second < 240; second++) {
    await send([`short-${second}`]);
    await clock.run({ endAt: clock.now() + SECOND_MS });
  }
  assert.deepEqual(new Set(extended), new Set([1]));
});

test('messages gather between two receives where nobody waits for them, and stop ends that too', async () => {
  const { clock, engine, elapsed, start, send, handled } = createConsuming();
  const brought: number[] = [];
  const consumer = start(() => {}, {
    gatherMs: SECOND_MS,
    queues: {
      async receive(queue, options) {
        const messages = await engine.queues.receive(queue, options);
        if (messages.length > 0) brought.push(messages.length);
        return messages;
      },
    },
  });
  for (let i = 0; i < 21; i++) {
    await send([String(i)]);
    await clock.run({ endAt: clock.now() + 100 });
  }
  assert.equal(handled.length, 20);
  assert.deepEqual(brought, [1, 9, 10]);
  let stoppedAt: number | undefined;
  void consumer.stop().then(() => {
    stoppedAt = elapsed();
  });
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.equal(stoppedAt, 2_100);
});

test('a retryable failure comes back after a backoff that doubles, and each time counts as an attempt', async () => {
  const { clock, start, send, handled, deadLetters } = createConsuming();
  await send(['flaky']);
  start((_, attempt) => {
    if (attempt === 1) throw new TypeError('nobody classified this');
    if (attempt <= 4) throw new Failure('retryable', 'HTTP 500', { code: 'http-500' });
  });
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.deepEqual(
    handled.map(({ attempt }) => attempt),
    [1, 2, 3, 4, 5],
  );
  const waits = handled.slice(1).map(({ at }, i) => at - handled[i]!.at);
  assert.deepEqual(
    waits,
    [1, 2, 4, 8].map((seconds) => seconds * SECOND_MS * FRACTION),
  );
  assert.deepEqual(await deadLetters(), []);
});

test('a message that fails again and again is dead after twenty-two attempts', async () => {
  const { clock, start, send, handled, deadLetters, depth } = createConsuming();
  await send(['hopeless']);
  start(() => {
    throw new Failure('retryable', 'HTTP 500', { code: 'http-500' });
  });
  await clock.run({ endAt: clock.now() + 12 * HOUR_MS });
  assert.equal(handled.length, 22);
  const [dead, ...more] = await deadLetters();
  assert.deepEqual(more, []);
  assert.equal(dead?.attributes.attempt, '22');
  assert.equal(dead?.attributes.reason, 'http-500');
  assert.deepEqual(await depth(), { visible: 0, inFlight: 0, delayed: 0 });
});

test('trouble of the engine itself says nothing of the message, and buries it only after days', async () => {
  const { clock, start, send, handled, deadLetters } = createConsuming();
  await send(['unlucky', 'hopeless']);
  start((body, attempt) => {
    assert.equal(attempt, 1);
    const times = handled.filter((each) => each.body === body).length;
    if (body === 'unlucky' && times > 50) return;
    throw new Failure('retryable', 'the store answers nothing', { code: 'engine-full' });
  });
  await clock.run({ endAt: clock.now() + 96 * HOUR_MS });
  const [dead, ...more] = await deadLetters();
  assert.deepEqual([dead?.body, more], ['hopeless', []]);
  assert.equal(handled.filter(({ body }) => body === 'unlucky').length, 51);
});

test('a message that finds no token in force asks for one each time, and is not buried for it in a day', async () => {
  const { clock, start, send, handled, deadLetters } = createConsuming();
  const tokenAt = clock.now() + 24 * HOUR_MS;
  await send(['waits']);
  start(() => {
    if (clock.now() < tokenAt) throw new Failure('auth', 'no token', { code: NO_TOKEN, connectionId: 'c' });
  });
  await clock.run({ endAt: tokenAt + HOUR_MS });
  assert.ok(handled.length > 22 && handled.every(({ attempt }) => attempt === 1));
  assert.deepEqual(await deadLetters(), []);
});

test('messages that rest leave their places in the window to others', async () => {
  const { clock, elapsed, start, send, handled } = createConsuming();
  await send(bodies(300));
  start((body, _, { rest }) => (Number(body) < 250 ? rest(clock.sleep(HOUR_MS)) : clock.sleep(SECOND_MS)));
  await clock.run({ until: () => handled.length === 300, endAt: clock.now() + HOUR_MS / 2 });
  assert.equal(handled.length, 300);
  assert.ok(elapsed() < MINUTE_MS, `${elapsed()} ms`);
});

test('the place in the line that a budget gave goes with the message until its turn has come', async () => {
  const { clock, start, send } = createConsuming();
  const turns: (number | undefined)[] = [];
  await send(['waits']);
  start((_body, _attempt, { turnAt }) => {
    turns.push(turnAt);
    if (turns.length < 3) {
      throw new Failure('throttled', 'no place', { code: 'budget-empty', retryAfterMs: HOUR_MS, turnAt: 12_345.5 });
    }
  });
  await clock.run({ endAt: clock.now() + 4 * HOUR_MS });
  assert.deepEqual(turns, [undefined, 12_345.5, 12_345.5]);
});

test('waiting for a place in a budget never counts as an attempt, however often', async () => {
  const { clock, start, send, handled, deadLetters } = createConsuming();
  await send(['patient']);
  start(() => {
    if (handled.length <= 100) {
      throw new Failure('throttled', 'no place yet', { code: 'budget-empty', retryAfterMs: MINUTE_MS });
    }
  });
  await clock.run({ endAt: clock.now() + 3 * HOUR_MS });
  assert.equal(handled.length, 101);
  assert.ok(handled.every(({ attempt }) => attempt === 1));
  assert.equal(handled.at(-1)!.at, 100 * MINUTE_MS);
  assert.deepEqual(await deadLetters(), []);
});

test('a wait of more than 15 minutes is a chain of delayed copies, handled once, when its time has come', async () => {
  const { clock, engine, start, send, handled } = createConsuming();
  const delays: (number | undefined)[] = [];
  await send(['far']);
  start(
    () => {
      if (handled.length === 1) {
        throw new Failure('throttled', 'no place yet', { code: 'budget-empty', retryAfterMs: 40 * MINUTE_MS });
      }
    },
    {
      queues: {
        send(queue, messages) {
          delays.push(...messages.map(({ delayMs }) => delayMs));
          return engine.queues.send(queue, messages);
        },
      },
    },
  );
  await clock.run({ endAt: clock.now() + 3 * HOUR_MS });
  assert.deepEqual(delays, [15 * MINUTE_MS, 15 * MINUTE_MS, 10 * MINUTE_MS]);
  assert.deepEqual(
    handled.map(({ at, attempt }) => [at, attempt]),
    [
      [0, 1],
      [40 * MINUTE_MS, 1],
    ],
  );
});

test('a refused token asks for a refresh, comes back after it and counts', async () => {
  const { clock, start, send, handled, refreshes } = createConsuming();
  await send(['call']);
  start((_, attempt) => {
    if (attempt > 1) return;
    throw new Failure('auth', 'refused', { code: 'token-refused', connectionId: 'ebay-1', credentialsVersion: 7 });
  });
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.deepEqual(
    refreshes.map(({ connectionId, credentialsVersion }) => [connectionId, credentialsVersion]),
    [['ebay-1', 7]],
  );
  assert.deepEqual(
    handled.map(({ at, attempt }) => [at, attempt]),
    [
      [0, 1],
      [3 * SECOND_MS, 2],
    ],
  );
});

test('a wish for a refresh that can’t be sent leaves the message where it is', async () => {
  const { clock, start, send, handled, refreshes } = createConsuming();
  await send(['call']);
  refreshes.push = () => {
    throw new Error('the queue is away');
  };
  start(() => {
    if (handled.length === 1) throw new Failure('auth', 'refused', { code: 'token-refused', connectionId: 'ebay-1' });
  });
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.deepEqual(
    handled.map(({ at }) => at),
    [0, MINUTE_MS],
  );
});

test('a permanent failure is dead at once, with reason, handler, event and the message as it was', async () => {
  const { clock, start, send, handled, deadLetters, depth } = createConsuming();
  await send(['odd'], 'ebay-1');
  start(() => {
    throw new Failure('permanent', 'there is no such order', { code: 'order-unknown' });
  });
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.equal(handled.length, 1);
  const [dead] = await deadLetters();
  assert.deepEqual([dead?.body, dead?.groupId], ['odd', 'ebay-1']);
  const { diedAt, ...attributes } = dead!.attributes;
  assert.deepEqual(attributes, {
    reason: 'order-unknown',
    detail: 'there is no such order',
    handler: 'worker',
    attempt: '1',
    queue: 'work',
    eventId: 'event-odd',
  });
  assert.equal(new Date(diedAt!).toISOString(), diedAt);
  assert.deepEqual(await depth(), { visible: 0, inFlight: 0, delayed: 0 });
});

test('a body that is no event is dead at once, and nothing quotes it', async () => {
  const { clock, start, send, handled, deadLetters, logged } = createConsuming();
  await send(['{"type":"order.changed","data":{"secret":"s3cr3t"}}', 's3cr3t']);
  start(() => {}, { parse: (body) => parseEvent(body).id });
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.equal(handled.length, 0);
  const dead = await deadLetters();
  assert.deepEqual(
    dead.map(({ attributes }) => attributes.reason),
    ['unreadable-message', 'unreadable-message'],
  );
  const told = JSON.stringify([logged, dead.map(({ attributes }) => attributes)]);
  assert.doesNotMatch(told, /s3cr3t/);
});

test('what an unclassified error says, on any of its lines, reaches neither the log nor the dead letter', async () => {
  const { clock, start, send, deadLetters, logged } = createConsuming();
  await send(['x']);
  start(() => {
    throw new Error('unexpected token in:\nthe buyer s3cr3t\nof s3cr3t street');
  });
  await clock.run({ endAt: clock.now() + 12 * HOUR_MS });
  const [dead] = await deadLetters();
  assert.equal(dead?.attributes.reason, 'unclassified');
  assert.doesNotMatch(JSON.stringify([logged, dead]), /s3cr3t/);
  assert.match(JSON.stringify(logged), /consume\.test\.ts/);
});

test('a stop takes nothing more, and ends when what is in flight has ended', async () => {
  const { clock, elapsed, start, send, handled, depth } = createConsuming();
  await send(bodies(12));
  const consumer = start(() => clock.sleep(10 * SECOND_MS), { window: 5 });
  let stoppedAt: number | undefined;
  void clock
    .sleep(SECOND_MS)
    .then(() => consumer.stop())
    .then(() => {
      stoppedAt = elapsed();
    });
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.equal(handled.length, 5);
  assert.ok(stoppedAt! >= 10 * SECOND_MS && stoppedAt! < 10.1 * SECOND_MS, `${stoppedAt} ms`);
  assert.deepEqual(await depth(), { visible: 7, inFlight: 0, delayed: 0 });
});

test('an idle consumer stops at once', async () => {
  const { clock, elapsed, start } = createConsuming();
  const consumer = start(() => {});
  await clock.run({ endAt: clock.now() + SECOND_MS });
  await consumer.stop();
  assert.equal(elapsed(), SECOND_MS);
});

test('a stop does not wait longer than it may, and the message that did not end goes to another consumer', async () => {
  const { clock, elapsed, start, send, handled } = createConsuming();
  await send(['endless']);
  const consumer = start(() => new Promise(() => {}));
  let stoppedAt: number | undefined;
  void clock
    .sleep(SECOND_MS)
    .then(() => consumer.stop())
    .then(() => {
      stoppedAt = elapsed();
      start(() => {});
    });
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.equal(stoppedAt, 26 * SECOND_MS);
  assert.equal(handled.length, 2);
});

for (const trouble of ['receive', 'acknowledge', 'send', 'extend'] as const) {
  test(`a queue that can't ${trouble} for ten minutes never ends the consumer, and loses no message`, async () => {
    const { clock, engine, elapsed, start, send, handled, depth } = createConsuming();
    const { queues } = engine;
    const seen = new Set<string>();
    await send(bodies(20));
    const failing = (...parameters: never[]) => {
      if (elapsed() < 10 * MINUTE_MS) throw new Error('the queue is away');
      return (queues[trouble] as (...parameters: never[]) => Promise<never>)(...parameters);
    };
    start(
      async (body) => {
        await clock.sleep(30 * SECOND_MS);
        if (seen.has(body)) return;
        seen.add(body);
        throw new Failure('retryable', 'once', { code: 'once' });
      },
      { queues: { [trouble]: async (...parameters: never[]) => failing(...parameters) } },
    );
    await clock.run({ endAt: clock.now() + 2 * HOUR_MS });
    assert.equal(seen.size, 20);
    assert.ok(handled.length >= 40);
    assert.deepEqual(await depth(), { visible: 0, inFlight: 0, delayed: 0 });
  });
}

test('a dead letter that its queue does not take stays where it was until it does', async () => {
  const { clock, engine, elapsed, start, send, deadLetters, depth } = createConsuming();
  await send(['odd']);
  start(
    () => {
      throw new Failure('permanent', 'odd', { code: 'odd' });
    },
    {
      queues: {
        async send(queue, messages) {
          if (elapsed() < 5 * MINUTE_MS) return messages.map(() => ({ ok: false, reason: 'full' }));
          return engine.queues.send(queue, messages);
        },
      },
    },
  );
  await clock.run({ endAt: clock.now() + HOUR_MS });
  assert.equal((await deadLetters()).length, 1);
  assert.deepEqual(await depth(), { visible: 0, inFlight: 0, delayed: 0 });
});

/** A process that dies while it handles a message of this body, and starts anew: dead, it neither calls nor answers. */
function startMortal({ clock, engine, start }: ReturnType<typeof createConsuming>, deadly: string): void {
  const never = new Promise<never>(() => {});
  const random = seededRandom('mortal');

  function startProcess(): void {
    let dead = false;
    const alive = <Parameters extends unknown[], Result>(call: (...parameters: Parameters) => Promise<Result>) => {
      return async (...parameters: Parameters): Promise<Result> => {
        const result = dead ? never : await call(...parameters);
        return dead ? never : result;
      };
    };
    const { receive, acknowledge, extend, send } = engine.queues;
    start(
      async (body) => {
        if (dead) return never;
        await clock.sleep(10);
        if (body !== deadly) return dead ? never : undefined;
        dead = true;
        void clock.sleep(90 * SECOND_MS).then(startProcess);
        return never;
      },
      {
        random,
        queues: {
          receive: alive(receive),
          acknowledge: alive(acknowledge),
          extend: alive(extend),
          send: alive(send),
        },
      },
    );
  }
  startProcess();
}

test('a message whose handler ends the process each time is buried after a hundred receives', async () => {
  const world = createConsuming();
  const { clock, send, handled, deadLetters, depth } = world;
  await send(['deadly']);
  startMortal(world, 'deadly');
  await clock.run({ endAt: clock.now() + 4 * HOUR_MS });
  assert.equal(handled.length, 100);
  const [dead] = await deadLetters();
  assert.equal(dead?.attributes.reason, 'never-answered');
  assert.deepEqual(await depth(), { visible: 0, inFlight: 0, delayed: 0 });
});

test('messages that are in flight beside one that ends the process each time come to their end', async () => {
  const world = createConsuming();
  const { clock, send, deadLetters, depth } = world;
  await send([...bodies(40), 'deadly']);
  startMortal(world, 'deadly');
  await clock.run({ endAt: clock.now() + 4 * HOUR_MS });
  assert.deepEqual(
    (await deadLetters()).map(({ body }) => body),
    ['deadly'],
  );
  assert.deepEqual(await depth(), { visible: 0, inFlight: 0, delayed: 0 });
});

test('who looks on is told of each receive, of trouble too, and of what is in flight', async () => {
  const told: string[] = [];
  let isAway = true;
  const { clock, engine, start, send } = createConsuming();
  await send(['first', 'second']);
  const consumer = start(() => clock.sleep(SECOND_MS), {
    watch: {
      received: (queue, outcome) => void told.push(`${queue} ${outcome}`),
      inFlight: (queue, messages) => void told.push(`${queue} ${messages}`),
    },
    queues: {
      async receive(queue, options) {
        if (isAway) throw new Error('away');
        return engine.queues.receive(queue, options);
      },
    },
  });
  await clock.run({ endAt: clock.now() + SECOND_MS / 2 });
  isAway = false;
  await clock.run({ endAt: clock.now() + 5 * SECOND_MS });
  assert.deepEqual(told.slice(0, 5), ['work failed', 'work ok', 'work 2', 'work 1', 'work 0']);
  await Promise.all([consumer.stop(), clock.run()]);
});
