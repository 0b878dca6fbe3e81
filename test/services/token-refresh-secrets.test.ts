import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { Marketplace } from '#marketplaces/marketplace.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { createCredentials } from '#platform/state/credentials.ts';
import { loadEncryption, Registrations, registrationSecret, rollDataKey } from '#platform/state/secrets.ts';
import { refreshToken } from '#services/token-refresh/refresh-token.ts';
import { createRenewal } from '#services/token-refresh/renew-old-tokens.ts';
import { createFunctionWorld, type FunctionWorld } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

const HOUR_MS = 3_600_000;

/** A marketplace whose token calls show the app's secret. */
function withSecret(marketplace: Marketplace): Marketplace {
  return {
    ...marketplace,
    appSchema: z.object({ secret: z.string().min(1) }),
    auth: {
      ...marketplace.auth,
      refreshCall(app: { secret: string }, options: Parameters<Marketplace['auth']['refreshCall']>[1]) {
        const { operation, request } = marketplace.auth.refreshCall(app, options);
        return { operation, request: { ...request, body: JSON.stringify({ ...JSON.parse(request.body!), ...app }) } };
      },
    },
  } as unknown as Marketplace;
}

const wish = ({ deps }: FunctionWorld) =>
  deps.newEvent('token-refresh.requested', { connectionId: 'plain-1', reason: 'due', credentialsVersion: 1 });

test('a new registration is used without a restart, at once when the old one is refused', async () => {
  const all = await createFunctionWorld();
  await all.connect();
  const { world, deps, clock } = all;
  world.answering = (request) =>
    JSON.parse(request.body!).secret === 'new'
      ? answer({ accessToken: 'access-1', expiresInMs: HOUR_MS })
      : answer({ error: 'app-credentials-refused' }, 400);
  const marketplace = withSecret(all.marketplace);
  const { secrets } = all.engine;
  const put = (secret: string) => secrets.put(registrationSecret('plain'), JSON.stringify({ secret }));
  await put('old');
  const members = await Registrations.load({ secrets, clock, logger: silentLogger }, [marketplace]);
  const served = { ...deps, members };
  await assert.rejects(refreshToken(served, wish(all), { attempt: 1 }), {
    kind: 'permanent',
    code: 'app-credentials-refused',
  });
  await put('new');
  await assert.rejects(refreshToken(served, wish(all), { attempt: 1 }), {
    kind: 'retryable',
    code: 'registration-changed',
  });
  await refreshToken(served, wish(all), { attempt: 2 });
  assert.equal((await deps.credentials.accessToken('plain-1'))?.accessToken, 'access-1');
});

test('a new registration is seen within minutes by whoever uses it; one that is wrong changes nothing', async () => {
  const { engine, clock, marketplace } = await createFunctionWorld();
  const { secrets } = engine;
  const errors: Record<string, unknown>[] = [];
  const logger = { error: (fields: Record<string, unknown>) => void errors.push(fields) };
  const members = await Registrations.load({ secrets, clock, logger }, [withSecret(marketplace)]);
  assert.equal(members.get('plain'), undefined);
  const soon = async () => {
    await clock.sleep(300_000);
    members.get('plain');
    await clock.sleep(1);
    return members.get('plain')?.app;
  };
  await secrets.put(registrationSecret('plain'), JSON.stringify({ secret: 'one' }));
  assert.deepEqual(await soon(), { secret: 'one' });
  const app = members.get('plain')?.app;
  assert.equal(await soon(), app);
  await secrets.put(registrationSecret('plain'), JSON.stringify({ secrat: 's3cr3t' }));
  assert.equal(await soon(), app);
  assert.match(JSON.stringify(errors), /registrations\/plain is not right at secret/);
  assert.doesNotMatch(JSON.stringify(errors), /s3cr3t/);
  await secrets.put(registrationSecret('plain'), JSON.stringify({ secret: 'two' }));
  assert.deepEqual(await soon(), { secret: 'two' });
});

test('after a roll of the data key, all tokens are sealed with the new one by and by, and none is unreadable', async () => {
  const all = await createFunctionWorld();
  const { clock, engine } = all;
  const { secrets, store } = engine;
  const random = seededRandom('roll');
  const world = { secrets, random, clock, logger: silentLogger };
  const functions = async () => {
    const encryption = await loadEncryption(world, { createIfAbsent: true });
    return { ...all.deps, credentials: createCredentials({ store, encryption }) };
  };
  const [one, other] = [await functions(), await functions()];
  for (let i = 0; i < 250; i++) {
    const connection = { connectionId: `plain-${i}`, marketplace: 'plain', sellerId: `${i}`, settings: {} };
    await one.connections.put({ ...connection, grant: 'seller' });
    await one.credentials.put(`plain-${i}`, { refreshToken: `refresh-${i}`, dueAt: clock.now() });
  }
  const keyOf = async (id: string) => {
    const item = (await store.get('credentials', id, 'tokens'))!;
    return (item.value as { refreshToken: string }).refreshToken.split('.')[0];
  };
  const { version, inForceAt } = await rollDataKey(world);
  assert.equal(version, '2');
  await assert.rejects(rollDataKey(world), /not in force yet/);
  const renewal = createRenewal(one);
  while (clock.now() < inForceAt + 60_000) {
    // Whichever function writes, the other reads.
    await one.credentials.put('plain-0', { refreshToken: 'refresh-0', dueAt: clock.now() });
    const asked = { ifGeneration: Number.MAX_SAFE_INTEGER, now: clock.now() };
    for (const id of ['plain-0', 'plain-1', 'plain-249']) {
      const found = await other.credentials.look(id, asked);
      assert.ok(found.outcome === 'free' && found.refreshToken === `refresh-${id.slice(6)}`);
    }
    assert.equal(await keyOf('plain-0'), clock.now() < inForceAt ? '1' : '2');
    await renewal.renewSome();
    await clock.sleep(15_000);
  }
  for (let i = 0; i < 250; i++) assert.equal(await keyOf(`plain-${i}`), '2');
});
