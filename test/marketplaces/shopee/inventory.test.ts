import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LineOutcome, StockLine } from '#marketplaces/marketplace.ts';
import { shopee } from '#marketplaces/shopee/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import vectors from '#test/vectors/shopee/stock.json' with { type: 'json' };
import { answer } from './app.ts';
import { context, failureOf, refusal, runSteps, success } from './support.ts';

const inventory = shopee.inventory!;

const line = (quantity: number, modelId?: string, more: Record<string, string> = {}): StockLine => ({
  sku: 'BAG',
  quantity,
  reference: { itemId: '2600144043', ...(modelId && { modelId }), ...more },
});
const update = (lines: readonly StockLine[], reply: (request: HttpRequest) => HttpResponse) =>
  runSteps((answers) => inventory.update(context, lines, answers), reply);
const codes = (outcomes: readonly LineOutcome[]) =>
  outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome.outcome));

/** Sets every variation that is asked for. */
const echo = ({ body }: HttpRequest): HttpResponse =>
  success({
    success_list: JSON.parse(body!).stock_list.map(({ model_id }: { model_id: number }) => ({ model_id })),
    failure_list: [],
  });

test('the variations of an item are set by one signed call, with every digit of their ids', () => {
  const reply = () =>
    answer(
      '{"error":"","response":{"success_list":[{"model_id":9223372036854775807,"stock":7},{"model_id":12,"stock":0}]}}',
    );
  const { result, requests } = update([line(7, '9223372036854775807'), line(0, '12')], reply);
  assert.deepEqual(result, [{ outcome: 'applied' }, { outcome: 'applied' }]);
  const [{ method, url, headers, body } = {} as HttpRequest] = requests;
  assert.equal(requests.length, 1);
  assert.deepEqual([method, new URL(url).pathname], ['POST', '/api/v2/product/update_stock']);
  assert.deepEqual(headers, { 'content-type': 'application/json' });
  const query = new URL(url).searchParams;
  assert.deepEqual([...query.keys()].sort(), ['access_token', 'partner_id', 'shop_id', 'sign', 'timestamp']);
  assert.equal(
    body,
    '{"item_id":2600144043,"stock_list":[' +
      '{"model_id":9223372036854775807,"seller_stock":[{"stock":7}]},' +
      '{"model_id":12,"seller_stock":[{"stock":0}]}]}',
  );
});

test('an item without variations is set under variation 0', () => {
  for (const one of [line(3), line(3, '0')]) {
    const { result, requests } = update([one], echo);
    assert.deepEqual(result, [{ outcome: 'applied' }]);
    assert.deepEqual(JSON.parse(requests[0]!.body!).stock_list, [{ model_id: 0, seller_stock: [{ stock: 3 }] }]);
  }
});

test('the warehouses of a variation go together', () => {
  const lines = [line(1, '11', { locationId: 'SGZ' }), line(2, '11', { locationId: 'SGY' })];
  const { requests, result } = update(lines, echo);
  assert.equal(result.length, 2);
  assert.deepEqual(JSON.parse(requests[0]!.body!).stock_list, [
    {
      model_id: 11,
      seller_stock: [
        { location_id: 'SGZ', stock: 1 },
        { location_id: 'SGY', stock: 2 },
      ],
    },
  ]);
});

test('no call holds two items, or more variations than Shopee takes', () => {
  assert.equal(inventory.batchKey(line(1, '11')), inventory.batchKey(line(1, '12')));
  assert.notEqual(inventory.batchKey(line(1)), inventory.batchKey({ ...line(1), reference: { itemId: '7' } }));
  assert.equal(inventory.batch, 50);
});

test('variations that are refused together are tried one by one', () => {
  const { result, requests } = update([line(1, '11'), line(2, '12')], (request) => {
    const { stock_list } = JSON.parse(request.body!);
    return stock_list.some(({ model_id }: { model_id: number }) => model_id === 12)
      ? refusal('error_param', 'Wrong model_id.')
      : echo(request);
  });
  assert.deepEqual(codes(result), ['applied', 'error-param']);
  assert.equal(requests.length, 3);
});

test('ids that are none of Shopee’s are refused without a call, and keep no other line from being set', () => {
  const { result, requests } = update([line(1, 'BAG-RED'), line(2, '12')], echo);
  assert.deepEqual(codes(result), ['invalid-reference', 'applied']);
  assert.equal(requests.length, 1);
  const none = update([line(1, '1,"x":2'), line(1, '1e3')], echo);
  assert.deepEqual([codes(none.result), none.requests.length], [['invalid-reference', 'invalid-reference'], 0]);
});

test('a refusal is told in Shopee’s word, and without its sentence', () => {
  const { result } = update([line(1, '11')], () => refusal('product.error_item_not_found'));
  assert.deepEqual(result, [
    {
      outcome: 'failed',
      code: 'error-item-not-found',
      message: 'Shopee refused the quantity: error-item-not-found (no such item)',
    },
  ]);
});

for (const { name, body, outcomes, failure } of vectors) {
  test(`an answer to variations 11 and 12: ${name}`, () => {
    const run = () => update([line(1, '11'), line(2, '12')], () => answer(body));
    if (outcomes) {
      const { result } = run();
      assert.deepEqual(codes(result), outcomes);
      return assert.doesNotMatch(JSON.stringify(result), /Ada/);
    }
    const { kind, code } = failureOf(run);
    assert.deepEqual({ kind, code }, failure);
  });
}
