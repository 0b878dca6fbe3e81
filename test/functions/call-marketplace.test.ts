import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limit, Limits, Marketplace } from '#marketplaces/marketplace.ts';
import { type CallRequest, callMarketplace } from '#platform/functions/call-marketplace.ts';
import { describeEvent, memberOf } from '#platform/functions/deps.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { createFunctionWorld } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

const CAUSE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const SELLER: Limit = { bucket: 'seller', scope: 'app-and-connection', ratePerSecond: 10, burst: 20, source: 'a test' };
const APP: Limit = { bucket: 'app', scope: 'app', ratePerSecond: 10, burst: 20, source: 'a test' };

/** Calls against `limits`, each answered with `{}` unless the test says otherwise. */
async function createCalling(limits: readonly Limit[], learn?: Limits['learn']) {
  const all = await createFunctionWorld();
  const marketplace: Marketplace = {
    ...all.marketplace,
    limits: { forOperation: () => limits, ...(learn && { learn }) },
  };
  all.world.answering = () => answer({});
  const call = (request: Partial<CallRequest> = {}) =>
    callMarketplace(all.deps, {
      marketplace,
      connectionId: 'plain-1',
      build: (now) => ({
        operation: 'list',
        request: { method: 'GET', url: `https://plain.example/list?token=s3cr3t&at=${now}`, headers: {} },
      }),
      orderIds: ['a'],
      cause: CAUSE,
      ...request,
    });
  const recorded = async () => (await all.takeEvents('audit', 'api-call.recorded')).map(({ data }) => data);
  return { ...all, call, recorded };
}

test('a call is built, signed and sent at the time for which its place is booked', async () => {
  const { call, calls, clock } = await createCalling([{ ...APP, ratePerSecond: 1, burst: 1 }]);
  const first = await call();
  const second = await call();
  assert.equal(second.sentAt - first.sentAt, 1_500);
  assert.deepEqual(
    calls.map(({ url }) => Number(new URL(url).searchParams.get('at'))),
    [first.sentAt, second.sentAt],
  );
  assert.ok(clock.now() >= second.sentAt);
});

test('a place far away is a wait outside: nothing is sent, nothing recorded', async () => {
  const { call, calls, clock, recorded } = await createCalling([{ ...APP, ratePerSecond: 0.1, burst: 1 }]);
  await call();
  await recorded();
  const askedAt = clock.now();
  await assert.rejects(call(), ({ kind, code, retryAfterMs, turnAt }: Failure) => {
    assert.deepEqual([kind, code], ['throttled', 'budget-empty']);
    // It comes back shortly before its place, and goes first then.
    return turnAt! - askedAt > 10_000 && retryAfterMs! > 9_000 && retryAfterMs! <= 10_500;
  });
  assert.equal(calls.length, 1);
  assert.deepEqual(await recorded(), []);
});

test('what counts for each connection holds up no other connection; what counts for the app holds up all', async () => {
  const scarce = { ratePerSecond: 0.1, burst: 1 };
  const each = await createCalling([{ ...SELLER, ...scarce }]);
  await each.call();
  await each.call({ connectionId: 'plain-2' });
  await assert.rejects(each.call(), { code: 'budget-empty' });
  const app = await createCalling([SELLER, { ...APP, ...scarce }]);
  await app.call();
  await assert.rejects(app.call({ connectionId: 'plain-2' }), { code: 'budget-empty' });
});

test('a call is recorded with the budgets that it had a place in, and nothing of its query', async () => {
  const { call, recorded } = await createCalling([SELLER, APP]);
  await call({ attempt: 4 });
  const [data, ...more] = await recorded();
  assert.deepEqual(more, []);
  assert.deepEqual(
    [data?.path, data?.status, data?.outcome, data?.attempt, data?.orderIds, data?.budgets],
    ['/list', 200, 'ok', 4, ['a'], ['plain/seller/plain-1', 'plain/app']],
  );
  assert.doesNotMatch(JSON.stringify(data), /s3cr3t/);
});

test('a call without an answer is recorded as just that, and is retryable', async () => {
  const { call, world, recorded } = await createCalling([APP]);
  world.answering = () => {
    throw new Failure('retryable', 'no whole answer within 30000 ms', { code: 'timeout' });
  };
  await assert.rejects(call(), { kind: 'retryable', code: 'timeout', connectionId: 'plain-1' });
  const [data] = await recorded();
  assert.deepEqual(
    [data?.status, data?.outcome, data?.responseBytes, data?.responseSha256],
    [null, 'timeout', 0, null],
  );
});

test('a refused token says whose it was and of which generation, so that it is refreshed once', async () => {
  const { call, world } = await createCalling([APP]);
  world.answering = () => answer({ error: 'token-refused' }, 401);
  await assert.rejects(call({ credentialsVersion: 7 }), {
    kind: 'auth',
    connectionId: 'plain-1',
    credentialsVersion: 7,
  });
});

test('a refusal in spite of a place rests the narrowest budget, and only that', async () => {
  const { call, world, clock } = await createCalling([APP, SELLER]);
  world.answering = () => answer({ error: 'too-many' }, 429);
  await assert.rejects(call(), { kind: 'throttled' });
  const refusedAt = clock.now();
  world.answering = () => answer({});
  const other = await call({ connectionId: 'plain-2' });
  assert.ok(other.sentAt - refusedAt < 500);
  const { sentAt } = await call();
  assert.ok(sentAt - refusedAt >= 900 && sentAt - refusedAt <= 1_100, `${sentAt - refusedAt} ms`);
});

test('what an answer teaches of a rate or a pause holds from the next call on; of unknown buckets it teaches nothing', async () => {
  const lessons: ReturnType<NonNullable<Limits['learn']>>[] = [
    [{ bucket: 'elsewhere', blockedForMs: 3_600_000 }],
    [{ bucket: 'app', ratePerSecond: 0.1 }],
    [{ bucket: 'seller', blockedForMs: 60_000 }],
  ];
  const { call, clock } = await createCalling([SELLER, { ...APP, burst: 1 }], () => lessons.shift() ?? []);
  await call();
  await call();
  await clock.sleep(20_000);
  await call();
  await assert.rejects(call(), ({ retryAfterMs }: Failure) => retryAfterMs! > 59_000 && retryAfterMs! <= 60_000);
  await assert.rejects(call({ connectionId: 'plain-2' }), ({ retryAfterMs }: Failure) => retryAfterMs! > 9_000);
});

test('what is to be kept of a good answer is kept before the call is recorded; of a bad answer nothing is', async () => {
  const { call, deps, world } = await createCalling([APP]);
  const order: string[] = [];
  const { publish } = deps.publisher;
  deps.publisher.publish = async (event) => {
    order.push('recorded');
    await publish(event);
  };
  const keep = async (): Promise<void> => void order.push('kept');
  await call({ keep });
  world.answering = () => answer({ error: 'broken' }, 500);
  await assert.rejects(call({ keep }));
  assert.deepEqual(order, ['kept', 'recorded', 'recorded']);
});

test('a good answer that can’t be kept is recorded under the reason, and is a failure', async () => {
  const { call, recorded } = await createCalling([APP]);
  const keep = () => Promise.reject(new Failure('retryable', 'half an answer', { code: 'unreadable-answer' }));
  await assert.rejects(call({ keep }), { kind: 'retryable', code: 'unreadable-answer' });
  assert.deepEqual(
    (await recorded()).map(({ status, outcome }) => [status, outcome]),
    [[200, 'unreadable-answer']],
  );
});

test('a refused token becomes a wish for a refresh; a failure of no connection becomes none', async () => {
  const { deps, takeEvents } = await createFunctionWorld();
  await deps.requestTokenRefresh(new Failure('auth', 'refused', { code: 'x' }));
  await deps.requestTokenRefresh(
    new Failure('auth', 'refused', { code: 'x', connectionId: 'a', credentialsVersion: 7 }),
  );
  await deps.requestTokenRefresh(new Failure('auth', 'refused', { code: 'x', connectionId: 'b' }));
  assert.deepEqual(
    (await takeEvents('token-refresh', 'token-refresh.requested')).map(({ data }) => data),
    [
      { connectionId: 'a', reason: 'rejected', credentialsVersion: 7 },
      { connectionId: 'b', reason: 'rejected', credentialsVersion: 1 },
    ],
  );
});

test('a marketplace that is not set up is a permanent failure that names it', async () => {
  const { deps } = await createFunctionWorld();
  assert.throws(() => memberOf(deps.members, 'nowhere'), { kind: 'permanent', code: 'not-set-up', message: /nowhere/ });
});

test('what is logged of an event are its ids and its type', async () => {
  const { deps } = await createFunctionWorld();
  const event = deps.newEvent('token-refresh.requested', {
    connectionId: 'plain-1',
    reason: 'due',
    credentialsVersion: 1,
  });
  assert.deepEqual(describeEvent(event), {
    eventId: event.id,
    type: event.type,
    trace: event.traceparent.slice(3, 35),
    connectionId: 'plain-1',
  });
});

test('a clock that is set back during a call makes no record that can’t be read', async () => {
  const { recorded, ...all } = await createCalling([APP]);
  let setBackMs = 0;
  const clock = { ...all.deps.clock, now: () => all.clock.now() - setBackMs };
  all.world.answering = () => {
    setBackMs = 5_000;
    return answer({});
  };
  await callMarketplace(
    { ...all.deps, clock },
    {
      marketplace: { ...all.marketplace, limits: { forOperation: () => [APP] } },
      connectionId: 'plain-1',
      build: () => ({ operation: 'list', request: { method: 'GET', url: 'https://plain.example/list', headers: {} } }),
      orderIds: [],
      cause: CAUSE,
    },
  );
  assert.deepEqual(
    (await recorded()).map(({ durationMs }) => durationMs),
    [0],
  );
});
