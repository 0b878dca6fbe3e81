import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, DRAFT, type Json, SHOP } from './sandbox-world.ts';

const UPDATE = '/api/v2/product/update_stock';

/** Two variants of one item, and an item without variants. */
const A = '85123A';
const B = '85123B';
const PLAIN = '71053';

async function openStock() {
  const world = createWorld();
  const token = await world.accessToken();
  const { books } = world.sandbox;
  const idsOf = (sku: string, shopId = SHOP) => {
    const { itemId, modelId } = books.listing(String(shopId), sku).reference;
    return { itemId: Number(itemId), modelId: Number(modelId) };
  };
  const model = (modelId: number, stock: Json, more: Json = {}) => ({
    model_id: modelId,
    seller_stock: [{ stock, ...more }],
  });
  const update = async (itemId: number, stock_list: Json) =>
    (await world.shopPost(UPDATE, token, { item_id: itemId, stock_list })).body;
  const quantityOf = (sku: string) => books.listing(String(SHOP), sku).quantity;
  return { world, token, idsOf, model, update, quantityOf };
}

test('variants are models of one item and are set in one call, an item without them has model 0', async () => {
  const { idsOf, model, update, quantityOf } = await openStock();
  const [a, b, plain] = [idsOf(A), idsOf(B), idsOf(PLAIN)];
  assert.equal(a.itemId, b.itemId);
  assert.notEqual(a.modelId, b.modelId);
  const answer = await update(a.itemId, [model(a.modelId, 12), model(b.modelId, 0)]);
  assert.equal(answer.error, '');
  assert.deepEqual(answer.response, {
    success_list: [
      { model_id: a.modelId, location_id: '', stock: 12 },
      { model_id: b.modelId, location_id: '', stock: 0 },
    ],
    failure_list: [],
  });
  assert.deepEqual([quantityOf(A), quantityOf(B)], [12, 0]);

  assert.equal(plain.modelId, 0);
  assert.equal((await update(plain.itemId, [{ seller_stock: [{ stock: 5 }] }])).error, '');
  assert.equal(quantityOf(PLAIN), 5);
});

test('an order shows the ids under which its stock is set', async () => {
  const { world, token, idsOf } = await openStock();
  const { orderId } = world.sandbox.books.place(String(SHOP), DRAFT);
  const query = { order_sn_list: orderId, response_optional_fields: 'item_list' };
  const { body } = await world.shopGet('/api/v2/order/get_order_detail', token, query);
  const shown = body.response.order_list[0].item_list.map((item: Json) => ({
    itemId: item.item_id,
    modelId: item.model_id,
  }));
  assert.deepEqual(shown, [idsOf(A), idsOf(PLAIN)]);
});

test('a model that can’t be set fails alone inside a success, or is the refusal when nothing else is set', async () => {
  const { world, idsOf, model, update, quantityOf } = await openStock();
  const [a, b] = [idsOf(A), idsOf(B)];
  world.sandbox.reserveStock(String(SHOP), B, 3);
  const reserved = 'Total stock must be more than reserved stock.';
  const partly = await update(a.itemId, [model(a.modelId, 9), model(b.modelId, 2), model(1, 9)]);
  assert.equal(partly.error, '');
  assert.deepEqual(
    partly.response.success_list.map((one: Json) => one.model_id),
    [a.modelId],
  );
  assert.deepEqual(partly.response.failure_list, [
    { model_id: b.modelId, failed_reason: reserved },
    { model_id: 1, failed_reason: 'Wrong model_id.' },
  ]);
  assert.deepEqual([quantityOf(A), quantityOf(B)], [9, 0]);

  const refused = await update(a.itemId, [model(b.modelId, 2)]);
  assert.deepEqual([refused.error, refused.message], ['error_auth', reserved]);
  const unknown = await update(a.itemId, [model(1, 2)]);
  assert.deepEqual([unknown.error, unknown.message], ['error_param', 'Wrong model_id.']);
  assert.equal((await update(a.itemId, [model(b.modelId, 3)])).error, '');
});

test('wrong calls are refused whole', async () => {
  const { idsOf, model, update, quantityOf } = await openStock();
  const { itemId, modelId } = idsOf(A);
  const foreign = idsOf('22423', SHOP + 1);
  const good = model(modelId, 7);
  const cases: [number, Json, string][] = [
    [1, [good], 'error_item_not_found'],
    [foreign.itemId, [model(foreign.modelId, 7)], 'error_item_not_found'],
    [itemId, [good, good], 'error_param'],
    [itemId, [model(modelId, 7, { location_id: 'SGZ' })], 'error_param'],
    [itemId, [model(modelId, -1)], 'error_param'],
    [itemId, [model(modelId, '7')], 'error_param'],
    [itemId, [], 'error_param'],
    [itemId, Array.from({ length: 51 }, (_, index) => model(index + 1, 7)), 'error_param'],
  ];
  for (const [item, stock_list, error] of cases) assert.equal((await update(item, stock_list)).error, error);
  assert.equal(quantityOf(A), 0);
});
