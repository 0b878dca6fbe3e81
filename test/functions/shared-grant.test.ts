import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsConnection } from '#platform/functions/as-connection.ts';
import { memberOf } from '#platform/functions/deps.ts';
import type { Failure } from '#platform/runtime/failure.ts';
import { newTraceparent } from '#platform/runtime/trace.ts';
import { createFunctionWorld } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

/** `plain-1` with a token in force, and `plain-2`, which uses its grant. */
async function createSharing() {
  const all = await createFunctionWorld();
  const { deps } = all;
  await all.connect('plain-1', 'access-1');
  const seller = { marketplace: 'plain', sellerId: 'two', settings: {}, grant: 'seller' as const };
  await deps.connections.put({ connectionId: 'plain-2', ...seller, grantId: 'plain-1' });
  const call = async () =>
    callAsConnection(
      deps,
      memberOf(deps.members, 'plain'),
      (await deps.connections.get('plain-2'))!,
      ({ accessToken }) => ({
        operation: 'getOrders',
        request: { method: 'GET', url: `https://plain.example/as/${accessToken}`, headers: {} },
      }),
      { orderIds: [], cause: newTraceparent(deps.random) },
    );
  return { ...all, call };
}

const failureOf = (called: Promise<unknown>): Promise<Failure> =>
  called.then(
    () => assert.fail('the call went well'),
    (failure: Failure) => failure,
  );

test('a connection that shares a grant calls with its token, under budgets and an entry of its own', async () => {
  const all = await createSharing();
  all.world.answering = () => answer([]);
  await all.call();
  assert.deepEqual(
    all.calls.map(({ url }) => url),
    ['https://plain.example/as/access-1'],
  );
  const [recorded] = await all.takeEvents('audit', 'api-call.recorded');
  assert.equal(recorded?.data.connectionId, 'plain-2');
});

test('a shared token that is refused is refused for all, and a refresh of the grant is asked for, not of the connection', async () => {
  const all = await createSharing();
  const { deps } = all;
  all.world.answering = () => answer({ error: 'token-expired' }, 401);
  const refused = await failureOf(all.call());
  assert.deepEqual([refused.kind, refused.connectionId], ['auth', 'plain-1']);
  await deps.requestTokenRefresh(refused);
  assert.equal(await deps.credentials.accessToken('plain-1'), undefined);
  const [wish] = await all.takeEvents('token-refresh', 'token-refresh.requested');
  const credentialsVersion = await deps.credentials.generation('plain-1');
  assert.deepEqual(wish?.data, { connectionId: 'plain-1', reason: 'rejected', credentialsVersion });

  const missing = await failureOf(all.call());
  assert.deepEqual([missing.code, missing.connectionId], ['no-access-token', 'plain-1']);
});
