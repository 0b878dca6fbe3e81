import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundOf, jainOf, saturate, settingOf, utilisationOf } from '#test/bench/budgets/measure.ts';
import { rows } from '#test/bench/budgets/rows.ts';

const FOR_MS = 240_000;
/** a few minutes are fair less exactly than a day */
const JAIN = 0.95;

for (const { limit, writes } of [
  { limit: 'amazon 10/10', writes: 0.12 },
  { limit: 'shopee shop+app, 8 shops', writes: 0.15 },
  { limit: 'amazon 0.0167/15', writes: Number.POSITIVE_INFINITY },
  { limit: 'tight 10/2', writes: Number.POSITIVE_INFINITY },
]) {
  test(`sixteen workers use all that is possible of ${limit}, and exceed it never`, async () => {
    const row = rows.find((each) => each.limit === limit)!;
    const { binding } = settingOf(row);
    const forMs = Math.max(FOR_MS, 200_000 / binding.rate);
    const outcome = await saturate(row, forMs, limit, {
      warmUpMs: Math.min(300_000, Math.max(60_000, 20_000 / binding.rate)),
    });
    assert.equal(outcome.throttled, 0);
    assert.equal(outcome.deadLetters, 0);
    const used = utilisationOf(row, outcome, forMs);
    assert.ok(used >= 0.99 * boundOf(binding), `${used} of ${boundOf(binding)}`);
    assert.ok(jainOf([...outcome.byGroup.values()]) >= JAIN);
    assert.ok(outcome.writes / outcome.calls <= writes, `${outcome.writes / outcome.calls} writes for a call`);
  });
}
