import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lazada } from '#marketplaces/lazada/index.ts';
import type { Call } from '#marketplaces/marketplace.ts';
import calls from '#test/vectors/lazada/calls.json' with { type: 'json' };
import { app, connection, context, failureOf, parametersOf } from './support.ts';

type Auth = typeof lazada.auth;
type Orders = typeof lazada.orders;
type Expected = { operation: string; method: string; url: string; parameters: Record<string, string> };
type Vector = { name: string; expected: Expected } & (
  | { call: 'exchangeCall'; options: Parameters<Auth['exchangeCall']>[1] }
  | { call: 'refreshCall'; options: Omit<Parameters<Auth['refreshCall']>[1], 'connection'> }
  | { call: 'pageCall'; options: Parameters<Orders['pageCall']>[1] }
  | { call: 'detailCall'; options: string[] }
);

const vectors = calls as unknown as Vector[];

function build(vector: Vector): Call {
  switch (vector.call) {
    case 'exchangeCall':
      return lazada.auth.exchangeCall(app, vector.options);
    case 'refreshCall':
      return lazada.auth.refreshCall(app, { ...vector.options, connection });
    case 'pageCall':
      return lazada.orders.pageCall(context, vector.options);
    case 'detailCall':
      return lazada.orders.detailCall(context, vector.options);
  }
}

for (const vector of vectors) {
  test(`call: ${vector.name}`, () => {
    const { operation, request } = build(vector);
    const { origin, pathname } = new URL(request.url);
    const told = { operation, method: request.method, url: origin + pathname, parameters: parametersOf(request) };
    assert.deepEqual(told, vector.expected);
  });
}

test('what is posted is a form, and its URL holds nothing of it', () => {
  const { request } = build(vectors.find(({ call }) => call === 'refreshCall')!);
  assert.match(request.headers['content-type']!, /^application\/x-www-form-urlencoded/);
  assert.equal(new URL(request.url).search, '');
});

test('a call goes to the host of the seller’s country, and one of an unknown country is not built', () => {
  const hostOf = (settings: Record<string, string>) =>
    new URL(lazada.orders.detailCall({ ...context, connection: { ...connection, settings } }, ['1']).request.url).host;
  assert.equal(hostOf({ country: 'vn' }), 'api.lazada.vn');
  assert.equal(hostOf({ country: 'my' }), 'api.lazada.com.my');
  for (const settings of [{}, { country: 'xx' }, { country: 'toString' }]) {
    const failure = failureOf(() => hostOf(settings as Record<string, string>));
    assert.deepEqual([failure.kind, failure.code], ['permanent', 'country-unknown']);
  }
});

test('a host with a path before the API’s own is not signed', () => {
  const behindPath = { ...app, apiUrls: { sg: 'http://127.0.0.1:4700/lazada/rest' } };
  const signOf = (itsApp: typeof app) =>
    parametersOf(lazada.orders.detailCall({ ...context, app: itsApp }, ['1']).request).sign;
  assert.equal(signOf(behindPath), signOf(app));
});

test('no call holds the app secret', () => {
  for (const vector of vectors) assert.doesNotMatch(JSON.stringify(build(vector)), new RegExp(app.appSecret));
});
