import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '#marketplaces/marketplace.ts';
import { shopify } from '#marketplaces/shopify/index.ts';
import calls from '#test/vectors/shopify/calls.json' with { type: 'json' };
import { app, connection, context, failureOf } from './support.ts';

type Auth = typeof shopify.auth;
type Orders = typeof shopify.orders;
/** The body is told as JSON, and of a query only its variables. */
type Told = { operation: string; method: string; url: string; headers: object; body: object };
type Vector = { name: string; expected: Told } & (
  | { call: 'exchangeCall'; options: Parameters<Auth['exchangeCall']>[1] }
  | { call: 'refreshCall'; options: Omit<Parameters<Auth['refreshCall']>[1], 'connection'> }
  | { call: 'pageCall'; options: Parameters<Orders['pageCall']>[1] }
  | { call: 'detailCall'; options: string[] }
);

const vectors = calls as unknown as Vector[];

function build(vector: Vector): Call {
  switch (vector.call) {
    case 'exchangeCall':
      return shopify.auth.exchangeCall(app, vector.options);
    case 'refreshCall':
      return shopify.auth.refreshCall(app, { ...vector.options, connection });
    case 'pageCall':
      return shopify.orders.pageCall(context, vector.options);
    case 'detailCall':
      return shopify.orders.detailCall(context, vector.options);
  }
}

for (const vector of vectors) {
  test(`call: ${vector.name}`, () => {
    const { operation, request } = build(vector);
    const { query, ...body } = JSON.parse(request.body ?? '') as { query?: string };
    assert.deepEqual({ operation, ...request, body }, vector.expected);
    assert.equal(query === undefined, ['exchangeCode', 'refreshToken'].includes(operation));
  });
}

test('a sandbox’s shops are behind its own path', () => {
  const sandboxed = { ...app, shopUrlTemplate: 'http://127.0.0.1:4700/shopify/{shop}' };
  assert.equal(
    shopify.orders.detailCall({ ...context, app: sandboxed }, ['1']).request.url,
    'http://127.0.0.1:4700/shopify/some-shop.myshopify.com/admin/api/2026-10/graphql.json',
  );
});

test('a call for a connection whose seller is no shop is not built', () => {
  const elsewhere = { ...context, connection: { ...connection, sellerId: 'evil.example' } };
  assert.equal(failureOf(() => shopify.orders.detailCall(elsewhere, ['1'])).code, 'shop-domain-wrong');
});

test('no call of the API holds the app’s secret, and no URL a token', () => {
  for (const vector of vectors) {
    const { operation, request } = build(vector);
    assert.doesNotMatch(request.url, /shpat_|shprt_|hush/);
    if (!['exchangeCode', 'refreshToken'].includes(operation)) assert.doesNotMatch(request.body ?? '', /hush/);
  }
});
