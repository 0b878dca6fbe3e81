import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Auth } from '#marketplaces/marketplace.ts';
import { consentCalendar } from '#platform/functions/consent-calendar.ts';
import { tellConsentEnds } from '#services/token-refresh/tell-consent-ends.ts';
import { createFunctionWorld, publisherAway } from '#test/support/function-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A plain marketplace with the given rules, and connections of sellers who consent now. */
async function createYear(auth: Partial<Auth<unknown>>, connectionIds = ['plain-1']) {
  const all = await createFunctionWorld();
  const marketplace = { ...all.marketplace, auth: { ...all.marketplace.auth, ...auth } };
  const deps = { ...all.deps, members: new Map([['plain', { marketplace, app: {} }]]) };
  const startedAt = all.clock.now();
  const seller = (connectionId: string) => ({
    ...{ connectionId, marketplace: 'plain', sellerId: connectionId, settings: {}, grant: 'seller' as const },
    consentedAt: all.clock.now(),
  });
  for (const connectionId of connectionIds) await deps.connections.put(seller(connectionId));
  return {
    ...all,
    deps,
    startedAt,
    seller,
    /** A grant whose refresh token ends at that time. */
    grant: (connectionId: string, refreshTokenExpiresAt: number) =>
      deps.credentials.put(connectionId, {
        refreshToken: 'refresh',
        dueAt: 0,
        tokens: { accessToken: 'access', accessTokenExpiresAt: 0, refreshTokenExpiresAt },
      }),
    /** An hourly tick for so many days: what was told, with the days since the beginning. */
    async ticks(days: number) {
      const told: { day: number; what: string | null; daysLeft: number }[] = [];
      for (let hour = 0; hour < days * 24; hour++) {
        await all.clock.sleep(HOUR_MS);
        await tellConsentEnds(deps);
        for (const { data } of await all.takeEvents('seller-events', 'connection.consent-ending')) {
          const day = Math.floor((all.clock.now() - startedAt) / DAY_MS);
          told.push({ day, what: data.connectionId ?? data.secret, daysLeft: data.daysLeft });
        }
      }
      return told;
    },
    endsInDays: async () => {
      const ends = await consentCalendar(deps, all.clock.now());
      return ends.map(({ subject, endsAt }) => [subject, (endsAt - startedAt) / DAY_MS]);
    },
  };
}

test('the end of a consent is told 30, 7 and 1 day ahead, each once, however often the tick comes', async () => {
  const year = await createYear({ consentLifetimeMs: 365 * DAY_MS });
  assert.deepEqual(await year.ticks(370), [
    { day: 335, what: 'plain-1', daysLeft: 30 },
    { day: 358, what: 'plain-1', daysLeft: 7 },
    { day: 364, what: 'plain-1', daysLeft: 1 },
  ]);
});

test('a new consent begins a new count', async () => {
  const year = await createYear({ consentLifetimeMs: 60 * DAY_MS });
  assert.deepEqual(
    (await year.ticks(40)).map(({ day }) => day),
    [30],
  );
  await year.deps.connections.put(year.seller('plain-1'));
  assert.deepEqual(
    (await year.ticks(40)).map(({ day }) => day),
    [70],
  );
});

test('who was away for the first notices gets the one that is due', async () => {
  const year = await createYear({ consentLifetimeMs: 365 * DAY_MS });
  await year.clock.sleep(360 * DAY_MS);
  assert.deepEqual(await year.ticks(5), [
    { day: 360, what: 'plain-1', daysLeft: 5 },
    { day: 364, what: 'plain-1', daysLeft: 1 },
  ]);
});

test('a notice that was published but not marked comes again under the same id; one that could not be published comes', async () => {
  const year = await createYear({ consentLifetimeMs: 20 * DAY_MS });
  const { deps } = year;
  await assert.rejects(tellConsentEnds(publisherAway(deps, 'connection.consent-ending', () => true) as typeof deps));
  const told = async () => {
    throw new Error('killed');
  };
  await assert.rejects(tellConsentEnds({ ...deps, consentNotices: { ...deps.consentNotices, told } }), /killed/);
  await tellConsentEnds(deps);
  await tellConsentEnds(deps);
  const events = await year.takeEvents('seller-events', 'connection.consent-ending');
  assert.equal(events.length, 2);
  assert.equal(new Set(events.map(({ id }) => id)).size, 1);
});

test('the marketplace’s own word goes before its rule, and the refresh token’s end before both where it is earlier', async () => {
  const year = await createYear({ consentLifetimeMs: 365 * DAY_MS }, [
    'by-rule',
    'by-word',
    'by-token',
    'by-token-late',
  ]);
  const { deps, startedAt } = year;
  await deps.connections.put({ ...year.seller('by-word'), consentEndsAt: startedAt + 90 * DAY_MS });
  await year.grant('by-token', startedAt + 180 * DAY_MS);
  await year.grant('by-token-late', startedAt + 500 * DAY_MS);
  assert.deepEqual(await year.endsInDays(), [
    ['by-word', 90],
    ['by-token', 180],
    ['by-rule', 365],
    ['by-token-late', 365],
  ]);
});

test('a refresh token that every refresh prolongs is no end of a consent, unless refreshes have failed for long', async () => {
  const year = await createYear({ refreshProlongs: true });
  await year.grant('plain-1', year.startedAt + 30 * DAY_MS);
  assert.deepEqual(await year.endsInDays(), []);
  assert.deepEqual(
    (await year.ticks(30)).map(({ daysLeft }) => daysLeft),
    [7, 1],
  );
});

test('an end that is reckoned anew with each answer, some seconds later, is told once', async () => {
  const year = await createYear({});
  for (let hour = 0; hour < 48; hour++) {
    const endsAt = year.startedAt + 30 * DAY_MS + hour * 1_500;
    await year.deps.credentials.remove('plain-1');
    await year.grant('plain-1', endsAt);
    await tellConsentEnds(year.deps);
    await year.clock.sleep(HOUR_MS);
  }
  assert.equal((await year.takeEvents('seller-events', 'connection.consent-ending')).length, 1);
});

test('the end of a secret of the app is told for the app, once', async () => {
  const year = await createYear({}, ['plain-1', 'plain-2']);
  const secretEnds = () => [{ secret: 'clientSecret', endsAt: year.startedAt + 31 * DAY_MS }];
  const [[name, member]] = [...year.deps.members] as [[string, NonNullable<ReturnType<typeof year.deps.members.get>>]];
  const marketplace = { ...member.marketplace, auth: { ...member.marketplace.auth, secretEnds } };
  year.deps.members.set(name, { ...member, marketplace });
  assert.deepEqual(
    (await year.ticks(31)).map(({ what, daysLeft }) => [what, daysLeft]),
    [
      ['clientSecret', 30],
      ['clientSecret', 7],
      ['clientSecret', 1],
    ],
  );
});

test('a connection whose seller must consent already is not told of an end besides', async () => {
  const year = await createYear({ consentLifetimeMs: 20 * DAY_MS });
  await year.deps.connections.needsConsent('plain-1', 'grant-dead');
  assert.deepEqual(await year.ticks(20), []);
});

test('those who share a grant share its end', async () => {
  const year = await createYear({}, ['plain-1']);
  await year.grant('plain-1', year.startedAt + 100 * DAY_MS);
  await year.deps.connections.put({ ...year.seller('plain-2'), grantId: 'plain-1' });
  assert.deepEqual(await year.endsInDays(), [
    ['plain-1', 100],
    ['plain-2', 100],
  ]);
});
