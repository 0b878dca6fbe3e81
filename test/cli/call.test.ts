import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commands } from '#cli/commands/index.ts';
import { filledFolder, run, temporaryFolder } from '#test/cli/filled-data.ts';

const folder = await filledFolder();
const oneLine = /^[^\n]+\n$/;

test('help lists every command, and each command has its own', async () => {
  const { exitCode, out } = await run(folder, '--help');
  assert.equal(exitCode, 0);
  for (const { name, says } of commands) {
    assert.ok(out.includes(`sluice ${name}`) && out.includes(says));
    const own = await run(folder, ...name.split(' '), '--help');
    assert.equal(own.exitCode, 0);
    assert.match(own.out, new RegExp(`^usage: sluice ${name}`));
  }
  assert.equal((await run(folder, 'orders', '--help')).exitCode, 0);
});

test('a wrong call is one line on standard error that says what to do, and exit code 2', async () => {
  const calls: [string[], RegExp][] = [
    [['lost'], /no command lost: sluice --help/],
    [['orders'], /takes one of list, show/],
    [['orders', 'lost'], /takes one of list, show, not lost/],
    [['orders', 'list'], /lacks its <connection>/],
    [['orders', 'show', 'ebay-1'], /lacks its <order>/],
    [['connections', 'ebay-1'], /does not take ebay-1/],
    [['orders', 'list', 'ebay-1', '--limit', '0'], /--limit is "0": give a number from 1 to/],
    [['orders', 'list', 'ebay-1', '--limit'], /--limit/],
    [['status', '--lost'], /Unknown option '--lost': sluice status --help/],
    [['dead-letters', 'list', '--queue', 'lost'], /--queue is "lost": give one of sync,/],
    [['dead-letters', 'redrive'], /<message-id> or --all/],
    [['dead-letters', 'redrive', '1', '--all'], /<message-id> or --all/],
    [['audit', 'find', '--from', 'yesterday'], /--from is "yesterday": give a time/],
    [['audit', 'find', '--from', '2026-02-30'], /--from is "2026-02-30": give a time/],
    [['audit', 'prove', 'first', '--out', 'x'], /the index is "first": give a number/],
    [['audit', 'prove', '1'], /--out is missing: give a file/],
    [['audit', 'export'], /--out is missing: give a folder/],
    [['audit', 'verify', join(folder, 'nowhere')], /could not be checked/],
  ];
  for (const [args, says] of calls) {
    const { exitCode, out, err } = await run(folder, ...args);
    assert.deepEqual([exitCode, out], [2, ''], args.join(' '));
    assert.match(err, says);
    assert.match(err, oneLine);
  }
});

test('what is not there is one line that says where to look, and exit code 1', async () => {
  const calls: [string[], RegExp][] = [
    [['orders', 'list', 'lost'], /no connection lost: sluice connections/],
    [['orders', 'show', 'lost', '1'], /no connection lost/],
    [['orders', 'show', 'ebay-1', 'lost'], /ebay-1 has no order lost: sluice orders list ebay-1/],
    [['erase', '--order', 'lost'], /there is no order lost/],
    [['dead-letters', 'show', '999'], /no dead letter 999 .*: sluice dead-letters list/],
    [['dead-letters', 'drop', '999'], /no dead letter 999/],
    [['dead-letters', 'redrive', '999'], /no dead letter 999/],
    [['audit', 'show', 'lost'], /no order lost: sluice audit find/],
    [['audit', 'dispute', 'lost', '--out', join(folder, 'd')], /no order lost/],
    [['audit', 'prove', '999', '--out', join(folder, 'p')], /no entry 999: sluice audit find/],
    [['audit', 'prove', '7', '--out', join(folder, 'p')], /no checkpoint covers entry 7 yet: try again/],
  ];
  for (const [args, says] of calls) {
    const { exitCode, out, err } = await run(folder, ...args);
    assert.deepEqual([exitCode, out], [1, ''], args.join(' '));
    assert.match(err, says);
    assert.match(err, oneLine);
  }
  assert.ok(!existsSync(join(folder, 'p')) && !existsSync(join(folder, 'd')));
});

test('no command makes a data directory', async () => {
  const missing = join(temporaryFolder(), 'missing');
  const words: Record<string, string> = {
    connection: 'ebay-1',
    marketplace: 'ebay',
    seller: '1',
    order: '1',
    'message-id': '1',
    'message-id?': '1',
    index: '1',
  };
  for (const { name, takes, options } of commands) {
    if (name === 'audit verify') continue;
    const out = 'out' in options ? ['--out', join(missing, 'out')] : [];
    const whom = name === 'erase' ? ['--order', '1'] : [];
    const given = [...takes.map((word) => words[word]!), ...out, ...whom];
    const { exitCode, err } = await run(missing, ...name.split(' '), ...given);
    assert.equal(exitCode, 1, name);
    assert.equal(err, `there is no Sluice data in ${missing}: start it with npm run start or set SLUICE_DATA\n`);
    assert.ok(!existsSync(missing), name);
  }
});
