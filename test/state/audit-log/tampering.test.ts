import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyLog } from '#platform/state/audit-log/verify.ts';
import { sourceOf } from '#test/support/audit-log.ts';
import { seededRandom, TAMPERINGS, tamper, untampered } from '#test/support/audit-tampering.ts';

/** `test/bench/audit-tamper.ts` does 10,000 of each */
const MUTATIONS = 200;

test('a log that nobody touched verifies', async () => {
  const { files, options } = untampered();
  assert.equal((await verifyLog(sourceOf(files), options)).problem, undefined);
});

for (const kind of TAMPERINGS) {
  test(`a log is found out after "${kind}", and the first bad entry is where it says`, async () => {
    for (let seed = 0; seed < MUTATIONS; seed++) {
      const { files, options, firstBad } = tamper(kind, seededRandom(seed));
      const verdict = await verifyLog(sourceOf(files), options);
      assert.equal(verdict.ok, false, `${kind} ${seed}`);
      if (firstBad === undefined) continue;
      const { firstBadEntry = 0, lastBadEntry = Number.POSITIVE_INFINITY } = verdict;
      assert.ok(firstBadEntry <= firstBad && firstBad <= lastBadEntry, `${kind} ${seed}: ${JSON.stringify(verdict)}`);
    }
  });
}
