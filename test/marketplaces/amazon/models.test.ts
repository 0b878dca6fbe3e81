import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amazon } from '#marketplaces/amazon/index.ts';
import limits from '#test/vectors/amazon/limits.json' with { type: 'json' };
import { operationOf, requestViolations, violations } from './model-validator.ts';
import { readModels } from './models.ts';
import { OPERATIONS as operations, REQUESTS, shipmentRequests, stockRequests } from './requests.ts';
import { answer, connection } from './support.ts';

/** the operations of the API that the connector has budgets for */
const called = limits.filter(({ bucket }) => bucket !== 'token');

for (const [name, requests] of Object.entries(REQUESTS)) {
  test(`${name}: the request is valid by Amazon's own model`, () => {
    assert.ok(requests.length > 0);
    for (const request of requests) assert.deepEqual(requestViolations(request, operations), []);
  });
}

test('whatever the SKU, the quantity, the ids and the carrier are, the request is valid', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter((one) => !/^\.{1,2}$/.test(one));
  fc.assert(
    fc.property(text, fc.nat(), text, fc.integer({ min: 1, max: 6 }), (sku, quantity, word, units) => {
      const requests = [
        ...stockRequests({ sku, quantity, reference: { productType: word } }),
        ...shipmentRequests({
          orderId: word,
          lines: [{ lineId: '1', quantity: units }],
          carrier: { code: null, name: word },
          trackingNumber: sku,
          shippedAt: quantity * 1_000,
        }),
      ];
      for (const request of requests) assert.deepEqual(requestViolations(request, operations), []);
      const [patch] = requests;
      assert.equal(decodeURIComponent(new URL(patch!.url).pathname.split('/')[5]!), sku);
    }),
    { numRuns: 50 },
  );
});

test('every operation that the connector calls is checked, and goes by the name that its model has', () => {
  const checked = Object.values(REQUESTS).flatMap((requests) =>
    requests.map((request) => operationOf(request, operations)?.operationId),
  );
  assert.deepEqual([...new Set(checked)].sort(), called.map(({ operation }) => operation).sort());
});

test('every budget is the usage plan that its model documents', () => {
  for (const { operation: operationId } of called) {
    const { description } = operations.find((one) => one.operationId === operationId)!;
    const [, rate, burst] = /\| *([\d.]+) *\| *(\d+) *\|/.exec(description)!;
    const [limit] = amazon.limits.forOperation(operationId);
    assert.deepEqual([limit!.ratePerSecond, limit!.burst], [Number(rate), Number(burst)], operationId);
  }
});

test("every answer of Amazon's static sandbox is a success or an outcome to the connector, or a failure by its status", () => {
  const seller = operations.filter(({ operationId }) => called.some(({ operation }) => operation === operationId));
  const cases = seller.flatMap(({ operationId, staticCases }) => staticCases.map((one) => ({ operationId, ...one })));
  assert.ok(cases.length >= 10);
  for (const { operationId, status, response } of cases) {
    const told = answer(status === 204 ? '' : response, status);
    const failure = amazon.readFailure(told, operationId);
    if (status < 300) assert.equal(failure, undefined, operationId);
    else assert.ok(failure === undefined || failure.kind === 'permanent', operationId);
    if (status === 200 && operationId === 'searchOrders') amazon.orders.readPage(told, connection, NO_WINDOW);
    if (status === 200 && operationId === 'getOrder') amazon.orders.readDetails(told, connection);
  }
});

const NO_WINDOW = { from: 0, to: 0, pageToken: undefined };

test('every model that is kept is whole, and every reference in it leads somewhere', () => {
  for (const { operationId, parameters, definitions, staticCases } of readModels()) {
    assert.ok(operationId && staticCases.every(({ status }) => status >= 200));
    for (const { schema } of parameters) if (schema) violations({}, schema, definitions, operationId);
  }
});
