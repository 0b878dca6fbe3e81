import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_FAULTS } from './faults.ts';
import { MUTANTS } from './mutants.ts';
import { type RunOptions, runSimulation } from './run.ts';

const run = (options: Partial<RunOptions> & { seed: string }) =>
  runSimulation({ days: 0.5, plan: ALL_FAULTS, ...options });

/** seeds with every fault; the long run has hundreds: `npm run simulate -- --seeds 1..200` */
const SEEDS = ['1', '2', '3'];

for (const seed of SEEDS) {
  test(`with every fault, what must always be true is true (seed ${seed})`, async () => {
    const { first, faults, crashes } = await run({ seed });
    assert.equal(first && `${first.rule}: ${first.text}`, undefined);
    assert.ok(faults > 300 && crashes > 20, `${faults} faults, ${crashes} crashes`);
  });
}

test('the same seed gives the same run, bit for bit, and another seed another', async () => {
  const plain = { days: 0.1 };
  const first = await run({ seed: 'a', ...plain });
  assert.deepEqual(await run({ seed: 'a', ...plain }), first);
  const { traceHash } = await run({ seed: 'b', ...plain });
  assert.notEqual(traceHash, first.traceHash);
});

test('without faults nothing strikes and nothing crashes', async () => {
  const { faults, crashes, violations } = await run({ seed: '1', days: 0.1, plan: { ...ALL_FAULTS, kinds: [] } });
  assert.deepEqual({ faults, crashes, violations }, { faults: 0, crashes: 0, violations: 0 });
});

/** those that the first seed shows within hours; all of them: `npm run simulate -- --mutants` */
for (const { name, breaks, withinSeeds, ...mutation } of MUTANTS.filter((mutant) => mutant.withinSeeds === 1)) {
  test(`the bug "${name}" is caught`, async () => {
    const { first } = await run({ seed: '1', days: 1, mutation });
    assert.ok(
      first && breaks.some((rule) => rule.test(first.rule)),
      first ? `${first.rule}: ${first.text}` : 'it was not',
    );
  });
}
