import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_DELAY_MS } from '#platform/engines/engine.ts';
import { backoffMs } from '#platform/runtime/backoff.ts';

const ALMOST_ONE = 1 - 2 ** -32;

test('the ceiling doubles with each attempt, up to what one delayed message can wait', () => {
  const ceilings = [1, 2, 3, 10, 11, 1_000].map((attempt) => backoffMs(attempt, { fraction: () => ALMOST_ONE }));
  assert.deepEqual(ceilings, [1_000, 2_000, 4_000, 512_000, MAX_DELAY_MS, MAX_DELAY_MS]);
});

test('a wait is anywhere between nothing and the ceiling', () => {
  const fractions = fc.double({ min: 0, max: ALMOST_ONE, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fractions, (attempt, fraction) => {
      const waitMs = backoffMs(attempt, { fraction: () => fraction });
      const ceilingMs = backoffMs(attempt, { fraction: () => ALMOST_ONE });
      assert.ok(Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= ceilingMs);
      assert.ok(Math.abs(waitMs - fraction * ceilingMs) <= 1);
    }),
  );
});
