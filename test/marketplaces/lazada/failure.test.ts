import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lazada } from '#marketplaces/lazada/index.ts';
import type { FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import failures from '#test/vectors/lazada/failures.json' with { type: 'json' };
import { refusal } from './support.ts';

type Expected = { kind: FailureKind; code: string; retryAfterMs?: number };
type Vector = { name: string; operation: string; response: HttpResponse; failure: Expected | null };

const vectors = failures as unknown as Vector[];
const operations = [...new Set(vectors.map(({ operation }) => operation))];
const { readFailure } = lazada;

for (const { name, operation, response, failure } of vectors) {
  test(`answer: ${name}`, () => {
    const read = readFailure(response, operation);
    const { kind, code, retryAfterMs } = failure ?? {};
    assert.deepEqual([read?.kind, read?.code, read?.retryAfterMs], [kind, code, retryAfterMs]);
  });
}

test('no answer starts a window anew: Lazada has no page tokens to lose', () => {
  for (const { operation, response } of vectors) {
    const read = readFailure(response, operation);
    if (read) assert.equal(lazada.orders.isPageTokenExpired(read), false);
  }
});

test('only the token endpoint kills a grant or refuses the app', () => {
  for (const operation of operations) {
    if (operation === 'refreshToken' || operation === 'exchangeCode') continue;
    for (const code of ['InvalidCode', 'IllegalRefreshToken', 'IllegalAccessToken', 'IncompleteSignature']) {
      const read = readFailure(refusal(code), operation)?.code ?? '';
      assert.ok(!['grant-dead', 'app-credentials-refused'].includes(read));
    }
  }
});

test('a failure tells none of the words of the answer', () => {
  const answers = ['0', 'ApiCallLimit', '501', '4242', 'IllegalAccessToken', 'Ada Example'].flatMap((code) => [
    { code, type: 'Ada', message: 'Ada Example', request_id: 'Ada Example' },
    { code, message: 'the timestamp of Ada', request_id: 'R1', data: { name: 'Ada Example' } },
    { code, result: { success: false, error_code: 'Ada Example', error_msg: 'Ada Example' } },
  ]);
  for (const operation of operations) {
    for (const status of [200, 400, 401, 429, 500]) {
      for (const body of [...answers.map((told) => JSON.stringify(told)), 'Ada Example']) {
        const failure = readFailure({ status, headers: {}, body }, operation);
        assert.doesNotMatch(`${failure?.message}${failure?.code}${failure?.cause}`, /Ada/);
      }
    }
  }
});

test('no answer, however odd, passes for a success without Lazada’s code 0 or a numbered refusal', () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((text) => `{"code":${text}}`),
  );
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), body, fc.constantFrom(...operations), (status, text, operation) => {
      if (readFailure({ status, headers: {}, body: text }, operation)) return;
      const { code } = JSON.parse(text) as { code: unknown };
      assert.match(String(code), /^E?\d+$/);
      if (Number(String(code).replace('E', '')) === 0) assert.ok(status >= 200 && status < 300);
    }),
  );
});

test('nothing but whole JSON in Lazada’s form is permanent', () => {
  for (const { operation, response } of vectors) {
    if (readFailure(response, operation)?.kind !== 'permanent') continue;
    const cut = { ...response, body: response.body.slice(0, -1) };
    assert.equal(readFailure(cut, operation)?.kind, 'retryable');
  }
});
