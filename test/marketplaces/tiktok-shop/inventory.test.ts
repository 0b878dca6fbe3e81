import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StockLine } from '#marketplaces/marketplace.ts';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { answer, context, failureOf, refusal, runSteps, success } from './support.ts';

const inventory = tiktokShop.inventory!;
const PRODUCT = '1729592969712207008';

const line = (skuId: string, quantity: number, warehouseId = '7054'): StockLine => ({
  sku: `sku-${skuId}`,
  quantity,
  reference: { productId: PRODUCT, skuId, warehouseId },
});
const update = (lines: StockLine[], reply: (request: HttpRequest) => HttpResponse) =>
  runSteps((answers) => inventory.update(context, lines, answers), reply);
const outcomes = (result: { outcome: string }[]): string[] =>
  result.map((told) => ('code' in told ? String(told.code) : told.outcome));

test('all SKUs of a product are set by one call, each with all of its warehouses', () => {
  const { result, requests } = update([line('1', 7), line('2', 0), line('1', 3, '7055')], () => success({}));
  assert.deepEqual(result, Array(3).fill({ outcome: 'applied' }));
  assert.equal(requests.length, 1);
  const { method, url, body } = requests[0]!;
  assert.equal(method, 'POST');
  assert.equal(new URL(url).pathname, `/product/202309/products/${PRODUCT}/inventory/update`);
  assert.deepEqual(JSON.parse(body!), {
    skus: [
      {
        id: '1',
        inventory: [
          { warehouse_id: '7054', quantity: 7 },
          { warehouse_id: '7055', quantity: 3 },
        ],
      },
      { id: '2', inventory: [{ warehouse_id: '7054', quantity: 0 }] },
    ],
  });
});

test('of two quantities for one place the later one is sent', () => {
  const { requests } = update([line('1', 7), line('1', 5)], () => success({}));
  assert.deepEqual(JSON.parse(requests[0]!.body!).skus[0].inventory, [{ warehouse_id: '7054', quantity: 5 }]);
});

test('a SKU refused inside a success fails, and the others are applied', () => {
  const errors = [
    {
      code: 12052990,
      message: 'Check failed',
      detail: { sku_id: '2', extra_errors: [{ warehouse_id: '7055', code: 12052097, message: 'Ada Example' }] },
    },
  ];
  const { result } = update([line('1', 1), line('2', 1), line('2', 1, '7055')], () => success({ errors }));
  assert.deepEqual(outcomes(result), ['applied', '12052097', '12052097']);
  assert.deepEqual(result[2], {
    outcome: 'failed',
    code: '12052097',
    message: 'TikTok Shop refused the quantity: 12052097 (no such warehouse)',
  });
});

test('an error that names no SKU is one of every line', () => {
  const { result } = update([line('1', 1), line('2', 1)], () => success({ errors: [{ code: 12052990 }] }));
  assert.deepEqual(outcomes(result), ['12052990', '12052990']);
});

test('a call that is refused whole is made again for each SKU, so that one does not keep the others from being set', () => {
  const { result, requests } = update([line('1', 1), line('2', 2), line('3', 3)], ({ body }) =>
    body?.includes('"id":"2"') ? refusal(12052556) : success({}),
  );
  assert.deepEqual(outcomes(result), ['applied', '12052556', 'applied']);
  assert.equal(requests.length, 4);
});

test('a refusal of the only SKU is its outcome, in no words of TikTok’s', () => {
  const { result, requests } = update([line('1', 1)], () => refusal(12099999));
  assert.deepEqual(result, [
    { outcome: 'failed', code: '12099999', message: 'TikTok Shop refused the quantity: 12099999' },
  ]);
  assert.equal(requests.length, 1);
});

test('only SKUs of one product share a call', () => {
  const key = inventory.batchKey;
  const other = { ...line('1', 1), reference: { ...line('1', 1).reference, productId: '2' } };
  assert.equal(key(line('1', 1)), key(line('2', 1, '7055')));
  assert.notEqual(key(line('1', 1)), key(other));
});

for (const body of ['{"code":0,"data":{"errors":[{"code"', '{"code":0,"data":{"errors":"none"}}', '<html></html>']) {
  test(`an answer that proves nothing is no success: ${body}`, () => {
    assert.equal(failureOf(() => update([line('1', 1)], () => answer(body))).kind, 'retryable');
  });
}
