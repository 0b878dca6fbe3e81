import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCrashes } from './tokens/run.ts';
import { runSpread } from './tokens/spread.ts';

test('whichever await of a refresh a process dies at, no grant is lost without need, and a lost one is told in a minute', async () => {
  const { crashes, strictLosses, surfacedWithinSeconds, wrong, ...counts } = await runCrashes(400);
  assert.deepEqual(wrong, []);
  assert.deepEqual(counts, { lost: 0, doubleExchanges: 0, staleReturned: 0 });
  assert.equal(crashes, 400);
  assert.ok(strictLosses > 0);
  assert.ok(surfacedWithinSeconds <= 60, `${surfacedWithinSeconds} s`);
});

test('connections that were authorized in one minute are refreshed evenly from the first period on', async () => {
  const peakToMean = await runSpread(1_000, 900_000, 3);
  assert.ok(peakToMean <= 1.3, `${peakToMean}`);
});
