import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StockLine } from '#marketplaces/marketplace.ts';
import { shopify } from '#marketplaces/shopify/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { answer, context, failureOf, NOW, runSteps, variablesOf } from './support.ts';

const inventory = shopify.inventory!;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

type Quantity = { inventoryItemId: string; locationId: string; quantity: number; changeFromQuantity: null };
type UserError = { code?: string | null; field: string[] | null; message: string };

const line = (item: string, quantity: number, location = '61'): StockLine => ({
  sku: `sku-${item}`,
  quantity,
  reference: { inventoryItemId: item, locationId: location },
});
const told = (userErrors: UserError[]): HttpResponse =>
  answer({ data: { inventorySetQuantities: { inventoryAdjustmentGroup: null, userErrors } } });
const refusal = (code: string | null, index?: number): UserError => ({
  code,
  field: index === undefined ? ['input'] : ['input', 'quantities', String(index), 'inventoryItemId'],
  message: 'Ada Example said no',
});
const update = (lines: StockLine[], reply: (request: HttpRequest) => HttpResponse, now = NOW) =>
  runSteps((answers) => inventory.update({ ...context, now }, lines, answers), reply);
const quantitiesOf = (request: HttpRequest): Quantity[] =>
  (variablesOf(request).input as { quantities: Quantity[] }).quantities;
const keyOf = (request: HttpRequest | undefined): string => variablesOf(request!).key as string;
const outcomes = (result: { outcome: string }[]): string[] =>
  result.map((each) => ('code' in each ? String(each.code) : each.outcome));

test('what is available is set at once for all lines, whatever it was', () => {
  const { result, requests, operations } = update([line('1', 7), line('2', 0)], () => told([]));
  assert.deepEqual(outcomes(result), ['applied', 'applied']);
  assert.deepEqual(operations, ['setQuantities']);
  const { input, key } = variablesOf(requests[0]!);
  assert.deepEqual(input, {
    name: 'available',
    reason: 'correction',
    quantities: [
      {
        inventoryItemId: 'gid://shopify/InventoryItem/1',
        locationId: 'gid://shopify/Location/61',
        quantity: 7,
        changeFromQuantity: null,
      },
      {
        inventoryItemId: 'gid://shopify/InventoryItem/2',
        locationId: 'gid://shopify/Location/61',
        quantity: 0,
        changeFromQuantity: null,
      },
    ],
  });
  assert.match(String(key), UUID);
  assert.match(requests[0]!.body ?? '', /@idempotent\(key: \$key\)/);
});

test('ids may be GraphQL’s own', () => {
  const ids = line('gid://shopify/InventoryItem/1', 7, 'gid://shopify/Location/61');
  const { requests } = update([ids], () => told([]));
  const [{ inventoryItemId, locationId } = assert.fail()] = quantitiesOf(requests[0]!);
  assert.deepEqual([inventoryItemId, locationId], ['gid://shopify/InventoryItem/1', 'gid://shopify/Location/61']);
});

test('a line that is refused keeps no other from being set', () => {
  const { result, requests } = update([line('1', 7), line('2', 3), line('3', 1)], (request) =>
    told(quantitiesOf(request).length === 3 ? [refusal('INVALID_INVENTORY_ITEM', 1)] : []),
  );
  assert.deepEqual(outcomes(result), ['applied', 'INVALID_INVENTORY_ITEM', 'applied']);
  assert.deepEqual(
    requests.map((request) => quantitiesOf(request).map(({ quantity }) => quantity)),
    [
      [7, 3, 1],
      [7, 1],
    ],
  );
});

test('lines that are refused one after the other each have their own reason', () => {
  const { result, requests } = update([line('1', 7), line('2', 3), line('3', 1)], (request) => {
    const left = quantitiesOf(request);
    if (left.length === 3) return told([refusal('INVALID_LOCATION', 0)]);
    return told(left.length === 2 ? [refusal('ITEM_NOT_STOCKED_AT_LOCATION', 1)] : []);
  });
  assert.deepEqual(outcomes(result), ['INVALID_LOCATION', 'applied', 'ITEM_NOT_STOCKED_AT_LOCATION']);
  assert.equal(requests.length, 3);
});

test('what is refused as a whole fails every line, and is not tried again', () => {
  for (const error of [refusal('INVALID_REASON'), refusal(null), refusal('INVALID_LOCATION', 9)]) {
    const { result, requests } = update([line('1', 7), line('2', 3)], () => told([error]));
    assert.deepEqual(outcomes(result), Array(2).fill(error.code ?? 'refused'));
    assert.equal(requests.length, 1);
  }
});

test('of two quantities for one item at one location the last is sent, and both hear of it', () => {
  const { result, requests } = update([line('1', 7), line('1', 3), line('1', 5, '62')], () =>
    told([refusal('INVALID_QUANTITY_TOO_HIGH', 0)]),
  );
  assert.deepEqual(
    quantitiesOf(requests[0]!).map(({ quantity }) => quantity),
    [3, 5],
  );
  assert.deepEqual(outcomes(result.slice(0, 2)), ['INVALID_QUANTITY_TOO_HIGH', 'INVALID_QUANTITY_TOO_HIGH']);
});

test('a quantity that is set, changed and set again within a day is no repeat of the first', () => {
  const keys = [7, 3, 7].map((quantity, index) =>
    keyOf(update([line('1', quantity)], () => told([]), NOW + index).requests[0]),
  );
  assert.equal(new Set(keys).size, 3);
  const once = update([line('1', 7), line('2', 3)], (request) =>
    told(quantitiesOf(request).length === 2 ? [refusal('INVALID_LOCATION', 0)] : []),
  );
  assert.notEqual(keyOf(once.requests[0]), keyOf(once.requests[1]));
});

test('trouble with the key of a call is tried again, under another key', () => {
  for (const code of [
    'IDEMPOTENCY_CONCURRENT_REQUEST',
    'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
    'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED',
  ]) {
    assert.equal(failureOf(() => update([line('1', 7)], () => told([refusal(code)]))).kind, 'retryable');
  }
});

test('a refusal tells its code and its place, and nothing that Shopify wrote', () => {
  const field = ['input', 'quantities', '0', 'Ada Example'];
  const { result } = update([line('1', 7)], () => told([{ code: 'INVALID_LOCATION', field, message: 'Ada' }]));
  const [outcome] = result;
  assert.ok(outcome?.outcome === 'failed');
  assert.match(outcome.message, /INVALID_LOCATION \(input\.quantities\.0\)/);
  assert.doesNotMatch(outcome.message, /Ada/);
});

test('an answer that is not whole sets nothing', () => {
  for (const data of [{}, { inventorySetQuantities: null }, { inventorySetQuantities: {} }]) {
    assert.equal(failureOf(() => update([line('1', 7)], () => answer({ data }))).kind, 'retryable');
  }
});

test('a call holds as many lines as Shopify takes', () => {
  assert.ok(inventory.batch <= 250);
  assert.equal(inventory.batchKey(line('1', 1)), inventory.batchKey(line('2', 2, '62')));
});
