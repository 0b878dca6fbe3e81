import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shopify } from '#marketplaces/shopify/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import calls from '#test/vectors/shopify/calls.json' with { type: 'json' };
import failures from '#test/vectors/shopify/failures.json' with { type: 'json' };
import { answer, failureOf } from './support.ts';

const { forOperation, learn } = shopify.limits;
const OPERATIONS = [
  ...[
    'listOrders',
    'listOrdersNext',
    'getOrder',
    'getLineItems',
    'getRefundLineItems',
    'setQuantities',
    'getFulfillmentOrders',
    'createFulfillment',
  ],
  ...['listSubscriptions', 'createSubscription', 'updateSubscription'],
];
/** most points that one call may cost; shopify.dev */
const MAX_COST = 1_000;

const throttleStatus = { maximumAvailable: 20_000, currentlyAvailable: 19_382, restoreRate: 1_000 };
const priced = (status: object, errors?: object[]): HttpResponse =>
  answer({ data: {}, errors, extensions: { cost: { requestedQueryCost: 618, throttleStatus: status } } });

test('all calls of a shop share one bucket of points, and none may cost more than Shopify lets one', () => {
  for (const operation of OPERATIONS) {
    const [limit, ...others] = forOperation(operation);
    assert.equal(others.length, 0);
    assert.deepEqual([limit!.bucket, limit!.scope], ['graphql', 'app-and-connection']);
    assert.ok(limit!.cost! > 0 && limit!.cost! < MAX_COST && limit!.cost! < limit!.burst, operation);
  }
});

test('what is asked of one order costs less than a page of them', () => {
  const costOf = (operation: string) => forOperation(operation)[0]!.cost!;
  assert.ok(costOf('getOrder') < costOf('listOrders'));
  assert.ok(costOf('listOrders') / shopify.orders.pageSize! < costOf('getOrder'));
  assert.equal(costOf('listOrdersNext'), costOf('listOrders'));
});

test('every operation that a call names has its limit', () => {
  for (const { expected } of calls) assert.ok(forOperation(expected.operation)[0]!.burst >= 1);
  for (const { operation } of failures) assert.ok(forOperation(operation).length > 0);
  assert.equal(failureOf(() => forOperation('getOrders')).code, 'unknown-operation');
});

test('every answer teaches the shop’s own rate, its bucket and what is in it', () => {
  assert.deepEqual(learn!(priced(throttleStatus), 'listOrders'), [
    { bucket: 'graphql', burst: 20_000, ratePerSecond: 1_000, available: 19_382 },
  ]);
});

test('a throttled answer teaches how long to wait besides', () => {
  const status = { maximumAvailable: 2_000, currentlyAvailable: 18, restoreRate: 100 };
  const throttled = priced(status, [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }]);
  assert.deepEqual(learn!(throttled, 'listOrders'), [
    { bucket: 'graphql', burst: 2_000, ratePerSecond: 100, available: 18 },
    { bucket: 'graphql', blockedForMs: 6_000 },
  ]);
});

test('a token call that is one too many rests the token calls alone', () => {
  const refused = { ...answer('slow down', 429), headers: { 'retry-after': '2.0' } };
  assert.deepEqual(learn!(refused, 'refreshToken'), [{ bucket: 'tokens', blockedForMs: 2_000 }]);
});

test('nothing is learned from numbers that are none', () => {
  for (const changed of [
    { restoreRate: 0 },
    { restoreRate: -1 },
    { maximumAvailable: 0 },
    { currentlyAvailable: 'x' },
  ]) {
    assert.deepEqual(learn!(priced({ ...throttleStatus, ...changed }), 'listOrders'), []);
  }
  for (const body of ['', '<html>', '{}', '{"extensions":null}', '{"extensions":{"cost":[]}}']) {
    assert.deepEqual(learn!(answer(body), 'getOrder'), []);
  }
});
