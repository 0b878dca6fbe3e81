import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filledFolder, run, runJson, SECRET } from '#test/cli/filled-data.ts';

const folder = await filledFolder();
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, `${SECRET}-token\n`);
const add = (...words: string[]) => run(folder, 'connections', 'add', ...words);

test('a seller is connected by a refresh token in a file, and the token comes out nowhere', async () => {
  const added = await add('ebay', 'new-seller', '--refresh-token-file', tokenFile, '--id', 'ebay-new');
  assert.equal(added.exitCode, 0, added.err);
  const { json } = await runJson(folder, 'connections');
  const found = json.connections.find(({ connectionId }: { connectionId: string }) => connectionId === 'ebay-new');
  assert.deepEqual([found.sellerId, found.status], ['new-seller', 'active']);
  assert.ok(!`${added.out}${added.err}${JSON.stringify(json)}`.includes(SECRET));
});

test('a seller who has a connection keeps it, under its id', async () => {
  const again = await add('ebay', 'new-seller', '--refresh-token-file', tokenFile);
  assert.match(again.out, /^ebay-new is connected/);
  const other = await add('ebay', 'new-seller', '--refresh-token-file', tokenFile, '--id', 'ebay-other');
  assert.equal(other.exitCode, 1);
});

test('a wrong call says what is missing', async () => {
  assert.equal((await add('ebay', 'x')).exitCode, 2);
  assert.equal((await add('ebay', 'x', '--refresh-token-file', tokenFile, '--setting', 'novalue')).exitCode, 2);
  assert.equal((await add('ebay', 'x', '--refresh-token-file', join(folder, 'none'))).exitCode, 1);
  assert.equal((await add('nowhere', 'x', '--refresh-token-file', tokenFile)).exitCode, 1);
});
