import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commands } from '#cli/commands/index.ts';
import {
  ACCOUNT,
  BUYER,
  filledFolder,
  ORDER_ID,
  run,
  runJson,
  SECRET,
  temporaryFolder,
} from '#test/cli/filled-data.ts';

const folder = await filledFolder();

/** Whether a text holds a canary, also where it is encoded. */
function assertClean(text: string, where: string): void {
  for (const canary of [SECRET, BUYER, ACCOUNT]) {
    for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const) {
      assert.ok(!text.includes(Buffer.from(canary).toString(encoding).replace(/=+$/, '')), `${where} shows ${canary}`);
    }
  }
}

function filesUnder(place: string): string[] {
  const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.map((file) => join(file.parentPath, file.name));
}

test('no command shows a token or a buyer, be it in a table, in JSON, in an error or in a file', async () => {
  const { json } = await runJson(folder, 'dead-letters', 'list');
  const letters: string[] = json.deadLetters.map(({ messageId }: { messageId: string }) => messageId);
  const written = temporaryFolder();
  const tokenFile = join(temporaryFolder(), 'token');
  writeFileSync(tokenFile, SECRET);
  let count = 0;
  const out = () => ['--out', join(written, `out-${count++}`)];
  const calls: string[][] = [
    ['status'],
    ['connections'],
    ['connections', 'add', 'ebay', 'another-seller', '--refresh-token-file', tokenFile],
    ['orders', 'list', 'ebay-1'],
    ['orders', 'show', 'ebay-1', ORDER_ID],
    ['orders', 'show', 'ebay-1', 'lost'],
    ['orders', 'show', 'ebay-1', ORDER_ID, '--raw'],
    ['erase', '--order', 'order-3'],
    ['erase', '--account', ACCOUNT],
    ['erase', '--email', `${BUYER}@example.com`],
    ['erase', '--email', `${BUYER}@example.com`, '--order', 'order-3'],
    ['dead-letters', 'list'],
    ...letters.map((id) => ['dead-letters', 'show', id]),
    ['keys', 'roll'],
    ['api-keys', 'show'],
    ['api-keys', 'roll'],
    ['audit', 'find'],
    ['audit', 'show', ORDER_ID],
    ['audit', 'prove', '0', ...out()],
    ['audit', 'export', ...out()],
    ['audit', 'dispute', ORDER_ID, ...out()],
    ['audit', 'verify', folder],
    ['dead-letters', 'redrive', letters[0]!],
    ['dead-letters', 'drop', letters[1]!],
    ['dead-letters', 'redrive', '--all'],
  ];
  for (const { name } of commands)
    assert.ok(
      calls.some((call) => call.join(' ').startsWith(name)),
      `${name} is not called`,
    );
  for (const call of calls) {
    for (const more of [[], ['--json']]) {
      const ran = await run(folder, ...call, ...more);
      assertClean(ran.out + ran.err, call.join(' '));
    }
  }
  const files = filesUnder(written);
  assert.ok(files.length > 5);
  for (const file of files) assertClean(readFileSync(file, 'latin1'), file);
});
