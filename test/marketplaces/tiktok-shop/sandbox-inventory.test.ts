import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, GB_SHOP, type Json, SG_SHOP } from './sandbox-world.ts';

const INVENTORY_SEARCH = '/product/202309/inventory/search';

function openWorld() {
  const world = createWorld();
  const offer = (sku: string, shopId = GB_SHOP) => world.sandbox.books.listing(shopId, sku).reference;
  return {
    world,
    offer,
    stockOf: (sku: string, shopId = GB_SHOP) => world.sandbox.books.listing(shopId, sku).quantity,
    update: (productId: string, skus: Json, shop = 0) =>
      world.call(`/product/202309/products/${productId}/inventory/update`, { body: { skus }, shop }),
  };
}

const sku = (reference: Record<string, string>, quantity: number, warehouse_id = reference.warehouseId) => ({
  id: reference.skuId,
  inventory: [{ warehouse_id, quantity }],
});

test('stock is set to what is told, several variants of one product at once', async () => {
  const { offer, stockOf, update } = openWorld();
  const [red, blue] = [offer('red'), offer('blue')];
  assert.equal(red.productId, blue.productId);
  const { body } = await update(red.productId!, [sku(red, 7), { id: blue.skuId, inventory: [{ quantity: 0 }] }]);
  assert.deepEqual([body.code, body.data], [0, {}]);
  assert.deepEqual([stockOf('red'), stockOf('blue')], [7, 0]);
});

test('a wrong SKU fails alone, inside a success', async () => {
  const { offer, stockOf, update } = openWorld();
  const [red, blue, green, black] = [offer('red'), offer('blue'), offer('green'), offer('black')];
  assert.notEqual(black.productId, red.productId);
  const { status, body } = await update(red.productId!, [
    sku(red, 7),
    sku(blue, 8, '7000000000000000000'),
    sku(green, 100_000),
    sku(black, 9),
  ]);
  assert.deepEqual([status, body.code], [200, 0]);
  const errors = body.data.errors.map(({ code, detail }: Json) => [
    code,
    detail.sku_id,
    detail.extra_errors.map((extra: Json) => extra.code),
  ]);
  assert.deepEqual(errors, [
    [12052990, blue.skuId, [12052097]],
    [12052990, green.skuId, [12052055]],
    [12052556, black.skuId, []],
  ]);
  assert.deepEqual([stockOf('red'), stockOf('blue'), stockOf('green'), stockOf('black')], [7, 0, 0, 0]);
});

test('an update is refused as a whole for a product of nobody or another shop, a SKU twice, and a wrong body', async () => {
  const { offer, stockOf, update } = openWorld();
  const red = offer('red');
  const code = async (productId: string, skus: Json, shop?: number) => (await update(productId, skus, shop)).body.code;
  assert.equal(await code('1', [sku(red, 7)]), 12052032);
  assert.equal(await code('none', [sku(red, 7)]), 12052032);
  assert.equal(await code(red.productId!, [sku(red, 7)], 1), 12052032);
  assert.equal(await code(red.productId!, [sku(red, 7), sku(red, 8)]), 12052553);
  assert.equal(await code(red.productId!, []), 36009004);
  assert.equal(await code(red.productId!, [sku(red, 1.5)]), 36009004);
  assert.equal(stockOf('red'), 0);
});

test('stock is found by product and by SKU, the shop’s own alone', async () => {
  const { world, offer, update } = openWorld();
  const [red, blue, foreign] = [offer('red'), offer('blue'), offer('red', SG_SHOP)];
  await update(red.productId!, [sku(red, 7)]);
  const search = async (body: Json) => (await world.call(INVENTORY_SEARCH, { body })).body;
  const { data } = await search({ product_ids: [red.productId], sku_ids: [red.skuId, foreign.skuId, '1'] });
  assert.deepEqual(
    data.inventory.map(({ product_id, skus }: Json) => [product_id, skus.map(({ id }: Json) => id)]),
    [[red.productId, [red.skuId, blue.skuId]]],
  );
  const { seller_sku, total_available_quantity, warehouse_inventory } = data.inventory[0].skus[0];
  assert.deepEqual([seller_sku, total_available_quantity], ['red', 7]);
  assert.deepEqual(warehouse_inventory, [
    { warehouse_id: red.warehouseId, available_quantity: 7, committed_quantity: 0 },
  ]);
  assert.deepEqual((await search({ sku_ids: [foreign.skuId] })).data.inventory, []);
  assert.equal((await search({})).code, 36009004);
});
