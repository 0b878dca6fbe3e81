import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ebay } from '#marketplaces/ebay/index.ts';

const DAILY_QUOTAS = {
  getOrders: 100_000,
  getShippingFulfillments: 100_000,
  createShippingFulfillment: 100_000,
  bulkUpdatePriceQuantity: 2_000_000,
  getPublicKey: 10_000,
  createSubscription: 10_000,
  getUser: 1_000,
  appToken: 1_000,
  exchangeCode: 10_000,
  refreshToken: 50_000,
};

test('no bucket lets more than its quota through in a Pacific day, not even in the one of 25 hours', () => {
  for (const [operation, quota] of Object.entries(DAILY_QUOTAS)) {
    const [limit] = ebay.limits.forOperation(operation);
    assert.ok(limit);
    const most = limit.burst + limit.ratePerSecond * 25 * 3600;
    assert.ok(most <= quota, `${operation}: ${most}`);
    assert.ok(most > 0.99 * quota, `${operation} wastes its quota: ${most}`);
    assert.equal(limit.scope, 'app');
    assert.ok(limit.source);
  }
});

test('calls that eBay counts together share a bucket', () => {
  const bucketOf = (operation: string) => ebay.limits.forOperation(operation)[0];
  assert.equal(bucketOf('createShippingFulfillment'), bucketOf('getOrders'));
  assert.equal(bucketOf('createSubscription'), bucketOf('getPublicKey'));
});

test('an operation that no limit is known for is refused', () => {
  assert.throws(() => ebay.limits.forOperation('toString'), { kind: 'permanent', code: 'unknown-operation' });
});

test('a 429 blocks its own bucket for as long as eBay says, a success none', () => {
  const answer = (status: number, headers: Record<string, string>) => ({ status, headers, body: '{}' });
  assert.deepEqual(ebay.limits.learn!(answer(429, { 'retry-after': '7' }), 'getOrders'), [
    { bucket: 'fulfillment-order', blockedForMs: 7_000 },
  ]);
  assert.deepEqual(ebay.limits.learn!(answer(429, {}), 'getPublicKey'), [
    { bucket: 'notification', blockedForMs: 60_000 },
  ]);
  assert.deepEqual(ebay.limits.learn!(answer(200, { 'retry-after': '7' }), 'getOrders'), []);
});
