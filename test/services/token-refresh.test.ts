import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '#platform/runtime/failure.ts';
import { nextRefreshAt } from '#services/token-refresh/next-refresh-at.ts';
import { refreshToken } from '#services/token-refresh/refresh-token.ts';
import { requestDueRefreshes } from '#services/token-refresh/request-due-refreshes.ts';
import { ASK_AGAIN_MS, ASK_SOON_MS, EXCHANGE_TIMEOUT_MS, LEASE_MS } from '#services/token-refresh/times.ts';
import { createFunctionWorld, type FunctionWorld, publisherAway } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

const HOUR_MS = 3_600_000;

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
  await assert.rejects(refreshToken(killed, wish(all), { attempt: 1 }), /killed/);
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
  await refreshToken(deps, wish(all, 2), { attempt: 1 });
  await refreshToken(deps, wish(all, 3), { attempt: 1 });
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
      { attempt: 1 },
    ),
  );
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
  await refreshToken(deps, wish(all), { attempt: 2 });
  await refreshToken(deps, wish(all, 2), { attempt: 1 });
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-2');
  assert.equal((await deps.connections.get('plain-1'))?.status, 'active');
});

test('a refresh is told once, with an id made of connection and generation, and without a token', async () => {
  const all = await connected();
  await refreshToken(all.deps, wish(all), { attempt: 1 });
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

test('a refresh that nobody could be told of is told as soon as its message comes back, with the same id', async () => {
  const all = await connected();
  const { deps } = all;
  await assert.rejects(
    refreshToken(
      publisherAway(deps, 'token.refreshed', () => true),
      wish(all),
      { attempt: 1 },
    ),
  );
  assert.deepEqual(await all.takeEvents('audit', 'token.refreshed'), []);
  await refreshToken(deps, wish(all), { attempt: 2 });
  await refreshToken(deps, wish(all), { attempt: 3 });
  const told = await all.takeEvents('audit', 'token.refreshed');
  assert.deepEqual(
    told.map(({ id, data }) => [id, data.rotated]),
    [['plain-1/2', true]],
  );
  assert.equal(all.calls.length, 1);
});

test('a rotated token is stored though the engine fails again and again, as long as the lease holds', async () => {
  for (const hasEffect of [false, true]) {
    const all = await connected();
    const { deps } = all;
    let failures = 0;
    const store: typeof deps.credentials.store = async (...parameters) => {
      if (failures >= 4) return deps.credentials.store(...parameters);
      failures += 1;
      if (hasEffect) await deps.credentials.store(...parameters);
      throw new Error('the engine is in trouble');
    };
    await refreshToken({ ...deps, credentials: { ...deps.credentials, store } }, wish(all), { attempt: 1 });
    assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
    assert.equal((await all.takeEvents('audit', 'token.refreshed')).length, 1);
  }
});

test('an exchange whose result comes after another lease was taken stores nothing', async () => {
  const all = await connected();
  const { deps, world, clock } = all;
  world.answering = async () => {
    await clock.sleep(LEASE_MS + 1);
    const { outcome } = await deps.credentials.acquire('plain-1', {
      ifGeneration: 1,
      owner: 'another',
      now: clock.now(),
      leaseMs: LEASE_MS,
    });
    assert.equal(outcome, 'acquired');
    return answer({ accessToken: 'late', expiresInMs: HOUR_MS, refreshToken: 'late' });
  };
  await assert.rejects(refreshToken(deps, wish(all), { attempt: 1 }), { code: 'lease-lost' });
  assert.equal(await deps.credentials.accessToken('plain-1'), undefined);
});

test('an exchange is given up well before its lease ends, and none begins on a lease that runs out', async () => {
  const all = await connected();
  const { deps, clock } = all;
  const timeouts: number[] = [];
  const send: typeof deps.send = (request, options) => {
    timeouts.push(options.timeoutMs);
    return deps.send(request, options);
  };
  await refreshToken({ ...deps, send }, wish(all), { attempt: 1 });
  assert.deepEqual(timeouts, [EXCHANGE_TIMEOUT_MS]);
  const standsStill: typeof deps.credentials.acquire = async (...parameters) => {
    const lease = await deps.credentials.acquire(...parameters);
    await clock.sleep(LEASE_MS);
    return lease;
  };
  const credentials = { ...deps.credentials, acquire: standsStill };
  await assert.rejects(refreshToken({ ...deps, credentials, send }, wish(all, 2), { attempt: 1 }), {
    code: 'lease-too-old',
  });
  assert.equal(timeouts.length, 1);
  await refreshToken(deps, wish(all, 2), { attempt: 2 });
});

test('the lease is taken when the call has its place, so that no waiting shortens it', async () => {
  const all = await connected();
  const { deps, clock } = all;
  const book: typeof deps.budgets.book = async (...parameters) => {
    await clock.sleep(2 * LEASE_MS);
    return deps.budgets.book(...parameters);
  };
  await refreshToken({ ...deps, budgets: { ...deps.budgets, book } }, wish(all), { attempt: 1 });
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('however many ask at once, there is one exchange, and who finds it under way comes back after it', async () => {
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
      const asked = wish(all);
      await refreshToken(deps, asked, { attempt: 1 }).catch(async (thrown: unknown) => {
        assert.ok(thrown instanceof Failure && thrown.kind === 'throttled' && thrown.code === 'refresh-under-way');
        await clock.sleep(thrown.retryAfterMs!);
        await refreshToken(deps, asked, { attempt: 1 });
      });
    }),
  );
  assert.equal(calls.length, 1);
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('a wish that a newer token has answered already makes no exchange', async () => {
  const all = await connected();
  await refreshToken(all.deps, wish(all), { attempt: 1 });
  await refreshToken(all.deps, wish(all), { attempt: 1 });
  assert.equal(all.calls.length, 1);
});

test('a token is refreshed at its connection’s place in a period, and well before its end', async () => {
  const all = await connected();
  const { deps, clock } = all;
  const life = 4 * HOUR_MS;
  let last = 0;
  for (let version = 1; version <= 20; version++) {
    const now = clock.now();
    await refreshToken(deps, wish(all, version), { attempt: 1 });
    if (version > 1) assert.ok(Math.abs(now - last - 0.75 * life) <= 15_000, `${now - last} ms`);
    last = now;
    assert.deepEqual(await deps.credentials.due(now + 0.85 * life, 10), ['plain-1']);
    while ((await deps.credentials.due(clock.now(), 10)).length === 0) await clock.sleep(15_000);
  }
});

test('ten thousand tokens got in one minute are refreshed evenly from the first period on, whatever their life', () => {
  const connections = Array.from({ length: 10_000 }, (_, n) => (n * 0.6180339887498949) % 1);
  for (const lifeMs of [0.25, 1, 2, 4, 6].map((hours) => hours * HOUR_MS)) {
    const perMinute = new Map<number, number>();
    for (const [n, phase] of connections.entries()) {
      const startAt = 1_767_225_600_000 + n * 6;
      for (let now = startAt; now < startAt + 3 * lifeMs; ) {
        const next = nextRefreshAt(now + lifeMs, now, phase);
        assert.ok(next > now && next <= now + 0.85 * lifeMs);
        now = next + (n % 15) * 1_000; // found by a tick
        const minute = Math.floor((now - 1_767_225_600_000) / 60_000);
        perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
      }
    }
    const counts = [...perMinute].filter(([minute]) => minute * 60_000 < 2 * lifeMs).map(([, count]) => count);
    const mean = 10_000 / ((0.75 * lifeMs) / 60_000);
    assert.ok(Math.max(...counts) / mean <= 1.3, `${Math.max(...counts)} of ${mean} at a life of ${lifeMs} ms`);
  }
});

test('a dead grant needs its seller’s consent, which is said once, and nothing more is exchanged', async () => {
  const all = await connected();
  const { world, deps, clock, calls } = all;
  world.answering = async () => {
    await clock.sleep(1_000);
    return dead();
  };
  const asked = await Promise.allSettled(
    Array.from({ length: 10 }, () => refreshToken(deps, wish(all), { attempt: 1 })),
  );
  assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 1);
  await refreshToken(deps, wish(all), { attempt: 1 });
  assert.equal(calls.length, 1);
  const { status, statusReason, announced } = (await deps.connections.get('plain-1'))!;
  assert.deepEqual([status, statusReason, announced], ['needs-consent', 'grant-dead', true]);
  const told = await all.takeEvents('seller-events', 'connection.consent-needed');
  assert.deepEqual(
    told.map(({ id, data }) => [id, data]),
    [['plain-1/consent-needed/1', { connectionId: 'plain-1', marketplace: 'plain', reason: 'grant-dead' }]],
  );
  assert.deepEqual(await deps.credentials.due(clock.now() + 365 * 24 * HOUR_MS, 10), []);
});

test('a dead grant that could not be told is told when the message comes back, or by a tick soon', async () => {
  for (const type of ['connection.consent-needed', 'token-refresh.requested'] as const) {
    const all = await connected();
    const { clock } = all;
    all.world.answering = dead;
    await assert.rejects(
      refreshToken(
        publisherAway(all.deps, 'connection.consent-needed', () => true),
        wish(all),
        { attempt: 1 },
      ),
      /unclassified|killed/,
    );
    if (type === 'token-refresh.requested') {
      await clock.sleep(ASK_SOON_MS);
      assert.deepEqual(await all.deps.credentials.due(clock.now(), 10), ['plain-1']);
    }
    await refreshToken(all.deps, wish(all), { attempt: 2 });
    await refreshToken(all.deps, wish(all), { attempt: 3 });
    assert.equal((await all.takeEvents('seller-events', 'connection.consent-needed')).length, 1);
    assert.deepEqual(await all.deps.credentials.due(clock.now() + 365 * 24 * HOUR_MS, 10), []);
  }
});

test('where refresh tokens rotate, a grant that is dead after a lost answer is told as just that', async () => {
  const all = await connected();
  const { world, deps } = all;
  world.answering = lost;
  await assert.rejects(refreshToken(deps, wish(all), { attempt: 1 }), { kind: 'retryable' });
  world.answering = () => answer({ error: 'busy' }, 429);
  await assert.rejects(refreshToken(deps, wish(all), { attempt: 2 }), { kind: 'throttled' });
  world.answering = dead;
  await all.clock.sleep(10_000);
  await refreshToken(deps, wish(all), { attempt: 2 });
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
    await assert.rejects(refreshToken(deps, wish(all), { attempt: 1 }), {
      kind: 'throttled',
      retryAfterMs: LEASE_MS + 1_000,
    });
    assert.equal(all.calls.length, 0);
    await clock.sleep(LEASE_MS);
    if (answering) world.answering = answering;
    await refreshToken(deps, wish(all), { attempt: 1 });
    assert.match(all.calls[0]!.body!, /refresh-0/);
    assert.equal((await deps.connections.get('plain-1'))?.statusReason, reason);
  }
});

test('where refresh tokens don’t rotate, a lost answer loses nothing', async () => {
  const all = await connected({ rotation: 'none' });
  const { world, deps } = all;
  world.answering = lost;
  await assert.rejects(refreshToken(deps, wish(all), { attempt: 1 }), { kind: 'retryable' });
  world.answering = dead;
  await refreshToken(deps, wish(all), { attempt: 2 });
  assert.equal((await deps.connections.get('plain-1'))?.statusReason, 'grant-dead');
});

test('refused credentials of the app cost no seller’s consent, and are tried again later', async () => {
  const all = await connected();
  const { world, deps, clock } = all;
  const rotate = world.answering;
  world.answering = () => answer({ error: 'app-credentials-refused' }, 400);
  await assert.rejects(refreshToken(deps, wish(all), { attempt: 1 }), {
    kind: 'permanent',
    code: 'app-credentials-refused',
  });
  assert.equal((await deps.connections.get('plain-1'))?.status, 'active');
  assert.deepEqual(await all.takeEvents('seller-events', 'connection.consent-needed'), []);
  assert.deepEqual(await deps.credentials.due(clock.now() + HOUR_MS / 5, 10), []);
  assert.deepEqual(await deps.credentials.due(clock.now() + HOUR_MS / 4, 10), ['plain-1']);
  world.answering = rotate;
  await refreshToken(deps, wish(all), { attempt: 1 });
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('a seller who consents anew while the old grant is refused stays connected', async () => {
  const all = await connected();
  const { world, deps } = all;
  world.answering = async () => {
    await all.connect();
    return dead();
  };
  await refreshToken(deps, wish(all), { attempt: 1 });
  assert.equal((await deps.connections.get('plain-1'))?.status, 'active');
  assert.deepEqual(await all.takeEvents('seller-events', 'connection.consent-needed'), []);
  world.answering = rotating(all);
  await refreshToken(deps, wish(all, 2), { attempt: 1 });
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('a connection marked in the moment in which its seller consents anew comes back by itself', async () => {
  const all = await connected();
  const { world, deps } = all;
  world.answering = dead;
  const needsConsent: typeof deps.connections.needsConsent = async (...parameters) => {
    await all.connect();
    return deps.connections.needsConsent(...parameters);
  };
  await refreshToken({ ...deps, connections: { ...deps.connections, needsConsent } }, wish(all), { attempt: 1 });
  world.answering = rotating(all);
  await refreshToken(deps, wish(all, 2), { attempt: 1 });
  const { status, announced } = (await deps.connections.get('plain-1'))!;
  assert.deepEqual([status, announced], ['active', false]);
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('a throttled exchange gives the lease back, for who comes after it', async () => {
  const all = await connected();
  const { world, deps } = all;
  const rotate = world.answering;
  world.answering = () => answer({ error: 'too-many' }, 429);
  await assert.rejects(refreshToken(deps, wish(all), { attempt: 1 }), { kind: 'throttled' });
  world.answering = rotate;
  await all.clock.sleep(5_000);
  await refreshToken(deps, wish(all), { attempt: 1 });
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('the app’s own token comes from a call without a grant', async () => {
  const all = await createFunctionWorld();
  const { deps, world, clock } = all;
  await deps.credentials.put('plain-app', { refreshToken: null, dueAt: clock.now() });
  const connection = { connectionId: 'plain-app', marketplace: 'plain', sellerId: 'app', settings: {} };
  await deps.connections.put({ ...connection, grant: 'app' });
  world.answering = () => answer({ accessToken: 'app-access', expiresInMs: HOUR_MS });
  await refreshToken(deps, wish(all, 1, 'plain-app'), { attempt: 1 });
  assert.match(all.calls[0]!.url, /app-token$/);
  assert.equal((await deps.credentials.accessToken('plain-app'))?.accessToken, 'app-access');
});

test('a wish for a connection that does not exist can never be granted', async () => {
  const all = await createFunctionWorld();
  await assert.rejects(refreshToken(all.deps, wish(all), { attempt: 1 }), {
    kind: 'permanent',
    code: 'connection-unknown',
  });
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
  assert.equal(asked.length, 188);
  assert.equal(new Set(asked.map(({ data }) => data.connectionId)).size, 188);
  // Of a lease in force nothing is known yet: it is due when it ends.
  assert.equal((await deps.credentials.due(now, 1_000)).length, 0);
  assert.equal((await deps.credentials.due(now + LEASE_MS, 1_000)).length, 62);
  assert.equal((await deps.credentials.due(now + ASK_AGAIN_MS, 1_000)).length, 250);
});
