import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { functions } from '#infra/topology.ts';
import { freePort } from '#test/support/free-ports.ts';

const ROOT = join(import.meta.dirname, '../..');
const LOOK_EVERY_MS = 50;
const folder = mkdtempSync(join(tmpdir(), 'sluice-run-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

type Ended = { code: number | null; stdout: string; stderr: string };

/** A process of one of our entry points, with these settings and no other. */
function start(main: string, environment: Record<string, string>): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [join(ROOT, main)], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (bytes) => {
    ended.stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    ended.stderr += bytes;
  });
  return {
    child,
    ended: once(child, 'close').then(([code]) => ({ ...ended, code: code as number | null })),
  };
}

const isListening = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/health`).then(
    () => true,
    () => false,
  );

async function untilWell(port: number, child: ChildProcess): Promise<void> {
  while ((await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.status !== 200) {
    assert.equal(child.exitCode, null, 'the process ended by itself');
    await sleep(LOOK_EVERY_MS);
  }
}

const ownPorts = { SLUICE_PORT: '0', SLUICE_AUDIT_PORT: '0', SLUICE_SELLER_API_PORT: '0', SLUICE_CONSENT_PORT: '0' };
const mains = [...functions.filter(({ isSimulated }) => !isSimulated).map(({ name }) => name), 'all-in-one'];

for (const name of mains) {
  const main = `services/${name}/main.ts`;

  test(`${name} tells that it is well while it runs, and ends with 0 at SIGTERM`, async (t) => {
    const port = await freePort();
    const settings = { ...ownPorts, SLUICE_DATA: join(folder, name), SLUICE_HEALTH_PORT: String(port) };
    const { child, ended } = start(main, settings);
    t.after(() => child.kill('SIGKILL'));
    await untilWell(port, child);
    const check = start('platform/functions/health-check/main.ts', { SLUICE_HEALTH_PORT: String(port) });
    assert.equal((await check.ended).code, 0);
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    assert.deepEqual([code, stderr], [0, '']);
    const after = start('platform/functions/health-check/main.ts', { SLUICE_HEALTH_PORT: String(port) });
    assert.equal((await after.ended).code, 1);
  });

  test(`${name} ends with one line that names SLUICE_DATA where that can't be a folder`, async () => {
    const file = join(folder, `${name}.txt`);
    writeFileSync(file, '');
    const { code, stdout, stderr } = await start(main, { ...ownPorts, SLUICE_DATA: join(file, 'data') }).ended;
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^[^\n]*SLUICE_DATA is [^\n]*\n$/);
  });
}

test('a function that AWS does not answer ends with one line, and has listened on no port until then', async () => {
  const [port, healthPort, awsPort] = [await freePort(), await freePort(), await freePort()];
  const { child, ended } = start('services/webhook-intake/main.ts', {
    ...ownPorts,
    SLUICE_ENGINE: 'aws',
    SLUICE_PORT: String(port),
    SLUICE_HEALTH_PORT: String(healthPort),
    AWS_ENDPOINT_URL: `http://127.0.0.1:${awsPort}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  while (child.exitCode === null) {
    assert.deepEqual([await isListening(port), await isListening(healthPort)], [false, false]);
    await sleep(LOOK_EVERY_MS);
  }
  const { code, stdout, stderr } = await ended;
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^[^\n]*AWS_ENDPOINT_URL[^\n]*\n$/);
});
