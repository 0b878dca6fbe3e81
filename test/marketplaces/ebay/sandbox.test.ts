import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionDropped } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWorld, errorIdOf, NOTIFICATION, ORDERS } from './sandbox-world.ts';

test('the quota is counted, shown, and given back at midnight Pacific', async () => {
  const { world, call, sellerToken, appToken } = createWorld();
  const seller = await sellerToken();
  const path = '/developer/analytics/v1_beta/rate_limit/?api_context=sell&api_name=fulfillment';
  for (let count = 0; count < 3; count++) await call(seller, ORDERS);
  await call('nonsense', ORDERS);
  const rate = async () => (await call(await appToken(), path)).body.rateLimits[0].resources[0].rates[0];
  assert.deepEqual(await rate(), {
    count: 3,
    limit: 100_000,
    remaining: 99_997,
    reset: '2026-11-24T08:00:00.000Z',
    timeWindow: 86_400,
  });
  world.now = Date.parse('2026-11-24T08:00:00.000Z');
  assert.equal((await rate()).remaining, 100_000);
  assert.equal((await rate()).reset, '2026-11-25T08:00:00.000Z');
  const nothing = await call(await appToken(), '/developer/analytics/v1_beta/rate_limit/?api_context=buy');
  assert.equal(nothing.status, 204);
});

test('the 10,001st call of a day to the Notification API is refused', async () => {
  const { call, sandbox, appToken } = createWorld();
  const token = await appToken();
  for (let count = 0; count < 10_000; count++) await call(token, `${NOTIFICATION}/config`);
  const refused = await call(token, `${NOTIFICATION}/config`);
  assert.deepEqual([refused.status, errorIdOf(refused)], [429, 2001]);
  assert.equal(sandbox.calls.throttled, 1);
});

test('faults strike API calls in the words of the API', async () => {
  const { call, sellerToken, faults } = createWorld();
  const token = await sellerToken();
  faults.next('server-error', '/order');
  const broken = await call(token, ORDERS);
  assert.deepEqual([broken.status, errorIdOf(broken)], [500, 30500]);
  faults.next('throttle', '/order');
  assert.equal(errorIdOf(await call(token, ORDERS)), 2001);
  faults.next('drop-connection', '/order');
  await assert.rejects(call(token, ORDERS), ConnectionDropped);
  faults.next('drop-answer', '/order');
  await assert.rejects(call(token, ORDERS), ConnectionDropped);
  assert.equal((await call(token, ORDERS)).status, 200);
});
