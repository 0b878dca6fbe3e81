import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Workshop } from '#docker/base-images.ts';
import { read, tryCommand } from '#docker/command.ts';
import { findEngine } from '#docker/engine.ts';
import { FUNCTIONS } from '#docker/functions.ts';
import { buildImages, type Images } from '#docker/images.ts';
import { pushImages } from '#docker/push.ts';
import { startRegistry } from './plain-registry.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The engine, or why these tests are left out; with SLUICE_REQUIRE_DOCKER=1 they may not be. */
const engine = await findEngine().catch((error: Error) => {
  if (process.env.SLUICE_REQUIRE_DOCKER === '1') throw error;
  return error.message;
});
const skip = typeof engine === 'string' && engine;

let workshop: Workshop;
let images: Images;
before(async () => {
  if (typeof engine === 'string') return;
  workshop = { root: ROOT, engine, base: 'auto', print: () => {} };
  images = await buildImages(workshop);
});

type Inspected = {
  Id: string;
  Config: {
    User: string;
    Env: string[];
    Entrypoint: string[];
    Cmd: string[];
    Labels: Record<string, string>;
    Healthcheck: { Test: string[] };
  };
};
const inspect = async (image: string): Promise<Inspected> =>
  (JSON.parse(await read(['docker', 'image', 'inspect', image])) as Inspected[])[0]!;

test('what was built once is not built again', { skip }, async () => {
  assert.deepEqual(await buildImages(workshop), images);
});

test('an image says nothing of where it runs: no endpoint, region, stack or credentials', { skip }, async () => {
  for (const name of FUNCTIONS) {
    const { Config } = await inspect(images[name].name);
    assert.deepEqual(Config.Env.sort(), ['NODE_ENV=production', 'PATH=/usr/local/bin'], name);
    assert.deepEqual([Config.Entrypoint, Config.Cmd], [['/usr/local/bin/node'], ['/app']], name);
    assert.deepEqual(Config.Healthcheck.Test, ['CMD', '/usr/local/bin/node', '/app/health.mjs'], name);
    assert.equal(Config.User, '65532:65532', name);
  }
});

test('an image tells its function and the commit that it was made of', { skip }, async () => {
  for (const name of FUNCTIONS) {
    const { Labels } = (await inspect(images[name].name)).Config;
    assert.equal(Labels['org.opencontainers.image.title'], `sluice/${name}`);
    assert.match(Labels['org.opencontainers.image.revision']!, /^[0-9a-f]{40}(-dirty)?$/);
    assert.match(Labels['org.opencontainers.image.created']!, /^\d{4}-\d\d-\d\dT/);
  }
});

test('the same image runs on a laptop and refuses a wrong setting there, in one line', { skip }, async () => {
  const run = ['docker', 'run', '--rm', '--network', 'none', '--read-only', '--cap-drop', 'ALL'] as const;
  const { code, stdout, stderr } = await tryCommand([...run, '-e', 'SLUICE_PORT=high', images['webhook-intake'].name]);
  assert.equal(code, 1);
  assert.equal(`${stdout}${stderr}`, 'SLUICE_PORT is "high": set it to a port number from 1 to 65535\n');
});

test('the probe tells what is not hardened', { skip }, async () => {
  const probe = readFileSync(join(ROOT, 'docker', 'probe.cjs'), 'utf8');
  const found = JSON.parse(
    await read(['docker', 'run', '--rm', '--user', '0', '-e', 'API_TOKEN=x', images.consent.name, '-e', probe]),
  );
  assert.equal(found.userId, 0);
  assert.ok(found.writable.includes('/app') && found.writable.includes('/'));
  assert.ok(found.capabilities.some((mask: string) => BigInt(`0x${mask}`) !== 0n));
  assert.equal(found.noNewPrivileges, false);
  assert.deepEqual(found.secretsInEnvironment, ['API_TOKEN']);
});

test('what is pushed for a deployment is the image that make local runs', { skip }, async () => {
  const registry = await startRegistry();
  after(() => registry.stop());
  const repositories = `${registry.address}/sluice`;
  await pushImages(workshop, [repositories]);
  const digests = JSON.parse(readFileSync(join(ROOT, 'docker', '.image-digests.json'), 'utf8'));
  for (const name of FUNCTIONS.filter((name) => name !== 'sandbox')) {
    const { digest, manifest } = registry.pushed.get(`sluice/${name}`)!;
    assert.equal(digests[name], digest);
    assert.equal(manifest.config.digest, images[name].id);
    assert.equal((await inspect(images[name].name)).Id, images[name].id);
    const [, tag] = images[name].name.split(':');
    await read(['docker', 'image', 'rm', `${repositories}/${name}:${tag}`]);
  }
  assert.equal(registry.pushed.has('sluice/sandbox'), false);
});
