import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { walmart } from '#marketplaces/walmart/index.ts';
import type { FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import failures from '#test/vectors/walmart/failures.json' with { type: 'json' };

type Expected = { kind: FailureKind; code: string; retryAfterMs?: number };
type Vector = { name: string; operation: string; response: HttpResponse; failure: Expected | null };

const vectors = failures as unknown as Vector[];
const operations = [...new Set(vectors.map(({ operation }) => operation))];

for (const { name, operation, response, failure } of vectors) {
  test(`answer: ${name}`, () => {
    const read = walmart.readFailure(response, operation);
    const { kind, code, retryAfterMs } = failure ?? {};
    assert.deepEqual([read?.kind, read?.code, read?.retryAfterMs], [kind, code, retryAfterMs]);
  });
}

test('only a refused cursor starts the window anew', () => {
  for (const { operation, response, failure } of vectors) {
    const read = walmart.readFailure(response, operation);
    if (read) assert.equal(walmart.orders.isPageTokenExpired(read), failure?.code === 'page-token-expired');
  }
});

test('only the token endpoint kills a grant or refuses the app', () => {
  const body = JSON.stringify({ error: 'invalid_grant' });
  for (const operation of operations) {
    if (operation === 'refreshToken' || operation === 'exchangeCode') continue;
    const code = walmart.readFailure({ status: 400, headers: {}, body }, operation)?.code;
    assert.ok(code !== 'grant-dead' && code !== 'app-credentials-refused');
  }
});

test('a failure tells none of the words of the body', () => {
  const secret = 'Ada-Example';
  const body = JSON.stringify({ errors: [{ code: secret, description: secret, info: secret }] });
  for (const operation of operations) {
    for (const status of [400, 401, 403, 404, 429, 500]) {
      const failure = walmart.readFailure({ status, headers: {}, body }, operation);
      assert.doesNotMatch(`${failure?.message}${failure?.code}${failure?.cause}`, /Ada/);
    }
  }
});

test('no answer, however odd, is read as anything but a failure unless it is a whole object', () => {
  const body = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), body, fc.constantFrom(...operations), (status, text, operation) => {
      const failure = walmart.readFailure({ status, headers: {}, body: text }, operation);
      if (failure) return;
      assert.ok((status >= 200 && status < 300) || [400, 404, 409, 422].includes(status));
      assert.equal(typeof JSON.parse(text), 'object');
    }),
  );
});

test('nothing but a client error in whole JSON is permanent', () => {
  for (const { operation, response } of vectors) {
    if (walmart.readFailure(response, operation)?.kind !== 'permanent') continue;
    assert.ok(response.status >= 400 && response.status < 500);
    const cut = { ...response, body: response.body.slice(0, -1) };
    assert.equal(walmart.readFailure(cut, operation)?.kind, 'retryable');
  }
});
