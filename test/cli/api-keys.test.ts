import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filledFolder, run, runJson } from '#test/cli/filled-data.ts';

test('a new key of the seller’s API is printed once it is made, and shown again; the log names nobody’s key', async () => {
  const folder = await filledFolder();
  const { json } = await runJson(folder, 'api-keys', 'roll');
  assert.match(json.key, /^sluice_[0-9a-f]{64}$/);
  const again = await runJson(folder, 'api-keys', 'roll');
  assert.notEqual(again.json.key, json.key);
  assert.equal((await run(folder, 'api-keys', 'show')).out, `${again.json.key}\n`);
  const { out } = await run(folder, 'audit', 'find', '--json');
  assert.ok(!out.includes(json.key) && !out.includes(again.json.key));
});
