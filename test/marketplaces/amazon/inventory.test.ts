import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { StockLine } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { answer, connection, context, failureOf, refusal, runSteps } from './support.ts';

const inventory = amazon.inventory!;
const RECEIPT = 'f1dc2914-75dd-11ea-bc55-0242ac130003';
const BASE = 'https://sellingpartnerapi-eu.amazon.com/listings/2021-08-01/items/A3TH9S8BH6GOGM';

const line = (sku: string, quantity: number, reference: StockLine['reference'] = {}): StockLine => ({
  sku,
  quantity,
  reference,
});

const update = (lines: StockLine[], ...replies: HttpResponse[]) =>
  runSteps(
    (answers) => inventory.update(context, lines, answers),
    () => replies.shift()!,
  );

const check = (quantity: number, ...replies: HttpResponse[]) => {
  const lines = replies.map(() => ({ ...line('A/1', quantity), receipt: RECEIPT }));
  return runSteps(
    (answers) => inventory.check!.run(context, lines, answers),
    () => replies.shift()!,
  );
};

const submitted = (status: string, issues: object[] = []): HttpResponse =>
  answer({ sku: 'A/1', status, submissionId: RECEIPT, issues });

const issue = (code: string, severity: string, attributeNames?: string[]) => ({
  ...{ code, severity, categories: [] },
  message: "'quantity' of Ada Example is wrong",
  ...(attributeNames && { attributeNames }),
});

const listed = (quantity: number | undefined, issues: object[] = [], channel = 'DEFAULT'): HttpResponse =>
  answer({ sku: 'A/1', fulfillmentAvailability: [{ fulfillmentChannelCode: channel, quantity }], issues });

test('a quantity is patched into its listing, absolute', () => {
  const { requests } = update([line('A/1 &ü', 7)], submitted('ACCEPTED'));
  const [{ method, url, headers, body }] = requests as [(typeof requests)[number]];
  assert.deepEqual([method, url], ['PATCH', `${BASE}/A%2F1%20%26%C3%BC?marketplaceIds=A1F83G8C2ARO7P`]);
  assert.equal(headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(body!), {
    productType: 'PRODUCT',
    patches: [
      {
        op: 'replace',
        path: '/attributes/fulfillment_availability',
        value: [{ fulfillment_channel_code: 'DEFAULT', quantity: 7 }],
      },
    ],
  });
});

test('a reference tells the product type and the store; else it is the first store of the connection', () => {
  const reference = { productType: 'LUGGAGE', marketplaceId: 'A1PA6795UKMFR9' };
  const { requests } = update([line('A', 0, reference)], submitted('ACCEPTED'));
  assert.equal(new URL(requests[0]!.url).searchParams.get('marketplaceIds'), 'A1PA6795UKMFR9');
  assert.equal(JSON.parse(requests[0]!.body!).productType, 'LUGGAGE');

  const several = { ...connection, settings: { marketplaceIds: 'A1PA6795UKMFR9,A1F83G8C2ARO7P' } };
  const step = inventory.update({ ...context, connection: several }, [line('A', 1)], []);
  assert.ok('call' in step && step.call.request.url.endsWith('?marketplaceIds=A1PA6795UKMFR9'));
});

test('without any store named, nothing is sent and the failure says what is missing', () => {
  const nowhere = { ...context, connection: { ...connection, settings: {} } };
  const failure = failureOf(() => inventory.update(nowhere, [line('A', 1)], []));
  assert.deepEqual([failure.kind, failure.code], ['permanent', 'marketplace-missing']);
  assert.match(failure.message, /marketplaceIds/);
});

test('an accepted quantity is not yet an applied one', () => {
  const warned = submitted('ACCEPTED', [issue('90220', 'WARNING', ['size'])]);
  for (const response of [submitted('ACCEPTED'), warned]) {
    assert.deepEqual(update([line('A', 7)], response).result, [{ outcome: 'accepted', receipt: RECEIPT }]);
  }
});

const REFUSED: [string, HttpResponse, string][] = [
  [
    'an invalid submission, by its error',
    submitted('INVALID', [issue('1', 'WARNING'), issue('4000001', 'ERROR')]),
    '4000001',
  ],
  ['an invalid submission that names no error', submitted('INVALID'), 'refused'],
  ['a bad request', refusal('BAD_REQUEST'), 'BAD_REQUEST'],
  ['a SKU that is not listed', refusal('NOT_FOUND', 404), 'NOT_FOUND'],
  ['a word that is no code', refusal('Ada Example, 1 Sample Way'), 'refused'],
];
for (const [name, response, code] of REFUSED) {
  test(`${name}, is an outcome of its line, in Amazon's word and without its sentence`, () => {
    const outcome = { outcome: 'failed', code, message: `Amazon refused the quantity: ${code}` };
    assert.deepEqual(update([line('A', 7)], response).result, [outcome]);
  });
}

test('lines go one by one, each with its own outcome', () => {
  const { result, requests } = update([line('A', 1), line('B', 2)], refusal('BAD_REQUEST'), submitted('ACCEPTED'));
  assert.deepEqual(
    result.map(({ outcome }) => outcome),
    ['failed', 'accepted'],
  );
  assert.deepEqual(
    requests.map(({ url }) => new URL(url).pathname.split('/').at(-1)),
    ['A', 'B'],
  );
  assert.equal(inventory.batch, 1);
  assert.notEqual(inventory.batchKey(line('A', 1)), inventory.batchKey(line('B', 1)));
});

test('a quantity is in force when the listing shows it', () => {
  const { result, requests } = check(7, listed(7), listed(0));
  assert.deepEqual(result, [{ outcome: 'applied' }, { outcome: 'accepted', receipt: RECEIPT }]);
  const query = '?marketplaceIds=A1F83G8C2ARO7P&includedData=fulfillmentAvailability%2Cissues';
  assert.deepEqual([requests[0]!.method, requests[0]!.url], ['GET', `${BASE}/A%2F1${query}`]);
});

test('none in stock is in force when the listing says none, and not when it says nothing', () => {
  const silent = [listed(undefined), listed(0, [], 'AMAZON_EU'), answer({ sku: 'A/1' })];
  const { result } = check(0, listed(0), ...silent);
  assert.deepEqual(
    result.map(({ outcome }) => outcome),
    ['applied', 'accepted', 'accepted', 'accepted'],
  );
});

test('only an error about the quantity itself refuses it: other troubles of the listing do not', () => {
  const others = [
    issue('90220', 'ERROR', ['size']),
    issue('18027', 'ERROR'),
    issue('1', 'WARNING', ['fulfillment_availability']),
  ];
  const ours = [...others, issue('90117', 'ERROR', ['fulfillment_availability'])];
  const { result } = check(7, listed(3, others), listed(3, ours), listed(7, ours));
  assert.deepEqual(result, [
    { outcome: 'accepted', receipt: RECEIPT },
    { outcome: 'failed', code: '90117', message: 'Amazon refused the quantity: 90117' },
    { outcome: 'applied' },
  ]);
});

test('a listing that is gone when it is checked has failed', () => {
  assert.equal(check(7, refusal('NOT_FOUND', 404)).result[0]!.outcome, 'failed');
});

const UNREADABLE: [string, HttpResponse][] = [
  ['a submission without its id', answer({ sku: 'A', status: 'ACCEPTED' })],
  ['a status that is not known', submitted('PENDING')],
  ['a preview, which sets nothing', submitted('VALID')],
  ['an answer cut short', answer('{"sku":"A","status":"ACC')],
  ['an answer that is HTML', answer('<html></html>')],
];
for (const [name, response] of UNREADABLE) {
  test(`${name}, proves nothing, and the quantity is set again`, () => {
    assert.equal(failureOf(() => update([line('A', 1)], response)).kind, 'retryable');
  });
}

test('a listing of another shape proves nothing, and is looked at again', () => {
  for (const told of [{ fulfillmentAvailability: 'none' }, { fulfillmentAvailability: [{ quantity: 7 }] }]) {
    assert.equal(failureOf(() => check(7, answer(told))).kind, 'retryable');
  }
});
