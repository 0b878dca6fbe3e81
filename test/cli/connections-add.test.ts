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

test('the calendar shows when a consent ends, as told, or by the marketplace’s rule', async () => {
  const words = ['ebay', 'calendar-seller', '--refresh-token-file', tokenFile, '--consent-ends', '2030-05-01'];
  assert.equal((await add(...words)).exitCode, 0);
  const { json } = await runJson(folder, 'connections', '--calendar');
  const found = json.calendar.find((end: { connectionId: string }) => end.connectionId === 'ebay-calendar-seller');
  assert.deepEqual([found.endsAt, found.secret], ['2030-05-01T00:00:00.000Z', null]);
  const ends = json.calendar.map((end: { endsAt: string }) => end.endsAt);
  assert.deepEqual(ends, ends.toSorted());
  const { out } = await run(folder, 'connections', '--calendar');
  assert.match(out, /^ENDS +DAYS LEFT +MARKETPLACE +WHAT\n/);
  assert.match(out, /ebay +consent of ebay-calendar-seller$/m);
});
