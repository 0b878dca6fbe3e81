import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import failures from '#test/vectors/amazon/failures.json' with { type: 'json' };

type Expected = { kind: FailureKind; code: string; retryAfterMs?: number };
type Vector = { name: string; operation: string; response: HttpResponse; failure: Expected | null };

const vectors = failures as unknown as Vector[];
const operations = [...new Set(vectors.map(({ operation }) => operation))];

for (const { name, operation, response, failure } of vectors) {
  test(`answer: ${name}`, () => {
    const read = amazon.readFailure(response, operation);
    const { kind, code, retryAfterMs } = failure ?? {};
    assert.deepEqual([read?.kind, read?.code, read?.retryAfterMs], [kind, code, retryAfterMs]);
  });
}

test('only a refused page token starts the window anew', () => {
  for (const { operation, response, failure } of vectors) {
    const read = amazon.readFailure(response, operation);
    if (read) assert.equal(amazon.orders.isPageTokenExpired(read), failure?.code === 'page-token-expired');
  }
});

test('a failure tells the request id and none of the words of the body', () => {
  const secret = 'Atza-or-a-name';
  const body = JSON.stringify({ errors: [{ code: secret, message: secret, details: secret }], error: secret });
  for (const operation of operations) {
    for (const status of [400, 401, 403, 404, 429, 500]) {
      const failure = amazon.readFailure({ status, headers: { 'x-amzn-requestid': 'request-1' }, body }, operation);
      if (!failure) continue;
      assert.match(failure.message, /request-1/);
      assert.doesNotMatch(`${failure.message}${failure.code}${failure.cause}`, /Atza/);
    }
  }
});

test('no answer, however odd, is read as a success or an outcome unless it is whole and documented', () => {
  const body = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), body, fc.constantFrom(...operations), (status, text, operation) => {
      const failure = amazon.readFailure({ status, headers: {}, body: text }, operation);
      if (failure) return;
      if (operation === 'confirmShipment' && status === 204) return;
      assert.ok((status >= 200 && status < 300) || [400, 403, 404].includes(status));
      assert.equal(typeof JSON.parse(text), 'object');
    }),
  );
});

test('nothing but a client error in whole JSON is permanent', () => {
  for (const { operation, response } of vectors) {
    if (amazon.readFailure(response, operation)?.kind !== 'permanent') continue;
    assert.ok(response.status >= 400 && response.status < 500);
    const cut = { ...response, body: response.body.slice(0, -1) };
    assert.equal(amazon.readFailure(cut, operation)?.kind, 'retryable');
  }
});
