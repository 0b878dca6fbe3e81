import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import type { FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import failures from '#test/vectors/mercadolibre/failures.json' with { type: 'json' };

type Expected = { kind: FailureKind; code: string; retryAfterMs?: number };
type Vector = { name: string; operation: string; response: HttpResponse; failure: Expected | null };

const vectors = failures as unknown as Vector[];
const operations = [...new Set(vectors.map(({ operation }) => operation))];

for (const { name, operation, response, failure } of vectors) {
  test(`answer: ${name}`, () => {
    const read = mercadolibre.readFailure(response, operation);
    const { kind, code, retryAfterMs } = failure ?? {};
    assert.deepEqual([read?.kind, read?.code, read?.retryAfterMs], [kind, code, retryAfterMs]);
  });
}

test('only the token endpoint kills a grant or refuses the app', () => {
  for (const error of ['invalid_grant', 'invalid_client']) {
    const body = JSON.stringify({ error });
    for (const operation of operations.filter((name) => name !== 'refreshToken' && name !== 'exchangeCode')) {
      const code = mercadolibre.readFailure({ status: 400, headers: {}, body }, operation)?.code;
      assert.ok(code !== 'grant-dead' && code !== 'app-credentials-refused');
    }
  }
});

test('a failure tells none of the words of the body', () => {
  const word = 'Ada-Example';
  const body = JSON.stringify({ message: word, error: word, error_description: word, cause: [{ code: word }] });
  for (const operation of operations) {
    for (const status of [200, 400, 401, 403, 404, 409, 429, 500]) {
      const failure = mercadolibre.readFailure({ status, headers: {}, body }, operation);
      assert.doesNotMatch(`${failure?.message}${failure?.code}${failure?.cause}`, /Ada/);
    }
  }
});

test('no answer, however odd, is read as anything but a failure unless it is a whole object or an empty one of a write', () => {
  const body = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), body, fc.constantFrom(...operations), (status, text, operation) => {
      if (mercadolibre.readFailure({ status, headers: {}, body: text }, operation)) return;
      assert.ok((status >= 200 && status < 300) || [400, 403, 404, 409, 422].includes(status));
      if (text !== '') assert.equal(typeof JSON.parse(text), 'object');
      else assert.match(operation, /^(update|notify)/);
    }),
  );
});

test('nothing but a client error in whole JSON is permanent', () => {
  for (const { operation, response } of vectors) {
    if (mercadolibre.readFailure(response, operation)?.kind !== 'permanent') continue;
    assert.ok(response.status >= 400 && response.status < 500);
    const cut = { ...response, body: response.body.slice(0, -1) };
    assert.equal(mercadolibre.readFailure(cut, operation)?.kind, 'retryable');
  }
});
