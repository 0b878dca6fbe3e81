import assert from 'node:assert/strict';
import { test } from 'node:test';
import { walmart } from '#marketplaces/walmart/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import learned from '#test/vectors/walmart/learned-limits.json' with { type: 'json' };
import { failureOf } from './support.ts';

type LearnedVector = { name: string; operation: string; response: HttpResponse; lessons: object[] };

const CALLS_A_MINUTE: Record<string, number> = {
  getOrders: 5000,
  getOrdersNext: 5000,
  getOrder: 5000,
  acknowledgeOrder: 60,
  shipOrder: 60,
  updateInventory: 200,
  updateNodeInventory: 200,
  listSubscriptions: 50,
  createSubscription: 200,
  updateSubscription: 5,
  refreshToken: 30,
  exchangeCode: 30,
};

for (const [operation, calls] of Object.entries(CALLS_A_MINUTE)) {
  test(`in no minute more than ${calls} calls of ${operation}, wherever the minute begins`, () => {
    const [limit, ...more] = walmart.limits.forOperation(operation);
    assert.deepEqual(more, []);
    assert.ok(Math.abs(limit!.ratePerSecond * 60 + limit!.burst - calls) < 1e-9);
    assert.ok(limit!.burst >= 1 && limit!.source.length > 0);
  });
}

test('each seller has buckets of its own, for all but the exchange, which knows no seller yet', () => {
  for (const operation of Object.keys(CALLS_A_MINUTE)) {
    const [limit] = walmart.limits.forOperation(operation);
    assert.equal(limit!.scope, operation === 'exchangeCode' ? 'app' : 'app-and-connection');
  }
});

test('the pages of a window are counted together, a single order apart', () => {
  const bucket = (operation: string): string => walmart.limits.forOperation(operation)[0]!.bucket;
  assert.equal(bucket('getOrdersNext'), bucket('getOrders'));
  assert.notEqual(bucket('getOrder'), bucket('getOrders'));
});

test('an operation that Walmart does not have, gets no budget', () => {
  for (const operation of ['getReport', 'toString', '']) {
    assert.equal(failureOf(() => walmart.limits.forOperation(operation)).kind, 'permanent');
  }
});

for (const { name, operation, response, lessons } of learned as unknown as LearnedVector[]) {
  test(`learned: ${name}`, () => {
    assert.deepEqual(walmart.limits.learn?.(response, operation), lessons);
  });
}
