import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '#platform/runtime/random.ts';
import { type Acquired, createCredentials, type NewTokens } from '#platform/state/credentials.ts';
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
  const tokens = (name: string): NewTokens => ({
    accessToken: `access-${name}`,
    accessTokenExpiresAt: clock.now() + HOUR_MS,
    refreshToken: `refresh-${name}`,
    refreshTokenExpiresAt: undefined,
  });
  const dueAtAll = () => credentials.due(Number.MAX_SAFE_INTEGER / 2, 100);
  return { ...world, credentials, acquire, acquired, tokens, dueAtAll };
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
  const { credentials, acquire, acquired, tokens } = await granted();
  assert.equal(await credentials.accessToken('c'), undefined);
  const lease = await acquired();
  assert.equal(lease.refreshToken, 'refresh-0');
  assert.equal(await credentials.store('c', lease.fence, tokens('1'), 1), true);
  const { accessToken, generation } = (await credentials.accessToken('c'))!;
  assert.deepEqual([accessToken, generation], ['access-1', 2]);
  assert.equal((await acquire(1)).outcome, 'fresh');
  const next = await acquire(2);
  assert.ok(next.outcome === 'acquired');
  assert.deepEqual([next.refreshToken, next.interrupted], ['refresh-1', false]);
});

test('an answer without a refresh token keeps the one in use', async () => {
  const { credentials, acquire, acquired, tokens } = await granted();
  const lease = await acquired();
  await credentials.store('c', lease.fence, { ...tokens('1'), refreshToken: undefined }, 1);
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
  await credentials.postpone('earlier', 1, { now, dueAt: now + 3 * HOUR_MS });
  await credentials.put('later', { refreshToken: 'x', dueAt: now + 4 * HOUR_MS });
  assert.deepEqual(await dueAtAll(), ['c', 'earlier', 'later']);
});

test('to postpone breaks no lease in force, and does not touch a newer generation', async () => {
  const { clock, credentials, acquired, tokens, dueAtAll } = await granted();
  const now = clock.now();
  const lease = await acquired();
  await credentials.postpone('c', 1, { now, dueAt: now + HOUR_MS });
  assert.equal(await credentials.store('c', lease.fence, tokens('1'), now), true);
  await credentials.postpone('c', 1, { now, dueAt: now + HOUR_MS });
  assert.deepEqual(await credentials.due(now, 100), ['c']);
  assert.deepEqual(await dueAtAll(), ['c']);
});

test('a connection whose exchange told no end is postponed all the same, and stays marked as interrupted', async () => {
  const { clock, credentials, acquired } = await granted();
  const lease = await acquired();
  const now = clock.now();
  await credentials.release('c', lease.fence, { now, dueAt: now, uncertain: true });
  await credentials.postpone('c', 1, { now, dueAt: now + HOUR_MS });
  assert.deepEqual(await credentials.due(now, 100), []);
  assert.equal((await acquired()).interrupted, true);
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
  await assert.rejects(credentials.acquire('thief', { ifGeneration: 9, owner: 'x', now: 0, leaseMs: 1 }));
});

test('a connection without credentials has none to lease', async () => {
  const { credentials, acquire } = createWorld();
  assert.deepEqual(await acquire(), { outcome: 'absent' });
  assert.equal(await credentials.generation('c'), 0);
  assert.equal(await credentials.store('c', 1, { accessToken: 'x' } as NewTokens, 1), false);
});
