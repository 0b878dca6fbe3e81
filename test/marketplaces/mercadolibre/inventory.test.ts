import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StockLine } from '#marketplaces/marketplace.ts';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { answer, context, failureOf, refusal, runSteps } from './support.ts';

const inventory = mercadolibre.inventory!;
const API = 'https://api.mercadolibre.com';

type Reply = (request: HttpRequest, operation: string) => HttpResponse;

const line = (quantity: number, reference: Record<string, string>): StockLine => ({ sku: 'A', quantity, reference });
const update = (lines: StockLine[], reply: Reply) =>
  runSteps((answers) => inventory.update(context, lines, answers), reply);
const sent = ({ method, url, body }: HttpRequest): string => `${method} ${url.replace(API, '')} ${body ?? ''}`.trim();
const codes = (result: readonly object[]): string[] =>
  result.map((outcome) => ('code' in outcome ? String(outcome.code) : 'applied'));

const ITEM = { itemId: 'MLB1' };
const variation = (quantity: number, variationId: string) => line(quantity, { ...ITEM, variationId });

test('the stock of an item is set by a PUT of the item', () => {
  const { result, requests } = update([line(7, ITEM)], () => answer({ id: 'MLB1', available_quantity: 7 }));
  assert.deepEqual(result, [{ outcome: 'applied' }]);
  assert.deepEqual(requests.map(sent), ['PUT /items/MLB1 {"available_quantity":7}']);
});

test('a quantity that is taken and ignored is not applied', () => {
  const { result } = update([line(7, ITEM)], () => answer({ id: 'MLB1', available_quantity: 3 }));
  assert.deepEqual(codes(result), ['quantity-ignored']);
});

test('a refusal is the outcome, in no words of Mercado Libre’s', () => {
  const { result } = update([line(7, ITEM)], () => refusal('item.available_quantity.invalid'));
  assert.deepEqual(result, [
    {
      outcome: 'failed',
      code: 'item.available_quantity.invalid',
      message: 'Mercado Libre refused the quantity: item.available_quantity.invalid',
    },
  ]);
  const { result: odd } = update([line(7, ITEM)], () => refusal('Ada Example <ada@example.com>'));
  assert.doesNotMatch(JSON.stringify(odd), /ada/i);
});

const variations = (...told: [id: number, quantity: number][]): HttpResponse =>
  answer({ id: 'MLB1', variations: told.map(([id, available_quantity]) => ({ id, available_quantity })) });

test('variations of one item share a call, which names those that keep their stock by their id alone', () => {
  const lines = [variation(7, '11'), variation(0, '13')];
  assert.equal(inventory.batchKey(lines[0]!), inventory.batchKey(lines[1]!));
  const { result, requests } = update(lines, ({ method }) =>
    method === 'GET' ? variations([11, 1], [12, 2], [13, 3]) : variations([11, 7], [12, 2], [13, 0]),
  );
  assert.deepEqual(codes(result), ['applied', 'applied']);
  assert.deepEqual(requests.map(sent), [
    'GET /items/MLB1',
    'PUT /items/MLB1 {"variations":[{"id":11,"available_quantity":7},{"id":12},{"id":13,"available_quantity":0}]}',
  ]);
});

test('a variation that the item does not have fails alone', () => {
  const { result } = update([variation(7, '11'), variation(7, '99')], ({ method }) =>
    method === 'GET' ? variations([11, 1]) : variations([11, 7]),
  );
  assert.deepEqual(codes(result), ['applied', 'variation-not-found']);
});

test('nothing is written where the item is unknown or has none of the variations', () => {
  const unknown = update([variation(7, '11')], () => refusal('item.not_found', 404));
  assert.deepEqual([codes(unknown.result), unknown.operations], [['item.not_found'], ['getItem']]);
  const none = update([variation(7, '11')], () => answer({ id: 'MLB1', variations: [] }));
  assert.deepEqual([codes(none.result), none.operations], [['variation-not-found'], ['getItem']]);
});

const PRODUCT = { ...ITEM, userProductId: 'MLBU1' };
const warehouse = (store_id: string, quantity: number) => ({
  type: 'seller_warehouse',
  store_id,
  network_node_id: `N${store_id}`,
  quantity,
});
const stock = (version: string, ...locations: object[]): HttpResponse => ({
  ...answer({ id: 'MLBU1', user_id: 1, locations }),
  headers: { 'x-version': version },
});

test('stock in a warehouse is written as of the version that was read', () => {
  const { result, requests } = update([line(9, PRODUCT)], ({ method }) =>
    method === 'GET' ? stock('5', warehouse('123', 4)) : answer(''),
  );
  assert.deepEqual(codes(result), ['applied']);
  assert.deepEqual(requests.map(sent), [
    'GET /user-products/MLBU1/stock',
    'PUT /user-products/MLBU1/stock/type/seller_warehouse {"locations":[{"store_id":"123","network_node_id":"N123","quantity":9}]}',
  ]);
  assert.equal(requests[1]!.headers['x-version'], '5');
});

test('a version that changed meanwhile is read again, three times at most', () => {
  let version = 0;
  const changing = (conflicts: number): Reply => {
    version = 0;
    return ({ method }) => {
      if (method === 'GET') return stock(String(++version), warehouse('123', version));
      return version > conflicts ? answer('') : answer({ message: 'Version mismatch', error: 'conflict' }, 409);
    };
  };
  const { result, requests } = update([line(9, PRODUCT)], changing(2));
  assert.deepEqual(codes(result), ['applied']);
  assert.deepEqual(
    requests.flatMap(({ headers }) => headers['x-version'] ?? []),
    ['1', '2', '3'],
  );
  const failure = failureOf(() => update([line(9, PRODUCT)], changing(3)));
  assert.deepEqual([failure.kind, failure.code], ['retryable', 'stock-version-changed']);
});

test('of several warehouses the one is set that the reference names, and the others keep what they have', () => {
  const read = stock('5', warehouse('1', 4), { type: 'meli_facility', quantity: 8 }, warehouse('2', 6));
  const { result, requests } = update(
    [line(9, { ...PRODUCT, storeId: '2' }), line(3, { ...PRODUCT, storeId: '7' }), line(3, PRODUCT)],
    ({ method }) => (method === 'GET' ? read : answer('')),
  );
  assert.deepEqual(codes(result), ['applied', 'store-unknown', 'store-unknown']);
  const { locations } = JSON.parse(requests[1]!.body!) as { locations: { store_id: string; quantity: number }[] };
  assert.deepEqual(
    locations.map(({ store_id, quantity }) => [store_id, quantity]),
    [
      ['1', 4],
      ['2', 9],
    ],
  );
});

test('a seller without warehouses has his stock at the item, and one in Full can not set it', () => {
  const plain = update([line(9, PRODUCT)], (_, operation) =>
    operation === 'getUserProductStock'
      ? stock('1', { type: 'selling_address', quantity: 4 })
      : answer({ id: 'MLB1', available_quantity: 9 }),
  );
  assert.deepEqual([codes(plain.result), plain.operations], [['applied'], ['getUserProductStock', 'updateItem']]);
  const full = update([line(9, PRODUCT)], () => stock('1', { type: 'meli_facility', quantity: 4 }));
  assert.deepEqual([codes(full.result), full.operations], [['fulfilled-by-mercado-libre'], ['getUserProductStock']]);
});

test('stock without its version is not written', () => {
  const read = answer({ locations: [warehouse('1', 4)] });
  assert.equal(failureOf(() => update([line(9, PRODUCT)], () => read)).kind, 'retryable');
});

test('what is unknown or refused is the outcome of every line', () => {
  const unknown = update([line(9, PRODUCT)], () => refusal('not_found', 404));
  assert.deepEqual(codes(unknown.result), ['not_found']);
  const refused = update([line(9, PRODUCT)], ({ method }) =>
    method === 'GET' ? stock('5', warehouse('1', 4)) : refusal('store_not_found'),
  );
  assert.deepEqual(codes(refused.result), ['store_not_found']);
});

test('lines share a call only where one call can hold them', () => {
  const keys = [line(1, ITEM), variation(1, '1'), line(1, PRODUCT), line(1, { itemId: 'MLB2' })].map(
    inventory.batchKey,
  );
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(inventory.batchKey(line(1, PRODUCT)), inventory.batchKey(line(2, { ...PRODUCT, storeId: '2' })));
});
