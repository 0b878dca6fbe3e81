import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ebay } from '#marketplaces/ebay/index.ts';
import vectors from '#test/vectors/ebay/failures.json' with { type: 'json' };

for (const vector of vectors) {
  test(`failure: ${vector.name}`, () => {
    const response = { status: vector.status, headers: vector.headers ?? {}, body: vector.body };
    const failure = ebay.readFailure(response as Parameters<typeof ebay.readFailure>[0], vector.operation);
    if (vector.failure === null) return assert.equal(failure, undefined);
    assert.ok(failure);
    const { kind, code, retryAfterMs } = failure;
    assert.deepEqual({ kind, code, retryAfterMs }, { retryAfterMs: undefined, ...vector.failure });
  });
}

test("a failure repeats nothing of eBay's text", () => {
  const body = JSON.stringify({
    errors: [{ errorId: 30800, category: 'REQUEST', message: 'jane@example.test', longMessage: 'v^1.1#token' }],
  });
  const failure = ebay.readFailure({ status: 400, headers: {}, body }, 'getOrders');
  assert.doesNotMatch(String(failure), /jane|token#|v\^1/);
});
