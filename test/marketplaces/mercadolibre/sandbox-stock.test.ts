import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, FIRST, type Json, SECOND } from './sandbox-world.ts';

/** One plain item, two variations of an item, and a user product, as listings follow one another. */
async function meet() {
  const made = createWorld();
  for (const sku of ['plain', 'red', 'blue', 'stored']) made.sandbox.books.setStock(FIRST, sku, 5);
  const token = await made.sellerToken();
  const listing = (sku: string) => made.sandbox.books.listing(FIRST, sku);
  const put = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    made.call(token, path, { method: 'PUT', body, headers });
  return { ...made, token, listing, put, get: (path: string) => made.call(token, path) };
}

test('an item’s stock is set; without any it is paused', async () => {
  const { listing, put, get } = await meet();
  const { itemId } = listing('plain').reference;
  const set = await put(`/items/${itemId}`, { available_quantity: 0 });
  assert.deepEqual([set.status, set.body.status, set.body.sub_status], [200, 'paused', ['out_of_stock']]);
  assert.equal(listing('plain').quantity, 0);
  await put(`/items/${itemId}`, { available_quantity: 7 });
  const { body } = await get(`/items/${itemId}`);
  assert.deepEqual([body.available_quantity, body.status, body.variations], [7, 'active', []]);
  assert.deepEqual([body.seller_id, body.attributes[0].value_name], [Number(FIRST), 'plain']);
});

test('variations are set together, one that is not sent has nothing left to sell', async () => {
  const { listing, put, get } = await meet();
  const { itemId, variationId } = listing('red').reference;
  assert.equal(listing('blue').reference.itemId, itemId);
  const variations = [
    { id: Number(variationId), available_quantity: 3 },
    { id: Number(listing('blue').reference.variationId), available_quantity: 4 },
  ];
  assert.equal((await put(`/items/${itemId}`, { variations })).body.available_quantity, 7);
  assert.deepEqual([listing('red').quantity, listing('blue').quantity], [3, 4]);
  await put(`/items/${itemId}`, { variations: variations.slice(0, 1) });
  assert.deepEqual([listing('red').quantity, listing('blue').quantity], [3, 0]);
  await put(`/items/${itemId}/variations/${variationId}`, { available_quantity: 9 });
  const { body } = await get(`/items/${itemId}/variations`);
  assert.deepEqual(
    body.map((one: Json) => one.available_quantity),
    [9, 0],
  );
});

test('stock of the wrong kind, size or item is refused and changes nothing', async () => {
  const { listing, put, call, sellerToken } = await meet();
  const plain = `/items/${listing('plain').reference.itemId}`;
  const varied = `/items/${listing('red').reference.itemId}`;
  const stored = `/items/${listing('stored').reference.itemId}`;
  for (const [path, body] of [
    [plain, { available_quantity: -1 }],
    [plain, { available_quantity: 1.5 }],
    [plain, { available_quantity: '3' }],
    [plain, { variations: [{ id: 1, available_quantity: 1 }] }],
    [varied, { available_quantity: 1 }],
    [varied, { variations: [{ id: 1, available_quantity: 1 }] }],
    [stored, { available_quantity: 1 }],
  ] as const) {
    const { status, body: answer } = await put(path, body);
    assert.deepEqual([status, answer.error], [400, 'validation_error']);
  }
  assert.equal((await put('/items/MLB1', { available_quantity: 1 })).status, 404);
  const foreign = await call(await sellerToken(2), plain, { method: 'PUT', body: { available_quantity: 1 } });
  assert.equal(foreign.status, 404);
  for (const sku of ['plain', 'red', 'blue', 'stored']) assert.equal(listing(sku).quantity, 5);
});

test('stock in a store is written only over the version that was read', async () => {
  const { sandbox, listing, put, get } = await meet();
  const path = `/user-products/${listing('stored').reference.userProductId}/stock`;
  const read = await get(path);
  const version = read.headers.get('x-version') ?? '';
  const [{ store_id, network_node_id, type, quantity }] = read.body.locations;
  assert.deepEqual([type, quantity, read.body.user_id], ['seller_warehouse', 5, Number(FIRST)]);
  const body = { locations: [{ store_id, network_node_id, quantity: 8 }] };
  const write = (headers: Record<string, string>, sent: unknown = body) =>
    put(`${path}/type/seller_warehouse`, sent, headers);

  const unversioned = await write({});
  assert.deepEqual([unversioned.status, unversioned.body.message], [400, 'Missing X-Version header']);
  const written = await write({ 'x-version': version });
  assert.deepEqual([written.status, written.body.locations[0].quantity], [200, 8]);
  assert.equal(listing('stored').quantity, 8);
  const stale = await write({ 'x-version': version });
  assert.deepEqual([stale.status, stale.body.message], [409, 'Version mismatch']);

  const next = written.headers.get('x-version') ?? '';
  assert.equal((await get(path)).headers.get('x-version'), next);
  sandbox.books.setStock(FIRST, 'stored', 1);
  assert.equal((await write({ 'x-version': next })).status, 409, 'a sale in between makes a new version');
  const fresh = (await get(path)).headers.get('x-version') ?? '';
  for (const locations of [[], [{ store_id: '1', quantity: 1 }], [{ store_id, quantity: -1 }]]) {
    assert.equal((await write({ 'x-version': fresh }, { locations })).status, 400);
  }
  assert.equal(listing('stored').quantity, 1);
});

test('a seller’s stores and items are found, another seller’s are not', async () => {
  const { sandbox, listing, get } = await meet();
  sandbox.books.setStock(SECOND, 'plain', 1);
  const stores = (await get(`/users/${FIRST}/stores/search?tags=stock_location`)).body;
  const stock = (await get(`/user-products/${listing('stored').reference.userProductId}/stock`)).body;
  assert.equal(stores.results[0].id, stock.locations[0].store_id);
  assert.deepEqual((await get(`/users/${FIRST}/items/search?seller_sku=blue`)).body.results, [
    listing('red').reference.itemId,
  ]);
  const all = (await get(`/users/${FIRST}/items/search?limit=2&offset=1`)).body;
  assert.deepEqual([all.paging.total, all.results.length], [3, 2]);
  const theirs = sandbox.books.listing(SECOND, 'plain').reference.itemId;
  assert.equal((await get(`/items/${theirs}`)).status, 404);
  const many = (await get(`/items?ids=${listing('plain').reference.itemId},${theirs}`)).body;
  assert.deepEqual(
    many.map((one: Json) => one.code),
    [200, 404],
  );
  for (const path of [`/users/${SECOND}/items/search`, `/users/${SECOND}/stores/search`, `/users/${SECOND}`]) {
    assert.equal((await get(path)).status, 403);
  }
});
