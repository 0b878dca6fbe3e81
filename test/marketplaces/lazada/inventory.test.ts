import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lazada } from '#marketplaces/lazada/index.ts';
import type { StockLine } from '#marketplaces/marketplace.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { answer, context, failureOf, parametersOf, refusal, runSteps, success } from './support.ts';

const inventory = lazada.inventory!;

const line = (skuId: string, quantity: number, sku = `sku-${skuId}`): StockLine => ({
  sku,
  quantity,
  reference: { itemId: '1234567', skuId },
});
const update = (lines: StockLine[], reply: (request: HttpRequest) => HttpResponse) =>
  runSteps((answers) => inventory.update(context, lines, answers), reply);
const payloadOf = (request: HttpRequest | undefined): string => parametersOf(request!).payload!;
const outcomes = (result: { outcome: string }[]): string[] =>
  result.map((told) => ('code' in told ? String(told.code) : told.outcome));

test('several SKUs are set by one call, absolutely', () => {
  const { result, operations, requests } = update([line('1', 7), line('2', 0)], () => success({}));
  assert.deepEqual(result, [{ outcome: 'applied' }, { outcome: 'applied' }]);
  assert.deepEqual(operations, ['updateStock']);
  const { method, url } = requests[0]!;
  assert.deepEqual([method, url], ['POST', 'https://api.lazada.sg/rest/product/stock/sellable/update']);
  assert.equal(
    payloadOf(requests[0]),
    '<Request><Product><Skus>' +
      '<Sku><ItemId>1234567</ItemId><SkuId>1</SkuId><SellerSku>sku-1</SellerSku>' +
      '<SellableQuantity>7</SellableQuantity></Sku>' +
      '<Sku><ItemId>1234567</ItemId><SkuId>2</SkuId><SellerSku>sku-2</SellerSku>' +
      '<SellableQuantity>0</SellableQuantity></Sku>' +
      '</Skus></Product></Request>',
  );
});

test('a SKU can not break out of its element', () => {
  const { requests } = update([line('1', 7, `</SellerSku>&"'é`)], () => success({}));
  assert.match(payloadOf(requests[0]), /<SellerSku>&lt;\/SellerSku&gt;&amp;&quot;&apos;é<\/SellerSku>/);
});

test('where a call is refused each line goes alone, so that one does not keep the others from being set', () => {
  const { result, requests } = update([line('1', 1), line('2', 2), line('3', 3)], (request) =>
    payloadOf(request).includes('<SkuId>2<') ? refusal('501') : success({}),
  );
  assert.deepEqual(outcomes(result), ['applied', '501', 'applied']);
  assert.equal(requests.length, 4);
  assert.deepEqual(result[1], {
    outcome: 'failed',
    code: '501',
    message: 'Lazada refused the quantity: 501 (the update failed)',
  });
});

test('a refusal of the only line is its outcome, in no words of Lazada’s', () => {
  const { result, requests } = update([line('1', 1)], () => refusal('4170'));
  assert.deepEqual(result, [{ outcome: 'failed', code: '4170', message: 'Lazada refused the quantity: 4170' }]);
  assert.equal(requests.length, 1);
});

test('a call too many is no refusal of a line', () => {
  const failure = failureOf(() => update([line('1', 1)], () => refusal('901')));
  assert.deepEqual([failure.kind, failure.retryAfterMs], ['throttled', 1_000]);
});

test('any lines share a call, as many as Lazada advises', () => {
  assert.equal(inventory.batchKey(line('1', 1)), inventory.batchKey({ ...line('2', 1), reference: { itemId: '2' } }));
  assert.equal(inventory.batch, 20);
});

for (const body of ['{"code":"0","dat', '<html></html>', '{}', '{"code":"1000","type":"ISP"}']) {
  test(`an answer that proves nothing is no success: ${body}`, () => {
    assert.equal(failureOf(() => update([line('1', 1)], () => answer(body))).kind, 'retryable');
  });
}
