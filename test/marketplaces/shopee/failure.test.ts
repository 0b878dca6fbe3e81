import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shopee } from '#marketplaces/shopee/index.ts';
import failures from '#test/vectors/shopee/failures.json' with { type: 'json' };

for (const { name, operation, status, headers, body, failure: expected } of failures) {
  test(`${operation}: ${name} is ${expected ? `${expected.kind} ${expected.code}` : 'no failure'}`, () => {
    const failure = shopee.readFailure({ status, headers: headers as Record<string, string>, body }, operation);
    if (!expected) return assert.equal(failure, undefined);
    assert.ok(failure);
    const { kind, code, retryAfterMs } = failure;
    assert.deepEqual({ kind, code, retryAfterMs }, { retryAfterMs: undefined, ...expected });
  });
}

test('a failure quotes neither the message nor an unknown code', () => {
  const body = JSON.stringify({
    error: 'bad token 5461737441',
    message: 'token 5461737441',
    request_id: '5461 737441',
  });
  const failure = shopee.readFailure({ status: 200, headers: {}, body }, 'getOrderList');
  assert.ok(failure);
  assert.doesNotMatch(failure.message + failure.code, /546|737/);
});
