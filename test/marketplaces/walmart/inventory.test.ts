import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StockLine } from '#marketplaces/marketplace.ts';
import { walmart } from '#marketplaces/walmart/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { answer, context, failureOf, refusal, runSteps } from './support.ts';

const inventory = walmart.inventory!;

const line = (sku: string, quantity: number, shipNode?: string): StockLine => ({
  sku,
  quantity,
  reference: shipNode === undefined ? {} : { shipNode },
});

const update = (lines: StockLine[], reply: (request: HttpRequest) => HttpResponse) =>
  runSteps((answers) => inventory.update(context, lines, answers), reply);

const echo = ({ body }: HttpRequest): HttpResponse => answer(JSON.parse(body!));
const nodes = (...told: object[]): HttpResponse => answer({ sku: 'A', nodes: told });

test('a quantity is set by a PUT of its SKU', () => {
  const { result, requests } = update([line('A/1 &ü', 7)], echo);
  assert.deepEqual(result, [{ outcome: 'applied' }]);
  const [{ method, url, headers, body } = {} as HttpRequest] = requests;
  assert.equal(method, 'PUT');
  assert.equal(url, 'https://marketplace.walmartapis.com/v3/inventory?sku=A%2F1%20%26%C3%BC');
  assert.equal(headers['Content-Type'], 'application/json');
  assert.deepEqual(JSON.parse(body!), { sku: 'A/1 &ü', quantity: { unit: 'EACH', amount: 7 } });
});

test('the quantities of several ship nodes of a SKU are set by one PUT', () => {
  const lines = [line('A/1', 88, '1000005050'), line('A/1', 0, '1000005051')];
  const { result, requests } = update(lines, () =>
    nodes({ shipNode: '1000005051', status: 'Success' }, { shipNode: '1000005050', status: 'SUCCESS' }),
  );
  assert.deepEqual(result, [{ outcome: 'applied' }, { outcome: 'applied' }]);
  assert.equal(requests.length, 1);
  assert.equal(requests[0]!.url, 'https://marketplace.walmartapis.com/v3/inventories/A%2F1');
  assert.deepEqual(JSON.parse(requests[0]!.body!), {
    inventories: {
      nodes: [
        { shipNode: '1000005050', inputQty: { unit: 'EACH', amount: 88 } },
        { shipNode: '1000005051', inputQty: { unit: 'EACH', amount: 0 } },
      ],
    },
  });
});

test('one refused ship node does not hide that the other is set', () => {
  const lines = [line('A', 1, '1'), line('A', 2, '2'), line('A', 3, '3')];
  const { result } = update(lines, () =>
    nodes(
      { shipNode: '1', status: 'Success' },
      { shipNode: '2', status: 'Failure', errors: [{ code: 'INVALID_SHIP_NODE.GMP_INVENTORY_API' }] },
      { shipNode: '3', status: 'Throttled' },
    ),
  );
  assert.deepEqual(
    result.map((outcome) => ('code' in outcome ? outcome.code : outcome.outcome)),
    ['applied', 'INVALID_SHIP_NODE', 'refused'],
  );
});

test('a refused SKU is an outcome of its line, in Walmart’s word and without its sentence', () => {
  for (const [lines, status] of [
    [[line('A', 1)], 404],
    [[line('A', 1, '1'), line('A', 1, '2')], 400],
  ] as const) {
    const { result } = update([...lines], () => refusal('CONTENT_NOT_FOUND.GMP_INVENTORY_API', status));
    for (const outcome of result) {
      assert.deepEqual(outcome, {
        outcome: 'failed',
        code: 'CONTENT_NOT_FOUND',
        message: 'Walmart refused the quantity: CONTENT_NOT_FOUND',
      });
    }
  }
});

test('a code that is no word is not passed on', () => {
  const { result } = update([line('A', 1)], () => refusal('Ada Example, 1 Sample Way'));
  assert.doesNotMatch(JSON.stringify(result), /Ada/);
});

test('lines of one key go one by one where they name no ship node', () => {
  const { result, requests } = update([line('A', 1), line('A', 2)], echo);
  assert.equal(requests.length, 2);
  assert.deepEqual(result, [{ outcome: 'applied' }, { outcome: 'applied' }]);
});

test('only ship nodes of one SKU share a call', () => {
  const key = inventory.batchKey;
  assert.equal(key(line('A', 1, '1')), key(line('A', 2, '2')));
  assert.notEqual(key(line('A', 1, '1')), key(line('B', 1, '1')));
  assert.notEqual(key(line('A', 1, '1')), key(line('A', 1)));
});

const UNREADABLE: [string, StockLine, HttpResponse][] = [
  ['an echo of another SKU', line('A', 1), answer({ sku: 'B', quantity: { unit: 'EACH', amount: 1 } })],
  ['an echo without a SKU', line('A', 1), answer({ quantity: { unit: 'EACH', amount: 1 } })],
  ['an answer without nodes', line('A', 1, '1'), answer({ sku: 'A' })],
  ['an answer without the node', line('A', 1, '1'), nodes({ shipNode: '2', status: 'Success' })],
  ['an answer cut short', line('A', 1), answer('{"sku":"A","quan')],
];
for (const [name, stock, response] of UNREADABLE) {
  test(`${name} proves nothing, and the quantity is set again`, () => {
    assert.equal(failureOf(() => update([stock], () => response)).kind, 'retryable');
  });
}
