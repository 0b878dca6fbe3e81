import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shopify } from '#marketplaces/shopify/index.ts';
import type { FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import failures from '#test/vectors/shopify/failures.json' with { type: 'json' };
import { answer } from './support.ts';

type Expected = { kind: FailureKind; code: string; retryAfterMs?: number };
type Vector = { name: string; operation: string; response: HttpResponse; failure: Expected | null };

const vectors = failures as unknown as Vector[];
const operations = [...new Set(vectors.map(({ operation }) => operation))];
const { readFailure } = shopify;

for (const { name, operation, response, failure } of vectors) {
  test(`answer: ${name}`, () => {
    const read = readFailure(response, operation);
    const { kind, code, retryAfterMs } = failure ?? {};
    assert.deepEqual([read?.kind, read?.code, read?.retryAfterMs], [kind, code, retryAfterMs]);
  });
}

test('only a refused cursor starts the window anew', () => {
  for (const { operation, response, failure } of vectors) {
    const read = readFailure(response, operation);
    if (read) assert.equal(shopify.orders.isPageTokenExpired(read), failure?.code === 'page-token-expired');
  }
});

test('only the token endpoint kills a grant or refuses the app', () => {
  for (const operation of operations) {
    if (operation === 'refreshToken' || operation === 'exchangeCode') continue;
    for (const status of [200, 400, 401, 403]) {
      for (const error of ['invalid_grant', 'invalid_client']) {
        const read = readFailure(answer({ error, errors: error }, status), operation)?.code ?? '';
        assert.ok(!['grant-dead', 'app-credentials-refused'].includes(read));
      }
    }
  }
});

test('a failure tells none of the words of the answer', () => {
  const errors = ['THROTTLED', 'ACCESS_DENIED', 'MAX_COST_EXCEEDED', 'undefinedField', 'Ada Example', undefined].map(
    (code) => ({ errors: [{ message: 'cursor of Ada', path: ['Ada'], extensions: { code, value: 'Ada' } }] }),
  );
  const bodies = [...errors, { error: 'Ada Example', error_description: 'Ada' }, { errors: 'Ada Example' }];
  for (const operation of operations) {
    for (const status of [200, 400, 401, 403, 404, 429, 500]) {
      for (const body of [...bodies.map((told) => JSON.stringify(told)), 'Ada Example']) {
        const failure = readFailure({ status, headers: { 'retry-after': 'Ada' }, body }, operation);
        assert.doesNotMatch(`${failure?.message}${failure?.code}${failure?.cause}`, /Ada/);
      }
    }
  }
});

test('no answer, however odd, passes for a success without data', () => {
  const part = fc.oneof(fc.json(), fc.constantFrom('null', '{}', '[]', '"x"', '[{"message":"x"}]', '{"a":1}'));
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc.tuple(part, part).map(([data, errors]) => `{"data":${data},"errors":${errors}}`),
  );
  const anOperation = fc.constantFrom('listOrders', 'listOrdersNext', 'getOrder', 'setQuantities');
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), body, anOperation, (status, text, operation) => {
      if (readFailure({ status, headers: {}, body: text }, operation)) return;
      const { data, errors } = JSON.parse(text) as { data: unknown; errors: unknown };
      assert.ok(status >= 200 && status < 300 && typeof data === 'object' && data !== null);
      assert.ok(errors === null || errors === undefined || (Array.isArray(errors) && errors.length === 0));
    }),
  );
});

test('nothing but whole JSON in Shopify’s form is permanent', () => {
  for (const { operation, response } of vectors) {
    if (readFailure(response, operation)?.kind !== 'permanent') continue;
    const cut = { ...response, body: response.body.slice(0, -1) };
    assert.equal(readFailure(cut, operation)?.kind, 'retryable');
  }
});
