import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTaskProtection } from '#platform/functions/task-protection.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';

const MINUTE_MS = 60_000;
const START_AT = 1_795_500_000_000;

/** A task whose agent answers as `answer` says; `isProtectedAt` is what ECS would know of it. */
function createTask(
  answer: () => { status: number; body: string } = () => ({ status: 200, body: '{"protection":{}}' }),
) {
  const clock = virtualClock(START_AT);
  const asked: { at: number; request: HttpRequest; isProtected: boolean; expiresAt: number }[] = [];
  const logged: Record<string, unknown>[] = [];
  const log = (fields: Record<string, unknown>): void => void logged.push(fields);
  const protection = createTaskProtection(
    {
      clock,
      logger: { info: log, warn: log, error: log },
      async send(request) {
        const { ProtectionEnabled, ExpiresInMinutes = 0 } = JSON.parse(request.body!);
        const expiresAt = clock.now() + ExpiresInMinutes * MINUTE_MS;
        asked.push({ at: clock.now() - START_AT, request, isProtected: ProtectionEnabled, expiresAt });
        return { headers: {}, ...answer() };
      },
    },
    { agentUri: 'http://agent.test/api/1' },
  );
  return {
    protection,
    asked,
    logged,
    pass: (ms: number) => clock.run({ endAt: clock.now() + ms }),
    isProtected: (): boolean => asked.at(-1)?.isProtected === true && asked.at(-1)!.expiresAt > clock.now(),
  };
}

test('a task is protected as soon as a message is in flight, and no more soon after the last one', async () => {
  const { protection, asked, pass, isProtected } = createTask();
  await pass(MINUTE_MS);
  assert.equal(asked.length, 0, 'an idle task asks for nothing');
  protection.inFlight('sync', 1);
  await pass(0);
  assert.ok(isProtected());
  const [{ request }] = asked as [(typeof asked)[number]];
  assert.deepEqual([request.method, request.url], ['PUT', 'http://agent.test/api/1/task-protection/v1/state']);
  protection.inFlight('sync', 0);
  await pass(2 * MINUTE_MS);
  assert.ok(!isProtected());
});

test('work that takes hours stays protected, with few calls', async () => {
  const { protection, asked, pass, isProtected } = createTask();
  protection.inFlight('sync', 2);
  for (let minute = 0; minute < 180; minute++) {
    await pass(MINUTE_MS);
    assert.ok(isProtected(), `not in minute ${minute}`);
  }
  assert.ok(asked.length <= 40, `${asked.length} calls`);
});

test('short messages again and again are one protection', async () => {
  const { protection, asked, pass, isProtected } = createTask();
  for (let second = 0; second < 240; second++) {
    protection.inFlight('sync', 1);
    protection.inFlight('sync', 0);
    await pass(1_000);
    assert.ok(isProtected());
  }
  assert.equal(asked.length, 1);
});

test('a message that comes while the protection ends is protected', async () => {
  const { protection, asked, pass, isProtected } = createTask(() => {
    if (asked.length === 2) protection.inFlight('sync', 1); // while it is being ended
    return { status: 200, body: '{}' };
  });
  protection.inFlight('sync', 1);
  await pass(0);
  protection.inFlight('sync', 0);
  await pass(2 * MINUTE_MS);
  assert.deepEqual(
    asked.slice(0, 3).map((ask) => ask.isProtected),
    [true, false, true],
  );
  assert.ok(isProtected());
});

for (const [what, answer] of [
  ['refuses', () => ({ status: 400, body: '{"error":{"Code":"AccessDeniedException"}}' })],
  ['fails with 200', () => ({ status: 200, body: '{"failure":{"Reason":"TASK_NOT_VALID"}}' })],
  ['answers no JSON', () => ({ status: 502, body: 'bad gateway' })],
] as const) {
  test(`an agent that ${what} is logged, and asked again`, async () => {
    const { protection, asked, logged, pass } = createTask(answer);
    protection.inFlight('sync', 1);
    await pass(11 * MINUTE_MS);
    assert.ok(asked.length >= 3 && logged.length === asked.length, `${asked.length} asked, ${logged.length} logged`);
  });
}

test('a task that is being stopped asks for nothing more', async () => {
  const { protection, asked, pass } = createTask();
  protection.inFlight('sync', 1);
  await pass(0);
  protection.stop();
  await pass(60 * MINUTE_MS);
  assert.equal(asked.length, 1);
});
