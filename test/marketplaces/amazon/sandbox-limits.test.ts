import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, SECOND } from './sandbox-world.ts';

/** Rates a second and bursts, usage plans in the descriptions of Amazon's models. */
const PLANS: readonly [name: string, method: string, path: string, rate: string, burst: number, grantless?: true][] = [
  ['searchOrders', 'GET', '/orders/2026-01-01/orders', '0.0056', 20],
  ['getOrder', 'GET', '/orders/2026-01-01/orders/026-1234567-0000001', '0.5', 30],
  ['confirmShipment', 'POST', '/orders/v0/orders/026-1234567-0000001/shipmentConfirmation', '2', 10],
  ['getListingsItem', 'GET', '/listings/2021-08-01/items/A1SANDBOX0001/A', '5', 10],
  ['patchListingsItem', 'PATCH', '/listings/2021-08-01/items/A1SANDBOX0001/A', '5', 5],
  ['createFeedDocument', 'POST', '/feeds/2021-06-30/documents', '0.5', 15],
  ['createFeed', 'POST', '/feeds/2021-06-30/feeds', '0.0083', 15],
  ['getFeed', 'GET', '/feeds/2021-06-30/feeds/1', '2', 15],
  ['getFeedDocument', 'GET', '/feeds/2021-06-30/documents/1', '0.0222', 10],
  ['getMarketplaceParticipations', 'GET', '/sellers/v1/marketplaceParticipations', '0.016', 15],
  ['getSubscriptions', 'GET', '/notifications/v1/subscriptions', '1', 5],
  ['getSubscription', 'GET', '/notifications/v1/subscriptions/ORDER_CHANGE', '1', 5],
  ['createSubscription', 'POST', '/notifications/v1/subscriptions/ORDER_CHANGE', '1', 5],
  ['getSubscriptionById', 'GET', '/notifications/v1/subscriptions/ORDER_CHANGE/1', '1', 5, true],
  ['deleteSubscriptionById', 'DELETE', '/notifications/v1/subscriptions/ORDER_CHANGE/1', '1', 5, true],
  ['getDestinations', 'GET', '/notifications/v1/destinations', '1', 5, true],
  ['createDestination', 'POST', '/notifications/v1/destinations', '1', 5, true],
  ['getDestination', 'GET', '/notifications/v1/destinations/1', '1', 5, true],
  ['deleteDestination', 'DELETE', '/notifications/v1/destinations/1', '1', 5, true],
];

for (const [name, method, path, rate, burst, grantless] of PLANS) {
  test(`${name} takes ${burst} calls at once, then ${rate} a second, and tells the rate with answers but not with 429`, async () => {
    const { call, accessToken, grantlessToken, world, calls } = createWorld();
    const token = () => (grantless ? grantlessToken() : accessToken());
    const access = await token();
    const throttled = calls.throttled;
    for (let count = 0; count < burst; count++) {
      const { status, headers } = await call(path, access, { method });
      assert.ok([200, 400, 404].includes(status), `${status}`);
      assert.equal(headers.get('x-amzn-ratelimit-limit'), rate);
    }
    const refused = await call(path, access, { method });
    assert.deepEqual([refused.status, refused.body.errors[0].code], [429, 'QuotaExceeded']);
    assert.equal(refused.headers.get('x-amzn-ratelimit-limit'), null);
    assert.equal(refused.headers.get('retry-after'), null);
    assert.equal(calls.throttled, throttled + 1);
    world.now += Math.ceil(SECOND / Number(rate)) - 1;
    assert.equal((await call(path, access, { method })).status, 429);
    world.now += 1;
    assert.notEqual((await call(path, access, { method })).status, 429);
  });
}
