import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filledFolder, run, runJson } from '#test/cli/filled-data.ts';

test('a new data key is announced with the time at which it comes into force, and a second one has to wait', async () => {
  const folder = await filledFolder();
  const { json } = await runJson(folder, 'keys', 'roll');
  assert.equal(json.version, '2');
  assert.ok(Date.parse(json.inForceAt) > 0);
  const again = await run(folder, 'keys', 'roll');
  assert.equal(again.exitCode, 1);
  assert.match(again.err, /data key 2 is not in force yet/);
});
