import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tryCommand } from '#docker/command.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const empty = mkdtempSync(join(tmpdir(), 'sluice-no-programs-'));
after(() => rmSync(empty, { recursive: true }));

const local = (args: readonly string[], environment: Record<string, string> = {}) =>
  tryCommand([process.execPath, join(ROOT, 'docker', 'main.ts'), ...args], {
    environment: { ...process.env, ...environment },
  });

test('without Docker, make local says so in one sentence and names make demo', async () => {
  const { code, stdout, stderr } = await local(['up'], { PATH: empty });
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.equal(
    stderr,
    'This needs Docker, which is not installed: install it, or run "make demo", which needs none.\n',
  );
});

test('without an engine that answers, make local says so in one sentence and names make demo', async () => {
  const { code, stderr } = await local(['up'], { DOCKER_HOST: `unix://${empty}/docker.sock`, DOCKER_CONTEXT: '' });
  assert.equal(code, 1);
  assert.match(stderr, /^This needs .*"make demo", which needs none\.\n$/);
});

test('a wrong setting or command is one line that says what there is', async () => {
  const wrong = await local(['up'], { EMULATOR: 'moto' });
  assert.deepEqual([wrong.code, wrong.stderr], [1, 'EMULATOR is "moto": set it to localstack or ministack\n']);
  const base = await local(['images'], { BASE: 'docker-hub' });
  assert.equal(base.stderr, 'BASE is "docker-hub": set it to auto, packages or registry\n');
  const unknown = await local(['start']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /^"start" is not a command\.\n/);
});
