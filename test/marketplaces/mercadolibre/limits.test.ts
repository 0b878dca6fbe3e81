import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import { failureOf } from './support.ts';

const { limits } = mercadolibre;

const CALLS_A_MINUTE = { searchOrders: 1500, getShipment: 1500, updateItem: 1500, refreshToken: 30, exchangeCode: 30 };

for (const [operation, calls] of Object.entries(CALLS_A_MINUTE)) {
  test(`in no minute more than ${calls} calls of ${operation}, wherever the minute begins, and for the whole application`, () => {
    const [limit, ...more] = limits.forOperation(operation);
    assert.deepEqual(more, []);
    assert.ok(Math.abs(limit!.ratePerSecond * 60 + limit!.burst - calls) < 1e-9);
    assert.equal(limit!.scope, 'app');
  });
}

test('all calls of the API share one bucket, and the token endpoint has its own', () => {
  const bucket = (operation: string): string => limits.forOperation(operation)[0]!.bucket;
  assert.equal(bucket('getOrder'), bucket('updateUserProductStock'));
  assert.notEqual(bucket('getOrder'), bucket('refreshToken'));
});

test('an operation that Mercado Libre does not have, gets no budget', () => {
  for (const operation of ['getReport', 'toString', '']) {
    assert.equal(failureOf(() => limits.forOperation(operation)).kind, 'permanent');
  }
});

test('a 429 blocks its bucket for as long as it says, or for a minute; nothing else teaches anything', () => {
  const learn = (status: number, headers: Record<string, string>) =>
    limits.learn!({ status, headers, body: '' }, 'getOrder');
  assert.deepEqual(learn(429, {}), [{ bucket: 'api', blockedForMs: 60_000 }]);
  assert.deepEqual(learn(429, { 'retry-after': '3' }), [{ bucket: 'api', blockedForMs: 3_000 }]);
  assert.deepEqual(learn(429, { 'retry-after': '0' }), [{ bucket: 'api', blockedForMs: 1_000 }]);
  assert.deepEqual(learn(200, { 'retry-after': '3' }), []);
});
