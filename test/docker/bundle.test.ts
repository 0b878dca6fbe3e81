import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Bundle, bundleFunctions } from '#docker/bundle.ts';
import { FUNCTIONS, type FunctionName } from '#docker/functions.ts';
import { type Lock, packagesOf, softwareBill } from '#docker/sbom.ts';
import { functions } from '#infra/topology.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HEALTH_CHECK_BYTES = 10_000;

let bundles: Map<FunctionName, Bundle>;
before(async () => {
  bundles = await bundleFunctions(ROOT);
});

const digests = (all: ReadonlyMap<FunctionName, Bundle>): string[] =>
  [...all].flatMap(([name, { files }]) =>
    Object.entries(files).map(([file, bytes]) => `${name}/${file} ${hash('sha256', bytes)}`),
  );

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;

/** the rooms that bundles are made of */
const OURS = ['events', 'infra', 'marketplaces', 'platform', 'services'];

/** a copy of our code and of the packages that it uses, in a folder that is called something else */
const elsewhere = mkdtempSync(join(tmpdir(), 'sluice elsewhere '));
before(() => {
  const packages = Object.entries(lock.packages).filter(([path, { dev, optional }]) => path && !dev && !optional);
  for (const path of ['package.json', 'tsconfig.json', ...OURS, ...packages.map(([path]) => path)]) {
    cpSync(join(ROOT, path), join(elsewhere, path), { recursive: true });
  }
});
after(() => rmSync(elsewhere, { recursive: true }));

test('the same files give the same bundles, wherever the repository is', async () => {
  assert.deepEqual(digests(await bundleFunctions(elsewhere)), digests(bundles));
});

test('an edit of one function leaves the bundles of the others as they are', async () => {
  const edited = join(elsewhere, 'services', 'consent', 'pages.ts');
  const text = readFileSync(edited, 'utf8');
  assert.ok(text.includes('<!doctype html>'));
  writeFileSync(edited, text.replace('<!doctype html>', '<!doctype html><!-- edited -->'));
  const now = digests(await bundleFunctions(elsewhere));
  const changed = digests(bundles).filter((digest) => !now.includes(digest));
  assert.deepEqual(
    changed.map((digest) => digest.split('/')[0]),
    ['consent'],
  );
});

test('a bundle names no path of this machine', () => {
  for (const [name, { files }] of bundles) {
    for (const [file, bytes] of Object.entries(files)) {
      assert.ok(!Buffer.from(bytes).includes(ROOT), `${name}/${file}`);
    }
  }
});

test('the health check loads little', () => {
  for (const { files } of bundles.values()) assert.ok(files['health.mjs']!.byteLength < HEALTH_CHECK_BYTES);
});

test('only what is simulated holds the simulated marketplaces', () => {
  for (const [name, { inputs }] of bundles) {
    const simulations = inputs.filter((path) => path.includes('/sandbox'));
    assert.equal(simulations.length > 0, name === 'sandbox', name);
  }
});

test('every function has an image, and nothing else has', () => {
  assert.deepEqual([...FUNCTIONS].sort(), functions.map(({ name }) => name).sort());
});

test('the bill of materials names every package that a bundle holds, with version, hash and licence', () => {
  const { inputs } = bundles.get('webhook-intake')!;
  const packages = packagesOf(inputs, lock);
  const bill = softwareBill({ name: 'sluice/webhook-intake', revision: 'abc' }, packages, []);
  const { components } = JSON.parse(bill) as {
    components: { purl: string; hashes: { content: string }[]; licenses: unknown[] }[];
  };
  const purls = components.map(({ purl }) => purl);
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const name of ['hono', 'pino', 'zod', '@aws-sdk/client-sqs']) {
    assert.ok(purls.includes(`pkg:npm/${name.replace('@', '%40')}@${dependencies[name]}`), name);
  }
  for (const { purl, hashes, licenses } of components) {
    assert.match(hashes[0]!.content, /^[0-9a-f]{128}$/, purl);
    assert.equal(licenses.length, 1, purl);
  }
  const development = ['esbuild', 'typescript', 'aws-cdk-lib', 'testcontainers', 'fast-check'];
  assert.deepEqual(
    development.filter((name) => purls.some((purl) => purl.startsWith(`pkg:npm/${name}@`))),
    [],
  );
  assert.deepEqual(softwareBill({ name: 'sluice/webhook-intake', revision: 'abc' }, packages, []), bill);
});
