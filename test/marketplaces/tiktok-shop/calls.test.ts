import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '#marketplaces/marketplace.ts';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import calls from '#test/vectors/tiktok-shop/calls.json' with { type: 'json' };
import { app, connection, context, failureOf } from './support.ts';

type Auth = typeof tiktokShop.auth;
type Orders = typeof tiktokShop.orders;
/** A request whose query is told by its parameters, whatever their order. */
type Told = Omit<HttpRequest, 'url'> & { path: string; query: Record<string, string> };
type Vector = { name: string; expected: { operation: string; request: Told } } & (
  | { call: 'exchangeCall'; options: Parameters<Auth['exchangeCall']>[1] }
  | { call: 'refreshCall'; options: Omit<Parameters<Auth['refreshCall']>[1], 'connection'> }
  | { call: 'pageCall'; options: Parameters<Orders['pageCall']>[1] }
  | { call: 'detailCall'; options: string[] }
);

const vectors = calls as unknown as Vector[];
const HOSTS = { exchangeCall: app.authUrl, refreshCall: app.authUrl, pageCall: app.apiUrl, detailCall: app.apiUrl };

function build(vector: Vector): Call {
  switch (vector.call) {
    case 'exchangeCall':
      return tiktokShop.auth.exchangeCall(app, vector.options);
    case 'refreshCall':
      return tiktokShop.auth.refreshCall(app, { ...vector.options, connection });
    case 'pageCall':
      return tiktokShop.orders.pageCall(context, vector.options);
    case 'detailCall':
      return tiktokShop.orders.detailCall(context, vector.options);
  }
}

for (const vector of vectors) {
  test(`call: ${vector.name}`, () => {
    const { operation, request } = build(vector);
    const { url, ...rest } = request;
    const { origin, pathname, searchParams } = new URL(url);
    assert.equal(origin, HOSTS[vector.call]);
    const told = { ...rest, path: pathname, query: Object.fromEntries(searchParams) };
    assert.deepEqual({ operation, request: told }, vector.expected);
  });
}

test('a host with a path before the API’s own is not signed', () => {
  const behindPath = { ...app, apiUrl: 'http://127.0.0.1:4700/tiktok-shop' };
  const signOf = (itsApp: typeof app): string | null =>
    new URL(tiktokShop.orders.detailCall({ ...context, app: itsApp }, ['1']).request.url).searchParams.get('sign');
  assert.equal(signOf(behindPath), signOf(app));
});

test('a call for a shop without its cipher is not built', () => {
  const failure = failureOf(() =>
    tiktokShop.orders.detailCall({ ...context, connection: { ...connection, settings: {} } }, ['1']),
  );
  assert.deepEqual([failure.kind, failure.code], ['permanent', 'shop-cipher-missing']);
});

test('no header but the access token’s own holds a secret', () => {
  for (const vector of vectors) {
    const { headers, body = '' } = build(vector).request;
    assert.doesNotMatch(JSON.stringify(headers) + body, new RegExp(app.appSecret));
  }
});
