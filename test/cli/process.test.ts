import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { filledFolder } from '#test/cli/filled-data.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
const folder = await filledFolder();

function spawn(command: string, args: string[], environment: Record<string, string> = {}) {
  // As npm does: the project's own Node comes first.
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const env = { PATH, SLUICE_DATA: folder, ...environment };
  return spawnSync(command, args, { encoding: 'utf8', env, cwd: tmpdir() });
}

test('it runs as an executable through a link, as npx runs it, beside a process that has the data open', async () => {
  assert.ok(statSync(MAIN).mode & 0o100, 'cli/main.ts is not executable');
  const bin = mkdtempSync(join(tmpdir(), 'sluice-bin-'));
  const link = join(bin, 'sluice');
  symlinkSync(MAIN, link);
  const { engine } = await openWorld(readConfig({ SLUICE_DATA: folder }), 'test', { sendsTicks: false });
  const { status, stdout, stderr } = spawn(link, ['status', '--json']);
  await engine.close();
  rmSync(bin, { recursive: true });
  assert.deepEqual([status, stderr], [1, '']);
  assert.equal(JSON.parse(stdout).audit.entries, 8);
});

test('a process ends with the exit code of its command and one line on standard error', () => {
  const help = spawn(process.execPath, [MAIN, '--help']);
  assert.deepEqual([help.status, help.stderr], [0, '']);
  const missing = spawn(process.execPath, [MAIN, 'connections'], { SLUICE_DATA: join(folder, 'missing') });
  assert.deepEqual([missing.status, missing.stdout], [1, '']);
  assert.match(missing.stderr, /^there is no Sluice data in [^\n]+\n$/);
  const wrong = spawn(process.execPath, [MAIN, 'connections'], { SLUICE_PORT: 'x' });
  assert.deepEqual([wrong.status, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /^SLUICE_PORT is "x": set it to [^\n]+\n$/);
});

test('a reader that closes the pipe early is no error', () => {
  const { stderr } = spawn('sh', ['-c', `node ${MAIN} audit find --limit 1000 | head -c 1`]);
  assert.equal(stderr, '');
});
