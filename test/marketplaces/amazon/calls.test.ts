import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { Call } from '#marketplaces/marketplace.ts';
import calls from '#test/vectors/amazon/calls.json' with { type: 'json' };
import { app, connection, NOW, registration } from './support.ts';

type Auth = typeof amazon.auth;
type Orders = typeof amazon.orders;
type Vector = { name: string; app?: object; settings?: Record<string, string>; url?: string; expected?: Call } & (
  | { call: 'consentUrl'; options: Parameters<Auth['consentUrl']>[1] }
  | { call: 'exchangeCall'; options: Parameters<Auth['exchangeCall']>[1] }
  | { call: 'refreshCall'; options: Omit<Parameters<Auth['refreshCall']>[1], 'connection'> }
  | { call: 'pageCall'; options: Parameters<Orders['pageCall']>[1] }
  | { call: 'detailCall'; options: string[] }
);

function build(vector: Vector): string | Call {
  const itsApp = { ...app, ...vector.app };
  const context = {
    app: itsApp,
    connection: { ...connection, settings: vector.settings ?? {} },
    accessToken: 'Atza|token',
    now: NOW,
  };
  switch (vector.call) {
    case 'consentUrl':
      return amazon.auth.consentUrl(itsApp, vector.options);
    case 'exchangeCall':
      return amazon.auth.exchangeCall(itsApp, vector.options);
    case 'refreshCall':
      return amazon.auth.refreshCall(itsApp, { ...vector.options, connection });
    case 'pageCall':
      return amazon.orders.pageCall(context, vector.options);
    case 'detailCall':
      return amazon.orders.detailCall(context, vector.options);
  }
}

for (const vector of calls as unknown as Vector[]) {
  test(`call: ${vector.name}`, () => {
    assert.deepEqual(build(vector), vector.expected ?? vector.url);
  });
}

test('one detail call never reads several orders or none', () => {
  const context = { app, connection, accessToken: 'Atza|token', now: NOW };
  assert.equal(amazon.orders.detailBatch, 1);
  assert.throws(() => amazon.orders.detailCall(context, []));
  assert.throws(() => amazon.orders.detailCall(context, ['1', '2']));
});

test('a window ends at least the two minutes before now that Amazon demands', () => {
  assert.ok(amazon.orders.settleMs >= 120_000);
});

test('a poll costs a connection less than the calls it gains meanwhile', () => {
  const [limit] = amazon.limits.forOperation('searchOrders');
  assert.ok((amazon.orders.pollEveryMs / 1000) * limit!.ratePerSecond > 1);
});

for (const name of Object.keys(registration)) {
  test(`a registration without ${name} is refused`, () => {
    assert.equal(amazon.appSchema.safeParse({ ...registration, [name]: '' }).success, false);
    assert.equal(amazon.appSchema.safeParse({ ...registration, [name]: undefined }).success, false);
  });
}
