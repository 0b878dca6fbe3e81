import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '#marketplaces/marketplace.ts';
import { walmart } from '#marketplaces/walmart/index.ts';
import calls from '#test/vectors/walmart/calls.json' with { type: 'json' };
import { app, connection, context, NOW } from './support.ts';

type Auth = typeof walmart.auth;
type Orders = typeof walmart.orders;
type Vector = { name: string; app?: object; url?: string; expected?: Call } & (
  | { call: 'consentUrl'; options: Parameters<Auth['consentUrl']>[1] }
  | { call: 'exchangeCall'; options: Parameters<Auth['exchangeCall']>[1] }
  | { call: 'refreshCall'; options: Omit<Parameters<Auth['refreshCall']>[1], 'connection'> }
  | { call: 'pageCall'; options: Parameters<Orders['pageCall']>[1] }
  | { call: 'detailCall'; options: string[] }
);

const CORRELATION_ID = 'WM_QOS.CORRELATION_ID';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function build(vector: Vector): string | Call {
  const itsApp = { ...app, ...vector.app };
  switch (vector.call) {
    case 'consentUrl':
      return walmart.auth.consentUrl(itsApp, vector.options);
    case 'exchangeCall':
      return walmart.auth.exchangeCall(itsApp, vector.options);
    case 'refreshCall':
      return walmart.auth.refreshCall(itsApp, { ...vector.options, connection });
    case 'pageCall':
      return walmart.orders.pageCall(context, vector.options);
    case 'detailCall':
      return walmart.orders.detailCall(context, vector.options);
  }
}

for (const vector of calls as unknown as Vector[]) {
  test(`call: ${vector.name}`, () => {
    const built = build(vector);
    if (typeof built === 'string') return assert.equal(built, vector.url);
    const { [CORRELATION_ID]: correlationId = '', ...headers } = built.request.headers;
    assert.match(correlationId, UUID);
    assert.deepEqual({ ...built, request: { ...built.request, headers } }, vector.expected);
  });
}

test('a cursor reaches the wire as Walmart wrote it', () => {
  const vector = (calls as unknown as Vector[]).find(({ name }) => name.startsWith('next page: the cursor verbatim'))!;
  const { url } = (build(vector) as Call).request;
  assert.equal(new URL(url).href, url);
});

test('two calls have two correlation ids, and none of them tells a token', () => {
  const idOf = (orderId: string, now: number): string | undefined =>
    walmart.orders.detailCall({ ...context, now }, [orderId]).request.headers[CORRELATION_ID];
  const ids = [idOf('1', NOW), idOf('2', NOW), idOf('1', NOW + 1)];
  assert.equal(new Set(ids).size, 3);
  const withOtherToken = walmart.orders.detailCall({ ...context, accessToken: 'access-2' }, ['1']);
  assert.equal(withOtherToken.request.headers[CORRELATION_ID], ids[0]);
});

test('one detail call never reads several orders or none', () => {
  assert.equal(walmart.orders.detailBatch, 1);
  assert.throws(() => walmart.orders.detailCall(context, []));
  assert.throws(() => walmart.orders.detailCall(context, ['1', '2']));
});

test('every operation that a call names has its limit and its place in a minute', () => {
  for (const vector of calls as unknown as Vector[]) {
    const built = build(vector);
    if (typeof built === 'string') continue;
    const [limit] = walmart.limits.forOperation(built.operation);
    assert.ok(limit!.burst >= 1);
  }
});
