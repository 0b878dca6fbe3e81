import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '#platform/runtime/failure.ts';
import { refreshToken } from '#services/token-refresh/refresh-token.ts';
import { requestDueRefreshes } from '#services/token-refresh/request-due-refreshes.ts';
import { createFunctionWorld, type FunctionWorld, publisherAway } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

const HOUR_MS = 3_600_000;
const LEASE_MS = 90_000;

const wish = ({ deps }: FunctionWorld, credentialsVersion = 1, connectionId = 'plain-1') =>
  deps.newEvent('token-refresh.requested', { connectionId, reason: 'due', credentialsVersion });

/** Gives `access-1`, `refresh-1`, then `access-2` …, and takes each refresh token once. */
function rotating({ calls }: FunctionWorld) {
  let given = 0;
  return () => {
    const { refreshToken } = JSON.parse(calls.at(-1)!.body!) as { refreshToken: string };
    if (refreshToken !== `refresh-${given}`) return answer({ error: 'grant-dead' }, 400);
    given += 1;
    return answer({ accessToken: `access-${given}`, expiresInMs: 4 * HOUR_MS, refreshToken: `refresh-${given}` });
  };
}

async function connected(options: { rotation?: 'none' | 'strict' } = {}) {
  const all = await createFunctionWorld(options);
  await all.connect();
  all.world.answering = rotating(all);
  return all;
}

const dead = () => answer({ error: 'grant-dead' }, 400);
const lost = () => {
  throw new Failure('retryable', 'the connection failed', { code: 'network' });
};

test('a rotated token is stored before anybody is told, and is the one that the next refresh uses', async () => {
  const all = await connected();
  const { deps } = all;
  const killed = publisherAway(deps, 'token.refreshed', () => true);
  await assert.rejects(refreshToken(killed, wish(all), 1), /killed/);
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
  await refreshToken(deps, wish(all, 2), 1);
  await refreshToken(deps, wish(all, 3), 1);
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-3');
  assert.equal((await deps.connections.get('plain-1'))?.status, 'active');
});

test('a rotated token is stored though its call can’t be recorded in the audit log', async () => {
  const all = await connected();
  const { deps } = all;
  await assert.rejects(
    refreshToken(
      publisherAway(deps, 'api-call.recorded', () => true),
      wish(all),
      1,
    ),
  );
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
  await refreshToken(deps, wish(all), 2);
  await refreshToken(deps, wish(all, 2), 1);
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-2');
  assert.equal((await deps.connections.get('plain-1'))?.status, 'active');
});

test('a refresh is told once, with an id made of connection and generation, and without a token', async () => {
  const all = await connected();
  await refreshToken(all.deps, wish(all), 1);
  const events = await all.taken();
  const [refreshed, ...more] = events.filter(({ type }) => type === 'token.refreshed');
  assert.deepEqual(more, []);
  assert.ok(refreshed?.type === 'token.refreshed');
  assert.equal(refreshed.id, 'plain-1/2');
  const { expiresAt } = (await all.deps.credentials.accessToken('plain-1'))!;
  assert.deepEqual(refreshed.data, {
    connectionId: 'plain-1',
    marketplace: 'plain',
    accessTokenExpiresAt: new Date(expiresAt).toISOString(),
    rotated: true,
  });
  assert.doesNotMatch(JSON.stringify(events), /access-\d|refresh-\d/);
});

test('however many ask at once, there is one exchange', async () => {
  const all = await connected();
  const { world, clock, calls, deps } = all;
  const rotate = world.answering;
  world.answering = async (request) => {
    const given = await rotate(request);
    await clock.sleep(5_000);
    return given;
  };
  await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      await clock.sleep(i * 250);
      await refreshToken(deps, wish(all), 1);
    }),
  );
  assert.equal(calls.length, 1);
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('a wish that a newer token has answered already makes no exchange', async () => {
  const all = await connected();
  await refreshToken(all.deps, wish(all), 1);
  await refreshToken(all.deps, wish(all), 1);
  assert.equal(all.calls.length, 1);
});

test('a token is refreshed in the second half of its life, and well before its end', async () => {
  const all = await connected();
  const { deps, clock } = all;
  for (let version = 1; version <= 20; version++) {
    const now = clock.now();
    await refreshToken(deps, wish(all, version), 1);
    assert.deepEqual(await deps.credentials.due(now + 0.5 * 4 * HOUR_MS - 1_000, 10), []);
    assert.deepEqual(await deps.credentials.due(now + 0.85 * 4 * HOUR_MS + 1_000, 10), ['plain-1']);
  }
});

test('a dead grant needs its seller’s consent, which is said once, and nothing more is exchanged', async () => {
  const all = await connected();
  const { world, deps, clock, calls } = all;
  world.answering = async () => {
    await clock.sleep(1_000);
    return dead();
  };
  await Promise.all(Array.from({ length: 10 }, () => refreshToken(deps, wish(all), 1)));
  await refreshToken(deps, wish(all), 1);
  assert.equal(calls.length, 1);
  const { status, statusReason, announced } = (await deps.connections.get('plain-1'))!;
  assert.deepEqual([status, statusReason, announced], ['needs-consent', 'grant-dead', true]);
  const told = await all.takeEvents('seller-events', 'connection.consent-needed');
  assert.deepEqual(
    told.map(({ data }) => data),
    [{ connectionId: 'plain-1', marketplace: 'plain', reason: 'grant-dead' }],
  );
  assert.deepEqual(await deps.credentials.due(clock.now() + 365 * 24 * HOUR_MS, 10), []);
});

test('a dead grant that could not be told is told when the message comes back', async () => {
  const all = await connected();
  all.world.answering = dead;
  let away = true;
  const deps = publisherAway(all.deps, 'connection.consent-needed', () => away);
  await assert.rejects(refreshToken(deps, wish(all), 1), /killed/);
  away = false;
  await refreshToken(deps, wish(all), 2);
  await refreshToken(deps, wish(all), 3);
  assert.equal((await all.takeEvents('seller-events', 'connection.consent-needed')).length, 1);
});

test('where refresh tokens rotate, a grant that is dead after a lost answer is told as just that', async () => {
  const all = await connected();
  const { world, deps } = all;
  world.answering = lost;
  await assert.rejects(refreshToken(deps, wish(all), 1), { kind: 'retryable' });
  world.answering = () => answer({ error: 'busy' }, 429);
  await assert.rejects(refreshToken(deps, wish(all), 2), { kind: 'throttled' });
  world.answering = dead;
  await all.clock.sleep(10_000);
  await refreshToken(deps, wish(all), 2);
  assert.equal((await deps.connections.get('plain-1'))?.statusReason, 'refresh-answer-lost');
});

test('a refresh that was killed is tried again with the old token; only if that is dead the answer is lost', async () => {
  for (const [answering, reason] of [
    [dead, 'refresh-answer-lost'],
    [undefined, null],
  ] as const) {
    const all = await connected();
    const { clock, deps, world } = all;
    await deps.credentials.acquire('plain-1', {
      ifGeneration: 1,
      owner: 'killed',
      now: clock.now(),
      leaseMs: LEASE_MS,
    });
    await refreshToken(deps, wish(all), 1);
    assert.equal(all.calls.length, 0);
    await clock.sleep(LEASE_MS);
    if (answering) world.answering = answering;
    await refreshToken(deps, wish(all), 1);
    assert.match(all.calls[0]!.body!, /refresh-0/);
    assert.equal((await deps.connections.get('plain-1'))?.statusReason, reason);
  }
});

test('where refresh tokens don’t rotate, a lost answer loses nothing', async () => {
  const all = await connected({ rotation: 'none' });
  const { world, deps } = all;
  world.answering = lost;
  await assert.rejects(refreshToken(deps, wish(all), 1), { kind: 'retryable' });
  world.answering = dead;
  await refreshToken(deps, wish(all), 2);
  assert.equal((await deps.connections.get('plain-1'))?.statusReason, 'grant-dead');
});

test('refused credentials of the app cost no seller’s consent, and are tried again later', async () => {
  const all = await connected();
  const { world, deps, clock } = all;
  const rotate = world.answering;
  world.answering = () => answer({ error: 'app-credentials-refused' }, 400);
  await assert.rejects(refreshToken(deps, wish(all), 1), { kind: 'permanent', code: 'app-credentials-refused' });
  assert.equal((await deps.connections.get('plain-1'))?.status, 'active');
  assert.deepEqual(await all.takeEvents('seller-events', 'connection.consent-needed'), []);
  assert.deepEqual(await deps.credentials.due(clock.now() + HOUR_MS / 5, 10), []);
  assert.deepEqual(await deps.credentials.due(clock.now() + HOUR_MS / 4, 10), ['plain-1']);
  world.answering = rotate;
  await refreshToken(deps, wish(all), 1);
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('a seller who consents anew while the old grant is refused stays connected', async () => {
  const all = await connected();
  const { world, deps } = all;
  world.answering = async () => {
    await all.connect();
    return dead();
  };
  await refreshToken(deps, wish(all), 1);
  assert.equal((await deps.connections.get('plain-1'))?.status, 'active');
  assert.deepEqual(await all.takeEvents('seller-events', 'connection.consent-needed'), []);
  world.answering = rotating(all);
  await refreshToken(deps, wish(all, 2), 1);
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('a throttled exchange gives the lease back, for who comes after it', async () => {
  const all = await connected();
  const { world, deps } = all;
  const rotate = world.answering;
  world.answering = () => answer({ error: 'too-many' }, 429);
  await assert.rejects(refreshToken(deps, wish(all), 1), { kind: 'throttled' });
  world.answering = rotate;
  await all.clock.sleep(5_000);
  await refreshToken(deps, wish(all), 1);
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('the app’s own token comes from a call without a grant', async () => {
  const all = await createFunctionWorld();
  const { deps, world, clock } = all;
  await deps.credentials.put('plain-app', { refreshToken: null, dueAt: clock.now() });
  const connection = { connectionId: 'plain-app', marketplace: 'plain', sellerId: 'app', settings: {} };
  await deps.connections.put({ ...connection, grant: 'app' });
  world.answering = () => answer({ accessToken: 'app-access', expiresInMs: HOUR_MS });
  await refreshToken(deps, wish(all, 1, 'plain-app'), 1);
  assert.match(all.calls[0]!.url, /app-token$/);
  assert.equal((await deps.credentials.accessToken('plain-app'))?.accessToken, 'app-access');
});

test('a wish for a connection that does not exist can never be granted', async () => {
  const all = await createFunctionWorld();
  await assert.rejects(refreshToken(all.deps, wish(all), 1), { kind: 'permanent', code: 'connection-unknown' });
});

test('a tick asks once for each connection that is due, those too whose last exchange told no end', async () => {
  const all = await createFunctionWorld();
  const { deps, clock } = all;
  const now = clock.now();
  for (let i = 0; i < 250; i++) {
    const connectionId = `plain-${i}`;
    await deps.credentials.put(connectionId, { refreshToken: 'x', dueAt: now });
    if (i % 2 === 0) continue;
    const lease = await deps.credentials.acquire(connectionId, { ifGeneration: 1, owner: 'x', now, leaseMs: LEASE_MS });
    assert.ok(lease.outcome === 'acquired');
    if (i % 4 === 1) await deps.credentials.release(connectionId, lease.fence, { now, dueAt: now, uncertain: true });
  }
  await requestDueRefreshes(deps);
  const asked = await all.takeEvents('token-refresh', 'token-refresh.requested');
  assert.equal(asked.length, 250);
  assert.equal(new Set(asked.map(({ data }) => data.connectionId)).size, 250);
  assert.equal((await deps.credentials.due(now, 1_000)).length, 62);
  assert.equal((await deps.credentials.due(now + 300_000, 1_000)).length, 250);
});
