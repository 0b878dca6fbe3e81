import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ebay } from '#marketplaces/ebay/index.ts';
import type { LineOutcome, StockLine } from '#marketplaces/marketplace.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import vectors from '#test/vectors/ebay/stock.json' with { type: 'json' };
import { answer, context, failureOf, refusal, runSteps } from './support.ts';

const inventory = ebay.inventory!;

const line = (quantity: number, offerId: string, sku = 'A/1 &ü'): StockLine => ({
  sku,
  quantity,
  reference: { offerId },
});
const update = (lines: readonly StockLine[], reply: (request: HttpRequest) => HttpResponse) =>
  runSteps((answers) => inventory.update(context, lines, answers), reply);
const codes = (outcomes: readonly LineOutcome[]) =>
  outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome.outcome));

/** Sets every offer but those in `refused`. */
const echo =
  (...refused: string[]) =>
  ({ body }: HttpRequest): HttpResponse => {
    const [{ sku, offers }] = JSON.parse(body!).requests;
    const responses = offers.map(({ offerId }: { offerId: string }) =>
      refused.includes(offerId)
        ? { statusCode: 400, sku, offerId, errors: [{ errorId: 25709, category: 'REQUEST', message: 'Ada' }] }
        : { statusCode: 200, sku, offerId },
    );
    return answer({ responses }, refused.length > 0 ? 207 : 200);
  };

test('the offers of a SKU are set by one call, and with them the SKU as a whole', () => {
  const { result, requests } = update([line(7, '36445435465'), line(3, '36445435466')], echo());
  assert.deepEqual(result, [{ outcome: 'applied' }, { outcome: 'applied' }]);
  const [{ method, url, headers, body } = {} as HttpRequest] = requests;
  assert.equal(requests.length, 1);
  assert.deepEqual([method, url], ['POST', 'https://api.ebay.com/sell/inventory/v1/bulk_update_price_quantity']);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['content-language'], 'en-US');
  assert.deepEqual(JSON.parse(body!), {
    requests: [
      {
        sku: 'A/1 &ü',
        shipToLocationAvailability: { quantity: 7 },
        offers: [
          { offerId: '36445435465', availableQuantity: 7 },
          { offerId: '36445435466', availableQuantity: 3 },
        ],
      },
    ],
  });
});

test('no call holds two SKUs, or more offers than eBay takes', () => {
  assert.notEqual(inventory.batchKey(line(1, '1', 'A')), inventory.batchKey(line(1, '1', 'B')));
  assert.equal(inventory.batchKey(line(1, '1', 'A')), inventory.batchKey(line(2, '2', 'A')));
  assert.equal(inventory.batch, 25);
});

test('one refused offer does not hide that the others are set', () => {
  const { result } = update([line(1, '1'), line(2, '2'), line(3, '3')], echo('2'));
  assert.deepEqual(codes(result), ['applied', 'ebay-25709', 'applied']);
});

test('offers that are refused together are tried one by one', () => {
  const { result, requests } = update([line(5, '1'), line(2, '2')], (request) =>
    JSON.parse(request.body!).requests[0].offers.length > 1 ? refusal(25709) : echo('2')(request),
  );
  assert.deepEqual(codes(result), ['applied', 'ebay-25709']);
  assert.equal(requests.length, 3);
  // The SKU as a whole stays what the offer needs that may sell the most.
  for (const { body } of requests) {
    assert.equal(JSON.parse(body!).requests[0].shipToLocationAvailability.quantity, 5);
  }
});

test('a refusal is told in words of ours, and without those of eBay', () => {
  const { result } = update([line(5, '1')], () => refusal(25709));
  assert.deepEqual(result, [
    { outcome: 'failed', code: 'ebay-25709', message: 'eBay refused the quantity: 25709 (a value is not valid)' },
  ]);
});

test('of two quantities of one offer the later one is set', () => {
  const { requests } = update([line(5, '1'), line(2, '1')], echo());
  assert.deepEqual(JSON.parse(requests[0]!.body!).requests[0].offers, [{ offerId: '1', availableQuantity: 2 }]);
});

for (const { name, status, body, outcomes, failure } of vectors) {
  test(`an answer to offers 1 and 2: ${name}`, () => {
    const run = () => update([line(1, '1', 'A'), line(2, '2', 'A')], () => answer(body, status));
    if (outcomes) return assert.deepEqual(codes(run().result), outcomes);
    const { kind, code } = failureOf(run);
    assert.deepEqual({ kind, code }, failure);
  });
}
