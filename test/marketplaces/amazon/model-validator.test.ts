import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { operationOf, requestViolations, violations } from './model-validator.ts';
import type { Schema } from './models.ts';
import { OPERATIONS as operations, REQUESTS } from './requests.ts';

/** The first request of a shape that goes to an operation. */
const requestTo = (operationId: string): HttpRequest =>
  Object.values(REQUESTS)
    .flat()
    .find((request) => operationOf(request, operations)?.operationId === operationId)!;

const withQuery = (operationId: string, change: (query: URLSearchParams) => void): HttpRequest => {
  const request = requestTo(operationId);
  const url = new URL(request.url);
  change(url.searchParams);
  return { ...request, url: url.href };
};

// biome-ignore lint/suspicious/noExplicitAny: a body to break
const withBody = (operationId: string, change: (body: any) => void): HttpRequest => {
  const request = requestTo(operationId);
  const body = JSON.parse(request.body!);
  change(body);
  return { ...request, body: JSON.stringify(body) };
};

const withPath = (operationId: string, from: string, to: string): HttpRequest => {
  const request = requestTo(operationId);
  return { ...request, url: request.url.replace(from, to) };
};

const WRONG: [string, HttpRequest, RegExp][] = [
  ['a path that is none', withPath('getOrder', '/orders/2026-01-01', '/orders/2026-01-02'), /no operation/],
  [
    'a path without its id',
    withPath('getListingsItem', /items\/(\w+)\//.exec(requestTo('getListingsItem').url)![1]!, ''),
    /no operation/,
  ],
  ['a wrong method', { ...requestTo('getListingsItem'), method: 'POST' }, /no operation/],
  [
    'a missing query parameter',
    withQuery('patchListingsItem', (query) => query.delete('marketplaceIds')),
    /marketplaceIds is missing/,
  ],
  [
    'an unknown query parameter',
    withQuery('searchOrders', (query) => query.set('MarketplaceIds', 'A')),
    /not in the model/,
  ],
  ['a query parameter twice', withQuery('searchOrders', (query) => query.append('includedData', 'TAX')), /given twice/],
  [
    'a value that is none of the list',
    withQuery('searchOrders', (query) => query.set('includedData', 'BUYER,PRICE')),
    /includedData\[1\]: not one of/,
  ],
  ['a number that is none', withQuery('searchOrders', (query) => query.set('maxResultsPerPage', 'many')), /no integer/],
  ['half a number', withQuery('searchOrders', (query) => query.set('maxResultsPerPage', '1.5')), /no integer/],
  [
    'a time that is none',
    withQuery('searchOrders', (query) => query.set('lastUpdatedAfter', 'TEST_CASE_400')),
    /no date-time/,
  ],
  [
    'a day without a time',
    withQuery('searchOrders', (query) => query.set('lastUpdatedAfter', '2026-11-24')),
    /no date-time/,
  ],
  [
    'more stores than fifty',
    withQuery('searchOrders', (query) => query.set('marketplaceIds', Array(51).fill('A').join(','))),
    /too many/,
  ],
  ['a body where none is taken', { ...requestTo('getSubscription'), body: '{}' }, /takes none/],
  ['no body', (({ body: _, ...rest }) => rest)(requestTo('confirmShipment')), /payload is missing/],
  ['a body that is no JSON', { ...requestTo('confirmShipment'), body: 'marketplaceId=A' }, /no JSON/],
  [
    'a body of another type',
    { ...requestTo('confirmShipment'), headers: { 'content-type': 'text/xml' } },
    /content type/,
  ],
  ['a missing field', withBody('confirmShipment', (body) => delete body.marketplaceId), /marketplaceId is missing/],
  [
    'a missing field deep down',
    withBody('confirmShipment', (body) => delete body.packageDetail.orderItems[0].quantity),
    /orderItems\[0\]: quantity is missing/,
  ],
  [
    'a quantity as text',
    withBody('confirmShipment', (body) => Object.assign(body.packageDetail.orderItems[0], { quantity: '2' })),
    /quantity: no integer/,
  ],
  [
    'a date as it is sold in shops',
    withBody('confirmShipment', (body) => Object.assign(body.packageDetail, { shipDate: '02/21/2022' })),
    /shipDate: no date-time/,
  ],
  [
    'a package number that is no text',
    withBody('confirmShipment', (body) => Object.assign(body.packageDetail, { packageReferenceId: 1 })),
    /no string/,
  ],
  [
    'a method of payment that is none',
    withBody('confirmShipment', (body) => Object.assign(body, { codCollectionMethod: 'Cash' })),
    /not one of/,
  ],
  [
    'an unknown field',
    withBody('confirmShipment', (body) => Object.assign(body.packageDetail, { carrier: 'UPS' })),
    /carrier is not in the model/,
  ],
  ['no patch', withBody('patchListingsItem', (body) => Object.assign(body, { patches: [] })), /patches: too few/],
  [
    'a patch that is none',
    withBody('patchListingsItem', (body) => Object.assign(body.patches[0], { op: 'set' })),
    /op: not one of/,
  ],
  [
    'a value that is no list',
    withBody('patchListingsItem', (body) => Object.assign(body.patches[0], { value: {} })),
    /value: no array/,
  ],
  [
    'a filter that is too long',
    withBody('createSubscription', (body) =>
      Object.assign(body, { processingDirective: { filterExpression: 'x'.repeat(257) } }),
    ),
    /too long/,
  ],
  [
    'a filter of another type',
    withBody('createSubscription', (body) =>
      Object.assign(body, { processingDirective: { eventFilter: { eventFilterType: 'X' } } }),
    ),
    /not one of/,
  ],
  [
    'a filter without its type',
    withBody('createSubscription', (body) =>
      Object.assign(body, { processingDirective: { eventFilter: { marketplaceIds: [] } } }),
    ),
    /eventFilterType is missing/,
  ],
];
for (const [name, request, expected] of WRONG) {
  test(`${name} is found`, () => {
    const found = requestViolations(request, operations);
    assert.equal(found.length, 1, found.join('; '));
    assert.match(found[0]!, expected);
  });
}

const SCHEMAS: [Schema, unknown, unknown][] = [
  [{ type: 'string', pattern: '^([A-Z]{2})$' }, 'GB', 'gb'],
  [{ type: 'string', minLength: 1, maxLength: 2 }, 'ü', ''],
  [{ type: 'string', maxLength: 2 }, '🎁🎁', 'abc'],
  [{ type: 'integer', minimum: 30, maximum: 100 }, 30, 29],
  [{ type: 'integer', minimum: 30, maximum: 100 }, 100, 101],
  [{ type: 'number' }, 1.5, Number.NaN.toString()],
  [{ type: 'boolean' }, false, 'false'],
  [{ type: 'array', items: { type: 'string' }, uniqueItems: true }, ['a', 'b'], ['a', 'a']],
  [{ type: 'object', properties: {}, additionalProperties: true }, { a: 1 }, []],
  [{ type: 'object', additionalProperties: { type: 'integer' } }, { a: 1 }, { a: '1' }],
  [{ allOf: [{ properties: { a: {} }, required: ['a'] }, { properties: { b: {} } }] }, { a: 1, b: 2 }, { b: 2 }],
];
for (const [schema, right, wrong] of SCHEMAS) {
  test(`${JSON.stringify(schema)} takes ${JSON.stringify(right)} and not ${JSON.stringify(wrong)}`, () => {
    assert.deepEqual(violations(right, schema, {}, 'it'), []);
    assert.equal(violations(wrong, schema, {}, 'it').length, 1);
  });
}

test('whatever a model requires is missed when it is gone', () => {
  for (const request of Object.values(REQUESTS).flat()) {
    const { parameters } = operationOf(request, operations)!;
    for (const { name, in: place, required } of parameters) {
      if (!required || place !== 'query') continue;
      const url = new URL(request.url);
      url.searchParams.delete(name);
      assert.equal(requestViolations({ ...request, url: url.href }, operations).length, 1);
    }
  }
});
