import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, createWorld, errorOf, FIRST, MINUTE_MS, SECOND_MS } from './sandbox-world.ts';

const each = (amount: number) => ({ unit: 'EACH', amount });

async function createStocked() {
  const parts = createWorld();
  const { sandbox, call, sellerToken } = parts;
  const plain = sandbox.books.listing(FIRST, 'MUG/RED 12');
  const atNode = sandbox.books.listing(FIRST, 'LANTERN');
  const token = await sellerToken();
  const put = (path: string, body: unknown): Promise<Answer> => call(token, path, { method: 'PUT', body });
  const putOne = (sku: string, quantity: unknown, query = '') =>
    put(`/v3/inventory?sku=${encodeURIComponent(sku)}${query}`, { sku, quantity });
  const shipNode = atNode.reference.shipNode ?? '';
  return { ...parts, token, plain, atNode, shipNode, put, putOne };
}

test('stock is set absolutely for a SKU, and read back', async () => {
  const { call, token, plain, atNode, shipNode, putOne } = await createStocked();
  assert.deepEqual(plain.reference, {});
  const path = `/v3/inventory?sku=${encodeURIComponent(plain.sku)}`;
  for (let turn = 0; turn < 2; turn++) {
    const answer = await putOne(plain.sku, each(12));
    assert.deepEqual([answer.status, answer.body], [200, { sku: plain.sku, quantity: each(12) }]);
  }
  assert.equal(plain.quantity, 12);
  assert.deepEqual((await call(token, path)).body.quantity, each(12));
  await putOne('LANTERN', each(3), `&shipNode=${shipNode}`);
  assert.equal(atNode.quantity, 3);
});

test('an unknown SKU, an unknown node, a mismatch and a wrong quantity are refused', async () => {
  const { call, token, put, putOne, sellerToken } = await createStocked();
  const unknown = await putOne('NOTHING', each(1));
  assert.deepEqual([unknown.status, errorOf(unknown), unknown.body.errors[0].field], [404, 'NOT_FOUND', 'sku']);
  assert.equal((await call(await sellerToken(2), '/v3/inventory?sku=LANTERN')).status, 404);
  assert.equal((await call(token, '/v3/inventory')).body.errors[0].field, 'sku');
  assert.equal((await putOne('LANTERN', each(1), '&shipNode=1')).body.errors[0].field, 'shipNode');
  assert.equal((await put('/v3/inventory?sku=LANTERN', { sku: 'OTHER', quantity: each(1) })).status, 400);
  for (const quantity of [each(-1), each(1.5), { unit: 'BOX', amount: 1 }, undefined]) {
    assert.equal((await putOne('LANTERN', quantity)).status, 400);
  }
});

test('of several ship nodes each succeeds or fails on its own, inside a 200', async () => {
  const { call, token, atNode, shipNode, put } = await createStocked();
  const nodes = [
    { shipNode: 'elsewhere', inputQty: each(9) },
    { shipNode, inputQty: each(7) },
  ];
  const answer = await put('/v3/inventories/LANTERN', { inventories: { nodes } });
  assert.equal(answer.status, 200);
  const [failed, succeeded] = answer.body.nodes;
  assert.equal(failed.errors[0].field, 'shipNode');
  assert.notEqual(failed.status, 'Success');
  assert.deepEqual(succeeded, { shipNode, status: 'Success' });
  assert.equal(atNode.quantity, 7);
  const read = await call(token, '/v3/inventories/LANTERN');
  assert.deepEqual(read.body.nodes[0].availToSellQty, each(7));
  assert.equal((await put('/v3/inventories/NOTHING', { inventories: { nodes } })).status, 404);
  assert.equal((await put('/v3/inventories/LANTERN', { inventories: { nodes: [] } })).status, 400);
});

test('the list of all stock is paged by an opaque cursor that ends empty', async () => {
  const { call, token, sandbox, sellerToken } = await createStocked();
  sandbox.books.listing(FIRST, 'THIRD');
  const first = await call(token, '/v3/inventories?limit=2');
  assert.equal(first.body.meta.totalCount, 3);
  const cursor = encodeURIComponent(first.body.meta.nextCursor);
  const second = await call(token, `/v3/inventories?limit=2&nextCursor=${cursor}`);
  assert.equal(second.body.elements.inventories[0].sku, 'THIRD');
  assert.equal(second.body.meta.nextCursor, '');
  assert.equal((await call(token, '/v3/inventories?limit=51')).body.errors[0].field, 'limit');
  assert.equal((await call(await sellerToken(2), `/v3/inventories?nextCursor=${cursor}`)).status, 400);
});

test('the 201st stock call within a minute is refused', async () => {
  const { putOne } = await createStocked();
  for (let count = 0; count < 200; count++) assert.equal((await putOne('LANTERN', each(count))).status, 200);
  assert.equal((await putOne('LANTERN', each(0))).status, 429);
});

function form(content: unknown): FormData {
  const body = new FormData();
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  body.set('file', new Blob([text], { type: 'application/octet-stream' }), 'inventory.json');
  return body;
}

test('a feed is taken, works for a while, and then tells of each item what became of it', async () => {
  const { world, call, token, atNode } = await createStocked();
  const body = form({
    InventoryHeader: { version: '1.4' },
    Inventory: [
      { sku: 'LANTERN', quantity: each(5) },
      { sku: 'NOTHING', quantity: each(1) },
    ],
  });
  const { feedId } = (await call(token, '/v3/feeds?feedType=inventory', { method: 'POST', body })).body;
  assert.match(feedId, /@/);
  const look = async () =>
    (await call(token, `/v3/feeds/${encodeURIComponent(feedId)}?includeDetails=true&limit=50&offset=0`)).body;
  const received = await look();
  assert.equal(received.feedStatus, 'RECEIVED');
  assert.equal(received.itemsProcessing, 2);
  world.now += 10 * SECOND_MS;
  assert.equal((await look()).feedStatus, 'INPROGRESS');
  assert.equal(atNode.quantity, 0);
  world.now += MINUTE_MS;
  const done = await look();
  assert.deepEqual([done.feedStatus, done.itemsSucceeded, done.itemsFailed], ['PROCESSED', 1, 1]);
  assert.deepEqual(
    done.itemDetails.itemIngestionStatus.map((item: { ingestionStatus: string }) => item.ingestionStatus),
    ['SUCCESS', 'DATA_ERROR'],
  );
  assert.equal(atNode.quantity, 5);
  assert.equal((await call(token, '/v3/feeds')).body.results.feed[0].feedStatus, 'PROCESSED');
});

test('a feed by ship node fails the items of an unknown node', async () => {
  const { world, call, token, plain, atNode, shipNode } = await createStocked();
  const at = (node: string, amount: number) => [{ shipNode: node, quantity: each(amount) }];
  const body = form({
    inventoryHeader: { version: '1.5' },
    inventory: [
      { sku: 'LANTERN', shipNodes: at(shipNode, 8) },
      { sku: plain.sku, shipNodes: at('elsewhere', 8) },
    ],
  });
  const { feedId } = (await call(token, '/v3/feeds?feedType=MP_INVENTORY', { method: 'POST', body })).body;
  world.now += MINUTE_MS;
  const done = (await call(token, `/v3/feeds/${encodeURIComponent(feedId)}`)).body;
  assert.deepEqual([done.itemsSucceeded, done.itemsFailed], [1, 1]);
  assert.deepEqual([atNode.quantity, plain.quantity], [8, 0]);
});

test('a feed without a file, of a wrong kind or version, or too large is refused; so is the eleventh in an hour', async () => {
  const { world, call, token, sellerToken } = await createStocked();
  const post = (type: string, body: unknown) =>
    call(token, `/v3/feeds?feedType=${type}`, { method: 'POST', body: body as FormData });
  assert.equal((await post('item', form({}))).body.errors[0].field, 'feedType');
  const codes = [];
  for (const body of [
    new FormData(),
    form('<xml/>'),
    form({ inventoryHeader: { version: '1.4' }, inventory: [] }),
    { inventory: [] },
  ]) {
    const answer = await post('inventory', body);
    codes.push([answer.status, answer.body.errors[0].code]);
  }
  assert.deepEqual(codes, [
    [400, 'MISSING_FILE'],
    [415, 'UNSUPPORTED_MEDIA_TYPE'],
    [400, 'INVALID_FILE'],
    [400, 'MISSING_FILE'],
  ]);
  assert.equal((await post('MP_INVENTORY', form(' '.repeat(1_000_001)))).status, 413);
  const whole = form({ InventoryHeader: { version: '1.4' }, Inventory: [{ sku: 'LANTERN', quantity: each(1) }] });
  for (let count = 0; count < 6; count++) assert.equal((await post('inventory', whole)).status, 200);
  assert.equal((await post('inventory', whole)).status, 429);
  world.now += 6 * MINUTE_MS;
  assert.equal((await post('inventory', whole)).status, 200);
  const { feedId } = (await call(token, '/v3/feeds')).body.results.feed[0];
  assert.equal((await call(await sellerToken(2), `/v3/feeds/${encodeURIComponent(feedId)}`)).status, 404);
});
