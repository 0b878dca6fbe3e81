import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shipment } from '#marketplaces/marketplace.ts';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import vector from '#test/vectors/mercadolibre/order.json' with { type: 'json' };
import { answer, context, failureOf, NOW, refusal, runSteps } from './support.ts';

const FIRST = vector.alone.lines[0]!;
const SECOND = vector.alone.lines[1]!;
const SHIPMENT: Shipment = {
  orderId: '2000009713000001',
  lines: [
    { lineId: FIRST.lineId, quantity: 6 },
    { lineId: SECOND.lineId, quantity: 1 },
  ],
  carrier: { code: null, name: 'Transportes Exemplo' },
  trackingNumber: 'TR 1/2',
  shippedAt: NOW,
};
const CONFIRMED = { outcome: 'confirmed', packageId: '44028000001' };
const OK = answer({ status: 'OK' });

const shipment = (change: object = {}): HttpResponse =>
  answer({ ...vector.shipment, status: 'pending', tracking_number: null, ...change });
const order = (change: object = {}): HttpResponse => answer({ ...vector.order, ...change });

/** Confirms a shipment against answers by operation; several of one operation come in their order. */
function confirm(answers: Record<string, HttpResponse[]>, change: Partial<Shipment> = {}) {
  const left = Object.fromEntries(
    Object.entries({ getOrder: [order()], ...answers }).map(([operation, all]) => [operation, [...all]]),
  );
  return runSteps(
    (sofar) => mercadolibre.shipments!.confirm(context, { ...SHIPMENT, ...change }, sofar),
    (_request, operation) => left[operation]!.shift()!,
  );
}
const codeOf = ({ result }: ReturnType<typeof confirm>): string =>
  result.outcome === 'failed' ? result.code : result.outcome;

test('a shipment by the seller’s own carrier is told, in version 2 of Mercado Libre’s form', () => {
  const { result, operations, requests } = confirm({ getShipment: [shipment()], notifyShipment: [OK] });
  assert.deepEqual(result, CONFIRMED);
  assert.deepEqual(operations, ['getOrder', 'getShipment', 'notifyShipment']);
  const { method, url, body } = requests[2]!;
  assert.deepEqual(
    [method, url],
    ['POST', 'https://api.mercadolibre.com/v2/shipments/44028000001/seller_notifications'],
  );
  assert.deepEqual(JSON.parse(body!), {
    payload: { service_id: 11, comment: 'Transportes Exemplo', date: '2026-11-24T06:00:00.000-00:00' },
    tracking_number: 'TR 1/2',
    tracking_url: 'https://www.17track.net/en/track?nums=TR%201%2F2',
    status: 'shipped',
    substatus: null,
  });
});

test('the service is that of the site where the order was made, or the one that the carrier’s code names', () => {
  const serviceId = (site: string | null, code: string | null = null) => {
    const { requests } = confirm(
      { getOrder: [order({ context: { site } })], getShipment: [shipment({ source: null })], notifyShipment: [OK] },
      { carrier: { code, name: 'X' } },
    );
    return (JSON.parse(requests[2]!.body!) as { payload: { service_id: number } }).payload.service_id;
  };
  assert.deepEqual(
    [serviceId('MLA'), serviceId('MLM'), serviceId(null), serviceId('MLA', '42')],
    [154, 231876, 11, 42],
  );
  assert.equal(codeOf(confirm({ getShipment: [shipment({ source: { site_id: 'MLV' } })] })), 'unknown-carrier');
});

test('what is there already with its tracking number is confirmed, and not told again', () => {
  for (const status of ['shipped', 'delivered', 'not_delivered']) {
    const { result, operations } = confirm({ getShipment: [shipment({ status, tracking_number: 'TR 1/2' })] });
    assert.deepEqual([result, operations], [CONFIRMED, ['getOrder', 'getShipment']]);
  }
});

test('what can not be shipped fails without a call that changes anything', () => {
  const [first] = SHIPMENT.lines;
  const cases: [string, ReturnType<typeof confirm>][] = [
    ['no-shipment', confirm({ getOrder: [order({ shipping: { id: null } })] })],
    ['no-shipment', confirm({ getShipment: [refusal('not_found', 404)] })],
    ['shipped-by-mercado-envios', confirm({ getShipment: [shipment({ logistic: { mode: 'me2' } })] })],
    ['already-shipped', confirm({ getShipment: [shipment({ status: 'shipped', tracking_number: 'OTHER' })] })],
    ['cancelled', confirm({ getShipment: [shipment({ status: 'cancelled' })] })],
    ['cancelled', confirm({ getOrder: [order({ status: 'cancelled' })], getShipment: [shipment()] })],
    ['unknown-line', confirm({}, { lines: [{ lineId: '9', quantity: 1 }] })],
    ['not-open', confirm({}, { lines: [{ lineId: FIRST.lineId, quantity: 7 }] })],
    ['partial-shipment', confirm({}, { lines: [first!] })],
  ];
  for (const [code, run] of cases) {
    assert.equal(codeOf(run), code);
    assert.ok(!run.operations.includes('notifyShipment'));
  }
});

test('no lines are the whole order, and lines may be told in parts', () => {
  const parts = [
    ...SHIPMENT.lines.slice(1),
    { lineId: FIRST.lineId, quantity: 2 },
    { lineId: FIRST.lineId, quantity: 4 },
  ];
  for (const lines of [[], parts]) {
    assert.deepEqual(confirm({ getShipment: [shipment()], notifyShipment: [OK] }, { lines }).result, CONFIRMED);
  }
});

test('a refusal is looked at again, and confirmed where a call before it had its effect', () => {
  const refused = [answer({ status_code: 403, error_code: 'bad_request', message: 'Ada' }, 403)];
  const there = shipment({ status: 'shipped', tracking_number: 'TR 1/2' });
  assert.deepEqual(confirm({ getShipment: [shipment(), there], notifyShipment: refused }).result, CONFIRMED);
  assert.deepEqual(confirm({ getShipment: [shipment(), shipment()], notifyShipment: refused }).result, {
    outcome: 'failed',
    code: 'bad_request',
    message: 'Mercado Libre refused the shipment: bad_request',
  });
});

test('trouble is no refusal: the shipment is tried again', () => {
  const failure = failureOf(() => confirm({ getShipment: [shipment()], notifyShipment: [answer('', 503)] }));
  assert.equal(failure.kind, 'retryable');
});
