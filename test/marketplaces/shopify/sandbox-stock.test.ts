import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, DAY_MS, gid, type Json, LOCATION, OTHER_SHOP, SHOP } from './sandbox-world.ts';

const SET = `mutation Set($input: InventorySetQuantitiesInput!, $key: String!) { inventorySetQuantities(input: $input) @idempotent(key: $key) {
  inventoryAdjustmentGroup { reason changes { name delta item { sku } location { id } } } userErrors { code field } } }`;
const SET_BARE = `mutation Set($input: InventorySetQuantitiesInput!) { inventorySetQuantities(input: $input) {
  inventoryAdjustmentGroup { id } userErrors { code field } } }`;

/** A world in which the shop offers A and B, and their ids. */
function createStockedWorld() {
  const world = createWorld();
  const { books } = world.sandbox;
  const items = ['A', 'B'].map((sku) => books.listing(SHOP, sku).reference.inventoryItemId!);
  books.setStock(SHOP, 'A', 5);
  const stock = () => ['A', 'B'].map((sku) => books.listing(SHOP, sku).quantity);
  const one = (item: number, quantity: number, changes: Json = {}) => ({
    inventoryItemId: items[item],
    locationId: LOCATION,
    quantity,
    changeFromQuantity: null,
    ...changes,
  });
  const inputOf = (quantities: Json[], changes: Json = {}) => ({
    name: 'available',
    reason: 'correction',
    quantities,
    ...changes,
  });
  const set = async (quantities: Json[], key = 'key-1', changes: Json = {}): Promise<Json> =>
    (await world.data(SET, { input: inputOf(quantities, changes), key })).inventorySetQuantities;
  return { ...world, world, items, stock, one, inputOf, set };
}

test('a listing’s reference names the inventory item and the location', () => {
  const { sandbox } = createWorld();
  assert.deepEqual(sandbox.books.listing(SHOP, 'A').reference, {
    inventoryItemId: 'gid://shopify/InventoryItem/46300000000001',
    locationId: LOCATION,
  });
});

test('stock is set, and the answer tells by how much it changed', async () => {
  const { set, one, stock } = createStockedWorld();
  const { inventoryAdjustmentGroup, userErrors } = await set([one(0, 7), one(1, 0)]);
  assert.deepEqual(userErrors, []);
  assert.deepEqual(inventoryAdjustmentGroup, {
    reason: 'correction',
    changes: [{ name: 'available', delta: 2, item: { sku: 'A' }, location: { id: LOCATION } }],
  });
  assert.deepEqual(stock(), [7, 0]);
});

const WRONG: [what: string, changes: Json, input: Json, code: string, field: string][] = [
  ['an unknown item', { inventoryItemId: gid('InventoryItem', 1) }, {}, 'INVALID_INVENTORY_ITEM', 'inventoryItemId'],
  ['an unknown location', { locationId: gid('Location', 1) }, {}, 'INVALID_LOCATION', 'locationId'],
  ['less than nothing', { quantity: -1 }, {}, 'INVALID_QUANTITY_NEGATIVE', 'quantity'],
  ['more than a billion', { quantity: 1_000_000_001 }, {}, 'INVALID_QUANTITY_TOO_HIGH', 'quantity'],
  ['a stale comparison', { changeFromQuantity: 4 }, {}, 'CHANGE_FROM_QUANTITY_STALE', 'changeFromQuantity'],
  ['an unknown reason', {}, { reason: 'because' }, 'INVALID_REASON', 'reason'],
  ['an unknown name', {}, { name: 'committed' }, 'INVALID_NAME', 'name'],
];

for (const [what, changes, input, code, field] of WRONG) {
  test(`${what} is refused, and the good lines beside it are not set either`, async () => {
    const { set, one, stock } = createStockedWorld();
    const { inventoryAdjustmentGroup, userErrors } = await set([one(1, 9), one(0, 9, changes)], 'key-1', input);
    const place = Object.keys(input).length > 0 ? ['input', field] : ['input', 'quantities', '1', field];
    assert.deepEqual([inventoryAdjustmentGroup, userErrors], [null, [{ code, field: place }]]);
    assert.deepEqual(stock(), [5, 0]);
  });
}

test('one item twice is refused', async () => {
  const { set, one } = createStockedWorld();
  const { userErrors } = await set([one(0, 1), one(0, 2)]);
  assert.equal(userErrors[0].code, 'NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR');
});

test('a comparison that holds lets the change through', async () => {
  const { set, one, stock } = createStockedWorld();
  assert.deepEqual((await set([one(0, 6, { changeFromQuantity: 5 })])).userErrors, []);
  assert.deepEqual(stock(), [6, 0]);
});

test('another shop’s item is not found', async () => {
  const { world, one, inputOf } = createStockedWorld();
  const data = await world.data(SET, { input: inputOf([one(0, 1)]), key: 'k' }, { shop: OTHER_SHOP });
  assert.equal(data.inventorySetQuantities.userErrors[0].code, 'INVALID_INVENTORY_ITEM');
});

test('since 2026-04 a request must be idempotent and compare, or say that it does not', async () => {
  const { world, one, inputOf } = createStockedWorld();
  const bare = (await world.graphql(SET_BARE, { input: inputOf([one(0, 1)]) })).body;
  assert.deepEqual(bare.data, { inventorySetQuantities: null });
  assert.equal(bare.errors[0].extensions.code, 'BAD_REQUEST');
  assert.match(bare.errors[0].message, /@idempotent directive is required/);
  const { changeFromQuantity, ...incomplete } = one(0, 1);
  assert.equal(changeFromQuantity, null);
  const { body } = await world.graphql(SET, { input: inputOf([incomplete]), key: 'k' });
  assert.equal(body.errors[0].extensions.code, 'INVALID_FIELD_ARGUMENTS');
  const compared = { input: inputOf([one(0, 1, { compareQuantity: 5 })]), key: 'k' };
  assert.equal((await world.graphql(SET, compared)).body.errors[0].extensions.code, 'INVALID_VARIABLE');
});

test('before 2026-04 a request compares as it did then', async () => {
  const { world, one, inputOf, stock } = createStockedWorld();
  const { changeFromQuantity: _, ...plain } = one(0, 1);
  const old = async (quantity: Json, changes: Json = {}) => {
    const data = await world.data(
      SET_BARE,
      { input: inputOf([{ ...plain, ...quantity }], changes) },
      { version: '2026-01' },
    );
    return data.inventorySetQuantities.userErrors[0]?.code;
  };
  assert.equal(await old({}), 'COMPARE_QUANTITY_REQUIRED');
  assert.equal(await old({ compareQuantity: 4 }), 'COMPARE_QUANTITY_STALE');
  assert.equal(await old({ compareQuantity: 5 }), undefined);
  assert.equal(await old({ quantity: 3 }, { ignoreCompareQuantity: true }), undefined);
  assert.deepEqual(stock(), [3, 0]);
});

test('a request with the same key is carried out once, and answered the same, for a day', async () => {
  const { set, one, sandbox, stock, world } = createStockedWorld();
  const first = await set([one(0, 7)]);
  sandbox.books.setStock(SHOP, 'A', 1);
  assert.deepEqual(await set([one(0, 7)]), first);
  assert.deepEqual(stock(), [1, 0]);
  assert.equal((await set([one(0, 8)])).userErrors[0].code, 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
  await world.advance(DAY_MS);
  assert.deepEqual((await set([one(0, 7)])).userErrors, []);
  assert.deepEqual(stock(), [7, 0]);
});

test('a request that was refused is not tried again with its key', async () => {
  const { set, one, sandbox } = createStockedWorld();
  const stale = [one(0, 7, { changeFromQuantity: 4 })];
  await set(stale);
  sandbox.books.setStock(SHOP, 'A', 4);
  assert.equal((await set(stale)).userErrors[0].code, 'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED');
  assert.deepEqual((await set(stale, 'key-2')).userErrors, []);
});

test('more than 250 quantities are too many', async () => {
  const { world, one, inputOf } = createStockedWorld();
  const many = Array.from({ length: 251 }, () => one(0, 1));
  const { body } = await world.graphql(SET, { input: inputOf(many), key: 'k' });
  assert.match(body.errors[0].message, /greater than the maximum allowed of 250/);
});

test('stock is found by SKU, by item and at the location', async () => {
  const { world, items } = createStockedWorld();
  const data = await world.data(
    `query ($item: ID!, $level: ID!) {
      productVariants(first: 5, query: "sku:A") { nodes { sku inventoryQuantity inventoryItem { id } } }
      inventoryItem(id: $item) { sku inventoryLevel(locationId: "${LOCATION}") { quantities(names: ["available", "on_hand", "committed"]) { name quantity } } }
      inventoryLevel(id: $level) { item { sku } }
      locations(first: 2) { nodes { id name inventoryLevels(first: 9) { nodes { item { sku } } } } }
    }`,
    { item: items[0], level: gid('InventoryLevel', '61900000001?inventory_item_id=46300000000002') },
  );
  assert.deepEqual(data, {
    productVariants: { nodes: [{ sku: 'A', inventoryQuantity: 5, inventoryItem: { id: items[0] } }] },
    inventoryItem: {
      sku: 'A',
      inventoryLevel: {
        quantities: [
          { name: 'available', quantity: 5 },
          { name: 'on_hand', quantity: 5 },
          { name: 'committed', quantity: 0 },
        ],
      },
    },
    inventoryLevel: { item: { sku: 'B' } },
    locations: {
      nodes: [
        {
          id: LOCATION,
          name: 'Sandbox warehouse',
          inventoryLevels: { nodes: [{ item: { sku: 'A' } }, { item: { sku: 'B' } }] },
        },
      ],
    },
  });
});
