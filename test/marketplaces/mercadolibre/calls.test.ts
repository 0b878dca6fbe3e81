import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '#marketplaces/marketplace.ts';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import calls from '#test/vectors/mercadolibre/calls.json' with { type: 'json' };
import { app, connection, context } from './support.ts';

type Auth = typeof mercadolibre.auth;
type Orders = typeof mercadolibre.orders;
type Vector = { name: string; app?: object; url?: string; expected?: Call } & (
  | { call: 'consentUrl'; options: Parameters<Auth['consentUrl']>[1] }
  | { call: 'exchangeCall'; options: Parameters<Auth['exchangeCall']>[1] }
  | { call: 'refreshCall'; options: Omit<Parameters<Auth['refreshCall']>[1], 'connection'> }
  | { call: 'pageCall'; options: Parameters<Orders['pageCall']>[1] }
  | { call: 'detailCall'; options: string[] }
);

function build(vector: Vector): string | Call {
  const itsApp = { ...app, ...vector.app };
  switch (vector.call) {
    case 'consentUrl':
      return mercadolibre.auth.consentUrl(itsApp, vector.options);
    case 'exchangeCall':
      return mercadolibre.auth.exchangeCall(itsApp, vector.options);
    case 'refreshCall':
      return mercadolibre.auth.refreshCall(itsApp, { ...vector.options, connection });
    case 'pageCall':
      return mercadolibre.orders.pageCall(context, vector.options);
    case 'detailCall':
      return mercadolibre.orders.detailCall(context, vector.options);
  }
}

for (const vector of calls as unknown as Vector[]) {
  test(`call: ${vector.name}`, () => {
    assert.deepEqual(build(vector), vector.url ?? vector.expected);
  });
}

test('no token and no secret stands in a URL', () => {
  for (const vector of calls as unknown as Vector[]) {
    const built = build(vector);
    const url = typeof built === 'string' ? built : built.request.url;
    assert.doesNotMatch(url, /access-1|secret|TG-/);
  }
});

test('one detail call never reads several orders or none', () => {
  assert.equal(mercadolibre.orders.detailBatch, 1);
  assert.throws(() => mercadolibre.orders.detailCall(context, []));
  assert.throws(() => mercadolibre.orders.detailCall(context, ['1', '2']));
});
