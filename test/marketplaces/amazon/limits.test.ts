import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { Limit } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import learned from '#test/vectors/amazon/learned-limits.json' with { type: 'json' };
import limits from '#test/vectors/amazon/limits.json' with { type: 'json' };
import { failureOf } from './support.ts';

type LimitVector = { operation: string } & Omit<Limit, 'source'>;
type LearnedVector = { name: string; operation: string; response: HttpResponse; learned: object[] };

for (const { operation, ...expected } of limits as LimitVector[]) {
  test(`${operation} is counted against ${expected.bucket} and says where the number comes from`, () => {
    const [limit, ...more] = amazon.limits.forOperation(operation);
    const { source, ...numbers } = limit!;
    assert.deepEqual(numbers, expected);
    assert.deepEqual(more, []);
    assert.ok(source.length > 0);
  });
}

test('an operation that Amazon does not have, gets no budget', () => {
  for (const operation of ['getOrders', 'toString', '']) {
    assert.equal(failureOf(() => amazon.limits.forOperation(operation)).kind, 'permanent');
  }
});

for (const { name, operation, response, learned: expected } of learned as unknown as LearnedVector[]) {
  test(`learned: ${name}`, () => {
    assert.deepEqual(amazon.limits.learn?.(response, operation), expected);
  });
}
