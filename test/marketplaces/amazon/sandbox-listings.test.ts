import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, type Json, MINUTE, SECOND } from './sandbox-world.ts';

const UK = 'A1F83G8C2ARO7P';
const STOCK_PATH = '/attributes/fulfillment_availability';
const stock = (quantity: unknown) => [{ fulfillment_channel_code: 'DEFAULT', quantity }];
const patchTo = (quantity: unknown, productType = 'PRODUCT') => ({
  productType,
  patches: [{ op: 'replace', path: STOCK_PATH, value: stock(quantity) }],
});

/** A world with two offered SKUs and the two calls of their listings. */
async function createListingsWorld() {
  const all = createWorld();
  const { books, seller, call, accessToken } = all;
  books.setStock(seller.sellerId, 'A', 3);
  books.setStock(seller.sellerId, 'B/#1 +%', 4);
  const access = await accessToken();
  const path = (sku: string, query: string) =>
    `/listings/2021-08-01/items/${seller.sellerId}/${encodeURIComponent(sku)}?${query}`;
  const get = (sku: string, query = `marketplaceIds=${UK}&includedData=fulfillmentAvailability`) =>
    call(path(sku, query), access);
  const patch = (sku: string, body: unknown, query = `marketplaceIds=${UK}`) =>
    call(path(sku, query), access, { method: 'PATCH', body });
  const quantity = async (sku: string) => (await get(sku)).body.fulfillmentAvailability[0].quantity;
  return { ...all, access, get, patch, quantity };
}

test('a patch is accepted at once and in force a minute later', async () => {
  const { patch, quantity, books, seller, world } = await createListingsWorld();
  const { status, body } = await patch('A', patchTo(7));
  assert.equal(status, 200);
  assert.match(body.submissionId, /^[0-9a-f-]{36}$/);
  assert.deepEqual(body, { sku: 'A', status: 'ACCEPTED', submissionId: body.submissionId, issues: [] });
  world.now += MINUTE - 1;
  assert.equal(await quantity('A'), 3);
  world.now += 1;
  assert.equal(await quantity('A'), 7);
  assert.equal(books.listing(seller.sellerId, 'A').quantity, 7);
});

test('of two patches the later one stays', async () => {
  const { patch, quantity, world } = await createListingsWorld();
  await patch('A', patchTo(7));
  world.now += 30 * SECOND;
  await patch('A', patchTo(8));
  world.now += 30 * SECOND;
  assert.equal(await quantity('A'), 7);
  world.now += 30 * SECOND;
  assert.equal(await quantity('A'), 8);
});

test('a SKU may hold any character', async () => {
  const { patch, quantity, world } = await createListingsWorld();
  assert.equal((await patch('B/#1 +%', patchTo(9))).body.sku, 'B/#1 +%');
  world.now += MINUTE;
  assert.equal(await quantity('B/#1 +%'), 9);
});

test('a patch of a SKU that is not offered is accepted and comes to nothing', async () => {
  const { patch, get, books, seller, world } = await createListingsWorld();
  assert.equal((await patch('C', patchTo(7))).body.status, 'ACCEPTED');
  world.now += MINUTE;
  const { status, body } = await get('C');
  assert.deepEqual([status, body.errors[0].code], [404, 'NotFound']);
  assert.equal(books.listings.has(`${seller.sellerId}/C`), false);
});

test('a wrong submission is INVALID inside a success, and changes nothing', async () => {
  const { patch, quantity, world } = await createListingsWorld();
  const wrong: [string, Json][] = [
    ['fulfillment_availability', patchTo(-1)],
    ['fulfillment_availability', patchTo(1.5)],
    ['fulfillment_availability', patchTo('7')],
    ['fulfillment_availability', { productType: 'PRODUCT', patches: [{ op: 'replace', path: STOCK_PATH }] }],
    ['product_type', patchTo(7, 'SHOES')],
    ['fulfillment_availability', { ...patchTo(7), patches: [{ op: 'add', path: `${STOCK_PATH}/0/quantity` }] }],
    ['item_name', { ...patchTo(7), patches: [{ op: 'replace', path: '/attributes/item_name', value: [] }] }],
  ];
  for (const [attribute, body] of wrong) {
    const answer = await patch('A', body);
    assert.deepEqual([answer.status, answer.body.status], [200, 'INVALID'], JSON.stringify(body));
    assert.deepEqual(answer.body.issues[0].attributeNames, [attribute]);
    assert.equal(answer.body.issues[0].severity, 'ERROR');
    world.now += SECOND;
  }
  world.now += MINUTE;
  assert.equal(await quantity('A'), 3);
});

test("a listing's own product type fits it as the general one does", async () => {
  const { patch, get, books, seller } = await createListingsWorld();
  const { reference } = books.listing(seller.sellerId, 'B/#1 +%');
  assert.deepEqual(reference, { productType: 'HOME' });
  assert.equal((await patch('B/#1 +%', patchTo(1, 'HOME'))).body.status, 'ACCEPTED');
  assert.equal((await patch('A', patchTo(1, 'HOME'))).body.status, 'INVALID');
  const { body } = await get('B/#1 +%', `marketplaceIds=${UK}&includedData=productTypes`);
  assert.deepEqual(body.productTypes, [{ marketplaceId: UK, productType: 'HOME' }]);
});

test('a preview validates without effect', async () => {
  const { patch, quantity, world } = await createListingsWorld();
  const preview = `marketplaceIds=${UK}&mode=VALIDATION_PREVIEW&includedData=identifiers,issues`;
  const { body } = await patch('A', patchTo(7), preview);
  assert.equal(body.status, 'VALID');
  assert.deepEqual(body.identifiers, [{ marketplaceId: UK, asin: body.identifiers[0].asin }]);
  assert.equal((await patch('A', patchTo(-7), preview)).body.status, 'INVALID');
  world.now += MINUTE;
  assert.equal(await quantity('A'), 3);
});

test('a listing shows only the data sets asked for, by default its summary', async () => {
  const { get } = await createListingsWorld();
  const { body } = await get('A', `marketplaceIds=${UK}`);
  assert.deepEqual(Object.keys(body), ['sku', 'summaries']);
  assert.deepEqual(
    [body.summaries[0].marketplaceId, body.summaries[0].productType, body.summaries[0].status],
    [UK, 'PRODUCT', ['BUYABLE', 'DISCOVERABLE']],
  );
  const all = 'summaries,attributes,issues,offers,fulfillmentAvailability,procurement,relationships,productTypes';
  const whole = (await get('A', `marketplaceIds=${UK}&includedData=${all}`)).body;
  assert.deepEqual(whole.attributes, { fulfillment_availability: stock(3) });
  assert.deepEqual([whole.issues, whole.procurement], [[], undefined]);
});

test('a listings call that breaks a documented rule is refused', async () => {
  const { get, patch, call, accessToken, other, access } = await createListingsWorld();
  const wrong = [
    await get('A', ''),
    await get('A', 'marketplaceIds=ATVPDKIKX0DER'),
    await get('A', `marketplaceIds=${UK}&includedData=prices`),
    await patch('A', { patches: patchTo(7).patches }),
    await patch('A', { productType: 'PRODUCT', patches: [] }),
    await patch('A', patchTo(7), `marketplaceIds=${UK}&includedData=identifiers`),
  ];
  for (const { status, body } of wrong) assert.deepEqual([status, body.errors[0].code], [400, 'InvalidInput']);
  const path = `/listings/2021-08-01/items/${other.sellerId}/A?marketplaceIds=${UK}`;
  assert.equal((await call(path, access)).status, 403);
  assert.equal((await call(path, await accessToken(other))).status, 404);
});
