import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lazada } from '#marketplaces/lazada/index.ts';
import { answer, failureOf, refusal, success } from './support.ts';

const { limits } = lazada;
const APIS = ['getOrders', 'getOrder', 'getOrderItems', 'getShipmentProviders', 'packOrder', 'readyToShip'];
const TOKENS = ['exchangeCode', 'refreshToken'];
const ALL = [...APIS, ...TOKENS, 'updateStock'];
/** an online app's, Lazada Open Platform, API call limits */
const CALLS_A_DAY = 10_000_000;

for (const [operations, scope, calls] of [
  [APIS, 'app', 20],
  [TOKENS, 'app', 10],
  [['updateStock'], 'app-and-connection', 50],
] as const) {
  for (const operation of operations) {
    test(`in no second more than ${calls} calls of ${operation}, wherever the second begins`, () => {
      const [limit] = limits.forOperation(operation);
      assert.equal(limit!.scope, scope);
      assert.equal(limit!.ratePerSecond + limit!.burst, calls);
      assert.ok(limit!.source.length > 0);
    });
  }
}

test('all calls together stay within the quota of a day', () => {
  for (const operation of ALL) {
    const [, limit, ...more] = limits.forOperation(operation);
    assert.deepEqual([limit!.bucket, limit!.scope, more], ['app', 'app', []]);
    assert.ok(limit!.ratePerSecond * 86_400 + limit!.burst < CALLS_A_DAY);
  }
});

test('each API has a bucket of its own', () => {
  const buckets = [...APIS, 'updateStock'].map((operation) => limits.forOperation(operation)[0]!.bucket);
  assert.equal(new Set(buckets).size, buckets.length);
});

test('a ban blocks the API’s own bucket for as long as Lazada says, and nothing else teaches', () => {
  const message = 'Api access frequency exceeds the limit. this ban will last 3 seconds';
  const ban = refusal('ApiCallLimit', { message });
  assert.deepEqual(limits.learn!(ban, 'getOrders'), [{ bucket: 'getOrders', blockedForMs: 3_000 }]);
  assert.deepEqual(limits.learn!(refusal('901'), 'updateStock'), [{ bucket: 'stock', blockedForMs: 1_000 }]);
  assert.deepEqual(limits.learn!(answer('', 429), 'getOrders'), [{ bucket: 'getOrders', blockedForMs: 1_000 }]);
  for (const other of [success({}), refusal('IllegalAccessToken'), refusal('6', { message }), answer('<html>', 502)]) {
    assert.deepEqual(limits.learn!(other, 'getOrders'), []);
  }
});

test('a call that Lazada does not have has no limit', () => {
  assert.equal(failureOf(() => limits.forOperation('toString')).code, 'unknown-operation');
});
