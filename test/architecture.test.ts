import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

/**
 * Who may import whom: room, then the rooms or files (by the beginning of their path) that it may import. The first row
 * whose room a file is in counts. Imports of packages and of files in the same folder or room are not listed.
 */
const MAY_IMPORT: readonly (readonly [room: string, allowed: readonly string[]])[] = [
  ['events/', []],
  ['platform/runtime/', ['events/']],
  ['platform/engines/aws/', ['events/', 'platform/runtime/', 'platform/engines/engine.ts']],
  ['platform/engines/embedded/', ['events/', 'platform/runtime/', 'platform/engines/engine.ts']],
  ['platform/engines/', ['events/', 'platform/runtime/']],
  ['platform/state/', ['events/', 'platform/runtime/', 'platform/engines/engine.ts']],
  [
    'platform/functions/',
    [
      'events/',
      'platform/runtime/',
      'platform/engines/',
      'platform/state/',
      'marketplaces/index.ts',
      'marketplaces/marketplace.ts',
      'infra/topology.ts',
    ],
  ],
  ['marketplaces/', ['events/', 'platform/runtime/failure.ts', 'platform/runtime/http.ts', 'marketplaces/']],
  ['services/', ['events/', 'platform/', 'marketplaces/']],
  ['infra/', ['events/', 'platform/engines/aws/names.ts', 'platform/runtime/']],
  ['docker/', ['infra/', 'platform/runtime/']],
  ['cli/', ['events/', 'platform/', 'marketplaces/']],
  ['test/', ['']],
];

/** A marketplace's sandbox and its connector are two implementations: neither may know the other. */
const SANDBOX = /^marketplaces\/(?!sandbox-kit\/)([a-z-]+)\/sandbox(\/|\.ts)/;
const MAY_IMPORT_SANDBOXES = ['services/sandbox/', 'services/all-in-one/', 'test/'];
/** all-in-one wires the other services; nothing else may know another service */
const MAY_IMPORT_SERVICES = ['services/all-in-one/', 'test/'];

/** The clients' tests are a package of their own, where `#room` is not known: one of them reaches out of it. */
const UPWARDS = 'test/clients/served-sandbox.ts';

/** What only the edges may use: [name, pattern, files that may]. */
const BANNED: readonly (readonly [name: string, pattern: RegExp, allowed: readonly RegExp[]])[] = [
  ['Date.now', /\bDate\.now\b/, [/^platform\/runtime\/clock\.ts$/]],
  ['new Date()', /\bnew Date\(\)/, [/^platform\/runtime\/clock\.ts$/]],
  ['Math.random', /\bMath\.random\b/, []],
  ['setTimeout', /\bset(Timeout|Interval)\(/, [/^platform\/runtime\/clock\.ts$/]],
  ['randomUUID', /\brandom(UUID|Bytes)\b/, [/^platform\/runtime\/random\.ts$/]],
  ['fetch', /(?<![.\w])fetch\(/, [/^platform\/runtime\/send\.ts$/, /^platform\/state\/audit-log\/verify\.ts$/]],
  ['process.env', /\bprocess\.env\b/, [/\/main\.ts$/, /^services\/all-in-one\/dev\.ts$/]],
];

type Source = { path: string; text: string; imports: string[] };

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (name === 'node_modules' || name.startsWith('.')) return [];
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : path.endsWith('.ts') ? [path] : [];
  });
}

/** What a file imports: paths from the root for our own files, the name as it stands for packages. */
function importsOf(path: string, text: string): string[] {
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
  return specifiers.map((specifier) => {
    if (specifier.startsWith('#')) return specifier.slice(1);
    if (specifier.startsWith('.')) return relative(ROOT, join(ROOT, path, '..', specifier));
    return `package:${specifier}`;
  });
}

const sources: Source[] = files(ROOT).map((full) => {
  const path = relative(ROOT, full);
  const text = readFileSync(full, 'utf8');
  return { path, text, imports: importsOf(path, text) };
});
const shipped = sources.filter(({ path }) => !path.startsWith('test/'));
const startsWithOneOf = (path: string, beginnings: readonly string[]): boolean =>
  beginnings.some((beginning) => path.startsWith(beginning));

test('every file is in a room', () => {
  const homeless = sources.filter(({ path }) => !MAY_IMPORT.some(([room]) => path.startsWith(room)));
  assert.deepEqual(
    homeless.map(({ path }) => path),
    [],
  );
});

test('a room imports only what it may', () => {
  const wrong: string[] = [];
  for (const { path, imports } of sources) {
    const row = MAY_IMPORT.find(([room]) => path.startsWith(room));
    if (!row) continue;
    const [room, allowed] = row;
    for (const imported of imports) {
      if (imported.startsWith('package:')) continue;
      if (!imported.startsWith(room) && !startsWithOneOf(imported, allowed)) wrong.push(`${path} imports ${imported}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('a service imports no other service', () => {
  const wrong: string[] = [];
  for (const { path, imports } of sources) {
    if (startsWithOneOf(path, MAY_IMPORT_SERVICES)) continue;
    const own = /^services\/[a-z-]+\//.exec(path)?.[0];
    for (const imported of imports) {
      if (imported.startsWith('services/') && !(own && imported.startsWith(own)))
        wrong.push(`${path} imports ${imported}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('a sandbox and a connector know nothing of each other', () => {
  const wrong: string[] = [];
  for (const { path, imports } of sources) {
    const sandboxOf = SANDBOX.exec(path)?.[1];
    for (const imported of imports) {
      const importedSandboxOf = SANDBOX.exec(imported)?.[1];
      const isOwnKin = sandboxOf !== undefined && importedSandboxOf === sandboxOf;
      if (importedSandboxOf && !isOwnKin && !startsWithOneOf(path, MAY_IMPORT_SANDBOXES)) {
        wrong.push(`${path} imports ${imported}`);
      }
      const reachesConnector = /^marketplaces\/(?!sandbox-kit\/)/.test(imported) && !importedSandboxOf;
      if (sandboxOf && reachesConnector) wrong.push(`${path} imports ${imported}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('nothing imports test', () => {
  const wrong = shipped.filter(({ imports }) => imports.some((imported) => imported.startsWith('test/')));
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  );
});

test('imports across folders go by #room, inside one by ./', () => {
  const wrong = sources.filter(({ path, text }) => path !== UPWARDS && /(?:from|import)\s*\(?\s*'\.\.\//.test(text));
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  );
});

test('time, randomness, network and environment enter only at the edges', () => {
  const wrong: string[] = [];
  for (const { path, text } of shipped) {
    for (const [name, pattern, allowed] of BANNED) {
      if (allowed.some((file) => file.test(path))) continue;
      const line = text.split('\n').findIndex((code) => pattern.test(code) && !/^\s*(\*|\/\/|\/\*)/.test(code));
      if (line >= 0) wrong.push(`${path}:${line + 1} uses ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no file is called what says nothing', () => {
  const wrong = sources.filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|manager)(\.|\/|-)/.test(path));
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  );
});

test('every service has the same shape: a main.ts, which alone reads the environment', () => {
  const services = readdirSync(join(ROOT, 'services'));
  for (const service of services) {
    assert.ok(
      sources.some(({ path }) => path === `services/${service}/main.ts`),
      `services/${service} has no main.ts`,
    );
  }
});
