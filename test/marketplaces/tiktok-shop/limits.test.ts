import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import { answer, failureOf, refusal, success } from './support.ts';

const { limits } = tiktokShop;
const OF_SHOP = [
  'searchOrders',
  'searchOrdersNext',
  'getOrders',
  'updateInventory',
  'getShippingProviders',
  'shipPackage',
  'markPackageAsShipped',
  'getWebhooks',
  'updateWebhook',
];
const OF_APP = ['exchangeCode', 'refreshToken', 'getAuthorizedShops'];

for (const [operations, scope, calls] of [
  [OF_SHOP, 'app-and-connection', 50],
  [OF_APP, 'app', 10],
] as const) {
  for (const operation of operations) {
    test(`in no second more than ${calls} calls of ${operation}, wherever the second begins`, () => {
      const [limit, ...more] = limits.forOperation(operation);
      assert.deepEqual(more, []);
      assert.equal(limit!.scope, scope);
      assert.equal(limit!.ratePerSecond + limit!.burst, calls);
      assert.ok(limit!.source.length > 0);
    });
  }
}

test('the pages of a window are counted together, each other call of its own', () => {
  const bucket = (operation: string): string => limits.forOperation(operation)[0]!.bucket;
  assert.equal(bucket('searchOrdersNext'), bucket('searchOrders'));
  assert.equal(new Set(OF_SHOP.map(bucket)).size, OF_SHOP.length - 1);
});

test('an operation that TikTok Shop does not have gets no budget', () => {
  for (const operation of ['getProducts', 'toString', '']) {
    assert.equal(failureOf(() => limits.forOperation(operation)).kind, 'permanent');
  }
});

test('a refusal rests the bucket of its call, as long as it asks', () => {
  const blocked = (blockedForMs: number) => [{ bucket: 'searchOrders', blockedForMs }];
  assert.deepEqual(limits.learn?.(refusal(36009002), 'searchOrdersNext'), blocked(1_000));
  assert.deepEqual(limits.learn?.(answer('slow down', 429), 'searchOrders'), blocked(1_000));
  const asked = { ...refusal(36009002), headers: { 'retry-after': '12' } };
  assert.deepEqual(limits.learn?.(asked, 'searchOrders'), blocked(12_000));
});

test('any other answer teaches nothing', () => {
  for (const response of [success({}), refusal(105002), answer('<html>', 503)]) {
    assert.deepEqual(limits.learn?.(response, 'searchOrders'), []);
  }
});
