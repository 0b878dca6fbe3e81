import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '#platform/runtime/random.ts';
import { type Acquired, createCredentials, type NewTokens } from '#platform/state/credentials.ts';
import { createEncryption, type DataKeys, newDataKeys } from '#platform/state/encryption.ts';
import { createStateWorld, slowed } from '#test/support/state-world.ts';

const LEASE_MS = 90_000;
const HOUR_MS = 3_600_000;

function createWorld() {
  const world = createStateWorld();
  const credentials = createCredentials(world);
  const { clock } = world;

  const acquire = (ifGeneration = 1, owner = 'anyone') =>
    credentials.acquire('c', { ifGeneration, owner, now: clock.now(), leaseMs: LEASE_MS });
  async function acquired(): Promise<Acquired> {
    const lease = await acquire();
    assert.ok(lease.outcome === 'acquired', lease.outcome);
    return lease;
  }
  const announced = async () => credentials.announced('c', await credentials.generation('c'));
  const tokens = (name: string): NewTokens => ({
    accessToken: `access-${name}`,
    accessTokenExpiresAt: clock.now() + HOUR_MS,
    refreshToken: `refresh-${name}`,
    refreshTokenExpiresAt: undefined,
  });
  const dueAtAll = () => credentials.due(Number.MAX_SAFE_INTEGER / 2, 100);
  return { ...world, credentials, acquire, acquired, announced, tokens, dueAtAll };
}

async function granted() {
  const world = createWorld();
  await world.credentials.put('c', { refreshToken: 'refresh-0', dueAt: world.clock.now() });
  return world;
}

test('of any number that ask at once, however their calls meet, one gets the lease', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.integer({ min: 2, max: 6 }), async (seed, askers) => {
      const { clock, store, encryption, credentials } = await granted();
      const random = seededRandom(seed);
      const store_ = slowed(store, clock, () => random.fraction() * 50);
      const outcomes = await Promise.all(
        Array.from({ length: askers }, async (_, i) => {
          await clock.sleep(random.fraction() * 100);
          const own = createCredentials({ store: store_, encryption });
          const options = { ifGeneration: 1, owner: `asker-${i}`, now: clock.now(), leaseMs: LEASE_MS };
          return (await own.acquire('c', options)).outcome;
        }),
      );
      assert.equal(outcomes.filter((outcome) => outcome === 'acquired').length, 1);
      assert.equal(outcomes.filter((outcome) => outcome === 'busy').length, askers - 1);
      assert.equal(await credentials.generation('c'), 1);
    }),
    { numRuns: 30 },
  );
});

test('what an exchange gave is in use once it is stored, and who asked with the old one is told so', async () => {
  const { credentials, acquire, acquired, announced, tokens } = await granted();
  assert.equal(await credentials.accessToken('c'), undefined);
  const lease = await acquired();
  assert.equal(lease.refreshToken, 'refresh-0');
  assert.equal(await credentials.store('c', lease.fence, tokens('1'), 1), true);
  const { accessToken, generation } = (await credentials.accessToken('c'))!;
  assert.deepEqual([accessToken, generation], ['access-1', 2]);
  await announced();
  assert.equal((await acquire(1)).outcome, 'fresh');
  const next = await acquire(2);
  assert.ok(next.outcome === 'acquired');
  assert.deepEqual([next.refreshToken, next.interrupted], ['refresh-1', false]);
});

test('an answer without a refresh token keeps the one in use', async () => {
  const { credentials, acquire, acquired, announced, tokens } = await granted();
  const lease = await acquired();
  await credentials.store('c', lease.fence, { ...tokens('1'), refreshToken: undefined }, 1);
  await announced();
  const next = await acquire(2);
  assert.ok(next.outcome === 'acquired' && next.refreshToken === 'refresh-0');
});

test('a lease that ran out goes to the next, who is told of it; the late one can store nothing', async () => {
  const { clock, credentials, acquire, acquired, tokens } = await granted();
  const late = await acquired();
  assert.equal(late.interrupted, false);
  await clock.sleep(LEASE_MS - 1);
  assert.equal((await acquire()).outcome, 'busy');
  await clock.sleep(1);
  const next = await acquired();
  assert.equal(next.interrupted, true);
  assert.equal(await credentials.store('c', late.fence, tokens('late'), 1), false);
  assert.equal(
    await credentials.release('c', late.fence, { now: clock.now(), dueAt: clock.now(), uncertain: false }),
    false,
  );
  assert.equal(await credentials.store('c', next.fence, tokens('next'), 1), true);
  assert.equal((await credentials.accessToken('c'))?.accessToken, 'access-next');
});

test('whatever else is written meanwhile, a lease holds, and its holder may store twice', async () => {
  const { credentials, acquired, tokens } = await granted();
  const first = await acquired();
  await credentials.store('c', first.fence, tokens('1'), 1);
  assert.equal(await credentials.store('c', first.fence, tokens('1'), 1), true);
  await credentials.announced('c', 2);
  const lease = await credentials.acquire('c', { ifGeneration: 2, owner: 'x', now: 0, leaseMs: LEASE_MS });
  assert.ok(lease.outcome === 'acquired');
  await credentials.refused('c', 2);
  assert.equal(await credentials.store('c', lease.fence, tokens('2'), 1), true);
  assert.equal((await credentials.accessToken('c'))?.accessToken, 'access-2');
});

test('an access token that was refused is never handed out again; a newer one is', async () => {
  const { credentials, acquired, tokens } = await granted();
  const lease = await acquired();
  await credentials.store('c', lease.fence, tokens('1'), 1);
  await credentials.refused('c', 1);
  assert.equal((await credentials.accessToken('c'))?.generation, 2);
  await credentials.refused('c', 2);
  assert.equal(await credentials.accessToken('c'), undefined);
  assert.equal(await credentials.generation('c'), 2);
});

test('a refresh that nobody was told of comes before the next one, and outlives a new consent', async () => {
  const { clock, credentials, acquire, acquired, announced, tokens } = await granted();
  const lease = await acquired();
  await credentials.store('c', lease.fence, tokens('1'), 1);
  const untold = await acquire(2);
  const refreshed = { generation: 2, accessTokenExpiresAt: clock.now() + HOUR_MS, rotated: true };
  assert.deepEqual(untold, { outcome: 'unannounced', refreshed });
  await credentials.put('c', { refreshToken: 'refresh-new', dueAt: clock.now() });
  assert.deepEqual(await acquire(3), untold);
  await announced();
  assert.equal((await acquire(3)).outcome, 'unannounced');
  await credentials.announced('c', 2);
  assert.equal((await acquire(3)).outcome, 'acquired');
});

test('a connection whose lease is in force is due when it ends', async () => {
  const { clock, credentials, acquired } = await granted();
  await acquired();
  assert.deepEqual(await credentials.due(clock.now() + LEASE_MS - 1, 100), []);
  assert.deepEqual(await credentials.due(clock.now() + LEASE_MS, 100), ['c']);
});

test('a dead grant is buried by the holder of the lease alone, and a new consent brings the connection back', async () => {
  const { clock, credentials, acquire, acquired } = await granted();
  const lease = await acquired();
  const dead = { reason: 'grant-dead', dueAt: clock.now() };
  assert.equal(await credentials.bury('c', lease.fence + 1, dead), false);
  assert.equal(await credentials.bury('c', lease.fence, dead), true);
  assert.deepEqual(await acquire(), { outcome: 'dead', reason: 'grant-dead', generation: 1 });
  assert.deepEqual(await credentials.due(clock.now(), 100), ['c']);
  await credentials.rest('c', 1);
  assert.deepEqual(await credentials.due(clock.now() + 1_000 * HOUR_MS, 100), []);
  await credentials.put('c', { refreshToken: 'refresh-new', dueAt: clock.now() });
  assert.deepEqual(await credentials.due(clock.now(), 100), ['c']);
  assert.equal((await acquire(2)).outcome, 'acquired');
});

test('connections are given phases that lie evenly, whoever gives them', async () => {
  const { store, encryption } = await granted();
  const phases: number[] = [];
  await Promise.all(
    Array.from({ length: 500 }, async (_, i) => {
      const own = createCredentials({ store, encryption });
      await own.put(`c-${i}`, { refreshToken: 'x', dueAt: 0 });
      const lease = await own.acquire(`c-${i}`, { ifGeneration: 1, owner: 'x', now: 0, leaseMs: 1 });
      assert.ok(lease.outcome === 'acquired');
      phases.push(lease.phase);
    }),
  );
  for (let part = 0; part < 10; part++) {
    const inside = phases.filter((phase) => Math.floor(phase * 10) === part).length;
    assert.ok(inside >= 48 && inside <= 52, `${inside} of 500 in the part ${part}`);
  }
});

test('under a new data key, tokens are sealed anew by the next write, or by being asked to', async () => {
  const { store, random, credentials, acquired, tokens } = await granted();
  const old = newDataKeys(random);
  const both: DataKeys = { current: '2', keys: { 1: old.keys[1]!, 2: newDataKeys(random).keys[1]! } };
  const before = createCredentials({ store, encryption: createEncryption(old, random) });
  const after = createCredentials({ store, encryption: createEncryption(both, random) });
  const sealedBy = async (id: string) => {
    const { accessToken, refreshToken } = (await store.get('credentials', id, 'tokens'))!.value as Record<
      string,
      string
    >;
    return [accessToken, refreshToken].map((sealed) => sealed?.split('.')[0]);
  };
  for (const id of ['written', 'asked']) {
    await before.put(id, { refreshToken: 'refresh-0', dueAt: 0 });
    const lease = await before.acquire(id, { ifGeneration: 1, owner: 'x', now: 0, leaseMs: 1 });
    assert.ok(lease.outcome === 'acquired');
    await before.store(id, lease.fence, { ...tokens('1'), refreshToken: undefined }, 1);
    assert.deepEqual(await sealedBy(id), ['1', '1']);
    assert.equal((await after.accessToken(id))?.accessToken, 'access-1');
  }
  await after.announced('written', 2);
  assert.equal(await after.renew('written'), false);
  assert.equal(await after.renew('asked'), true);
  assert.equal(await after.renew('asked'), false);
  for (const id of ['written', 'asked']) {
    assert.deepEqual(await sealedBy(id), ['2', '2']);
    assert.equal((await after.accessToken(id))?.accessToken, 'access-1');
    await assert.rejects(before.accessToken(id));
  }
  assert.equal(after.newestOfSeveralKeys(), '2');
  assert.equal(before.newestOfSeveralKeys(), undefined);
  assert.equal(credentials.newestOfSeveralKeys(), undefined);
  await acquired();
});

test('a lease given back is free at once; where the exchange may have had an effect, the next is told', async () => {
  const { clock, credentials, acquired } = await granted();
  for (const uncertain of [false, true]) {
    const lease = await acquired();
    assert.equal(lease.interrupted, false);
    const options = { now: clock.now(), dueAt: clock.now(), uncertain };
    assert.equal(await credentials.release('c', lease.fence, options), true);
  }
  assert.equal((await acquired()).interrupted, true);
});

test('a new consent ends an exchange under way: its result is not stored over the new grant', async () => {
  const { clock, credentials, acquire, acquired, tokens } = await granted();
  const lease = await acquired();
  await credentials.put('c', { refreshToken: 'refresh-new', dueAt: clock.now() });
  assert.equal(await credentials.store('c', lease.fence, tokens('old'), 1), false);
  const next = await acquire(2);
  assert.ok(next.outcome === 'acquired');
  assert.deepEqual([next.refreshToken, next.interrupted], ['refresh-new', false]);
});

test('a connection stands in the index once, at the time at which it is due', async () => {
  const { clock, credentials, acquired, tokens, dueAtAll } = await granted();
  const now = clock.now();
  await credentials.put('later', { refreshToken: null, dueAt: now + HOUR_MS });
  await credentials.put('earlier', { refreshToken: null, dueAt: now - HOUR_MS });
  assert.deepEqual(await credentials.due(now, 100), ['earlier', 'c']);
  assert.deepEqual(await credentials.due(now, 1), ['earlier']);
  const lease = await acquired();
  await credentials.store('c', lease.fence, tokens('1'), now + 2 * HOUR_MS);
  assert.deepEqual(await credentials.due(now + HOUR_MS, 100), ['earlier', 'later']);
  await credentials.postpone('earlier', 1, { now, dueAt: now + 3 * HOUR_MS, soonAt: now });
  await credentials.put('later', { refreshToken: 'x', dueAt: now + 4 * HOUR_MS });
  assert.deepEqual(await dueAtAll(), ['c', 'earlier', 'later']);
});

test('while one request waits in line the others for the same need not; it goes on with its place, or makes way in time', async () => {
  const { clock, credentials } = await granted();
  const now = clock.now();
  const asked = { ifGeneration: 1, now };
  await credentials.postpone('c', 1, { now, dueAt: now + HOUR_MS, soonAt: now, turnAt: now + 5 });
  assert.equal((await credentials.look('c', asked)).outcome, 'in-line');
  assert.equal((await credentials.look('c', { ...asked, turnAt: now + 9 })).outcome, 'in-line');
  assert.equal((await credentials.look('c', { ...asked, turnAt: now + 5 })).outcome, 'free');
  assert.equal((await credentials.look('c', { ...asked, now: now + HOUR_MS })).outcome, 'free');
});

test('to postpone breaks no lease in force, and does not touch a newer generation', async () => {
  const { clock, credentials, acquired, tokens, dueAtAll } = await granted();
  const now = clock.now();
  const lease = await acquired();
  await credentials.postpone('c', 1, { now, dueAt: now + HOUR_MS, soonAt: now });
  assert.equal(await credentials.store('c', lease.fence, tokens('1'), now), true);
  await credentials.postpone('c', 1, { now, dueAt: now + HOUR_MS, soonAt: now });
  assert.deepEqual(await credentials.due(now, 100), ['c']);
  assert.deepEqual(await dueAtAll(), ['c']);
});

test('a connection whose exchange is uncertain is postponed all the same, and stays marked as interrupted', async () => {
  const { clock, credentials, acquired } = await granted();
  const lease = await acquired();
  const now = clock.now();
  await credentials.release('c', lease.fence, { now, dueAt: now, uncertain: true });
  await credentials.postpone('c', 1, { now, dueAt: now + HOUR_MS, soonAt: now });
  assert.deepEqual(await credentials.due(now, 100), []);
  assert.equal((await acquired()).interrupted, true);
});

test('a connection whose exchange was cut off is asked about again soon', async () => {
  const { clock, credentials, acquired } = await granted();
  await acquired();
  await clock.sleep(LEASE_MS);
  const now = clock.now();
  await credentials.postpone('c', 1, { now, dueAt: now + HOUR_MS, soonAt: now + 1_000 });
  assert.deepEqual(await credentials.due(now, 100), []);
  assert.deepEqual(await credentials.due(now + 1_000, 100), ['c']);
});

test('tokens are stored only encrypted, and another connection’s record can’t be passed off as one’s own', async () => {
  const { store, credentials, acquired, tokens } = await granted();
  const lease = await acquired();
  await credentials.store('c', lease.fence, tokens('1'), 1);
  const item = (await store.get('credentials', 'c', 'tokens'))!;
  assert.doesNotMatch(JSON.stringify(item.value), /access-1|refresh-1/);
  const row = { table: 'credentials', partition: 'thief', sort: 'tokens', condition: 'absent' as const };
  await store.write([{ ...row, value: item.value }]);
  await assert.rejects(credentials.accessToken('thief'));
  const unannounced = { ...(item.value as object), unannounced: null };
  await store.write([{ ...row, condition: 'none', value: unannounced }]);
  await assert.rejects(credentials.acquire('thief', { ifGeneration: 9, owner: 'x', now: 0, leaseMs: 1 }));
});

test('a connection without credentials has none to lease', async () => {
  const { credentials, acquire } = createWorld();
  assert.deepEqual(await acquire(), { outcome: 'absent' });
  assert.equal(await credentials.generation('c'), 0);
  assert.equal(await credentials.store('c', 1, { accessToken: 'x' } as NewTokens, 1), false);
});
