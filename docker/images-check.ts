import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { provideDebian, provideEmulator, provideNode, type Workshop } from './base-images.ts';
import { read, tryCommand } from './command.ts';
import { FUNCTIONS, type FunctionName } from './functions.ts';
import { buildImages, type Images, partsOf } from './images.ts';
import { compose, type Local } from './local.ts';

/** largest image, bytes, each layer compressed with gzip as a registry stores it: issue 4 */
const MAX_IMAGE_BYTES = 60_000_000;
/** how long a registry may take to answer about vulnerabilities, ms */
const AUDIT_MS = 30_000;

/** Checks sizes, what a container is like from inside, and known vulnerabilities; throws what is wrong. */
export async function checkImages(local: Local): Promise<void> {
  const images = await buildImages(local);
  const wrong = [
    ...(await checkSizes(local, images)),
    ...(await checkInside(local, images)),
    ...(await checkDebian(local, images)),
    ...(await checkNpm(local)),
    ...(await checkNode(local)),
  ];
  if (wrong.length > 0) throw new Error(`\n${wrong.join('\n')}`);
  local.print('\nAll is as it should be.');
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

async function checkSizes({ print }: Workshop, images: Images): Promise<string[]> {
  const sizes = await compressedSizes(images);
  print('\nSizes, compressed (what a function adds to the base):');
  for (const [name, { bytes, ownBytes }] of sizes) {
    print(`  ${name.padEnd(16)} ${megabytes(bytes).padStart(8)}  (${megabytes(ownBytes)})`);
  }
  return [...sizes]
    .filter(([, { bytes }]) => bytes > MAX_IMAGE_BYTES)
    .map(([name, { bytes }]) => `${name} has ${megabytes(bytes)}, more than ${megabytes(MAX_IMAGE_BYTES)}`);
}

type Sizes = Map<FunctionName, { bytes: number; ownBytes: number }>;

/** Sizes of the images' layers after gzip; layers that images share are compressed once. */
async function compressedSizes(images: Images): Promise<Sizes> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-images-'));
  try {
    const archive = join(folder, 'images.tar');
    const names = FUNCTIONS.map((name) => images[name].name);
    await read(['docker', 'save', '--output', archive, ...names]);
    await read(['tar', '-xf', archive, '-C', folder]);
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
      RepoTags: string[];
      Layers: string[];
    }[];
    const byLayer = new Map<string, number>();
    for (const layer of new Set(manifest.flatMap(({ Layers }) => Layers))) {
      byLayer.set(layer, await gzippedBytes(join(folder, layer)));
    }
    return new Map(
      FUNCTIONS.map((name) => {
        const { Layers } = manifest.find(({ RepoTags }) => RepoTags.includes(images[name].name))!;
        const sizes = Layers.map((layer) => byLayer.get(layer)!);
        const bytes = sizes.reduce((sum, size) => sum + size, 0);
        return [name, { bytes, ownBytes: bytes - sizes[0]! }];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function gzippedBytes(path: string): Promise<number> {
  let bytes = 0;
  const count = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      done();
    },
  });
  await pipeline(createReadStream(path), createGzip(), count);
  return bytes;
}

/** What docker/probe.cjs finds. */
type Probe = {
  programs: string[];
  userId: number;
  groups: number[];
  writable: string[];
  canWriteTmp: boolean;
  capabilities: string[];
  noNewPrivileges: boolean;
  readsBundle: boolean;
  secretsInEnvironment: string[];
};

/** the user of the images, `nonroot` as in distroless images */
const USER_ID = 65_532;

/** Runs the probe in a container of each image, as docker/compose.yaml runs it. */
async function checkInside(local: Local, images: Images): Promise<string[]> {
  const emulator = await provideEmulator(local, local.emulator);
  const { command, environment } = compose(local, { project: 'sluice-probe', emulator, images });
  const probe = readFileSync(join(local.root, 'docker', 'probe.cjs'), 'utf8');
  local.print('\nInside a container:');
  const wrong: string[] = [];
  try {
    for (const name of FUNCTIONS) {
      const args = command('run', '--rm', '--no-deps', '-T', name, '-e', probe);
      const printed = await read(args, { environment });
      const found = JSON.parse(printed.split('\n').at(-1)!) as Probe;
      const complaints = complaintsOf(found);
      wrong.push(...complaints.map((complaint) => `${name} ${complaint}`));
      const verdict = complaints.length > 0 ? complaints.join('; ') : 'no shell, no root, read-only, no capabilities';
      local.print(`  ${name.padEnd(16)} ${verdict}`);
    }
  } finally {
    await tryCommand(command('down', '--remove-orphans'), { environment });
  }
  return wrong;
}

function complaintsOf(found: Probe): string[] {
  // Docker itself puts docker-init there where compose says `init`.
  const others = found.programs.filter((program) => program !== 'node' && program !== 'docker-init');
  const complaints: (string | false)[] = [
    others.length > 0 && `holds programs: ${others.slice(0, 5).join(', ')}`,
    found.userId !== USER_ID && `runs as user ${found.userId}, not ${USER_ID}`,
    found.groups.includes(0) && 'is in the group root',
    found.writable.length > 0 && `can write ${found.writable.join(', ')}`,
    !found.canWriteTmp && "can't write /tmp",
    found.capabilities.some((mask) => BigInt(`0x${mask}`) !== 0n) && `has capabilities ${found.capabilities.join(' ')}`,
    !found.noNewPrivileges && 'may gain privileges',
    !found.readsBundle && "can't read its own files",
    found.secretsInEnvironment.length > 0 && `has ${found.secretsInEnvironment.join(', ')} in its environment`,
  ];
  return complaints.filter((complaint) => complaint !== false);
}

/**
 * Is a newer version of one of the base image's packages in Debian's stable release, its updates or its security archive?
 * They change only to mend what is broken or unsafe, so a newer one is a fix that is missing.
 */
async function checkDebian(local: Local, images: Images): Promise<string[]> {
  const debian = await provideDebian(local);
  const parts = (await partsOf(images[FUNCTIONS[0]].id)).filter(({ purl }) => purl.startsWith('pkg:deb/'));
  const script = `apt-get update -qq >&2 && apt-cache policy ${parts.map(({ name }) => name).join(' ')}`;
  const asked = await tryCommand(['docker', 'run', '--rm', debian, 'sh', '-c', script]);
  local.print('\nKnown vulnerabilities:');
  if (asked.code !== 0) {
    local.print(`  Debian packages  NOT SCANNED: Debian's archive does not answer`);
    return [];
  }
  const outdated = parts.flatMap(({ name, version }) => {
    const [, newest] = new RegExp(`^${escaped(name)}:\\n[^]*?Candidate: (.*)$`, 'm').exec(asked.stdout) ?? [];
    return newest === version ? [] : [`${name} is ${version}, and Debian has ${newest}: a fix is missing`];
  });
  const count = `${parts.length} packages against the archives trixie, -updates and -security`;
  local.print(`  Debian packages  ${outdated.length === 0 ? 'newest' : `${outdated.length} not newest`}: ${count}`);
  if (outdated.length > 0) outdated.push('Remove the base images (docker image rm) and run "make images-check" again.');
  return outdated;
}

const escaped = (text: string): string => text.replace(/[^\w-]/g, '\\$&');

type Audit = {
  vulnerabilities?: Record<string, { name: string; severity: string; fixAvailable: unknown }>;
  metadata?: { dependencies: { prod: number } };
};

/** The advisories of the npm registry on the packages that the bundles are made of. */
async function checkNpm({ root, print }: Workshop): Promise<string[]> {
  const asked = await tryCommand(['npm', 'audit', '--prefix', root, '--omit=dev', '--json'], { timeoutMs: AUDIT_MS });
  const { vulnerabilities, metadata } = (readJson(asked.stdout) ?? {}) as Audit;
  if (!vulnerabilities) {
    print('  npm packages     NOT SCANNED: this registry answers no "npm audit"');
    return [];
  }
  const found = Object.values(vulnerabilities);
  print(`  npm packages     ${found.length} with advisories, of ${metadata?.dependencies.prod ?? '?'} ("npm audit")`);
  return found
    .filter(({ severity, fixAvailable }) => ['high', 'critical'].includes(severity) && fixAvailable)
    .map(({ name, severity }) => `${name} has a ${severity} vulnerability, and a fix is there: npm audit fix`);
}

/** Which Node is newest in its line. Nothing here says which releases mend what is unsafe, so a person must look. */
async function checkNode(workshop: Workshop): Promise<string[]> {
  const { name, version } = await provideNode(workshop);
  const [major = ''] = version.split('.');
  const asked = await tryCommand(['npm', 'view', `${name}@${major}`, 'version', '--json'], { timeoutMs: AUDIT_MS });
  const versions = readJson(asked.stdout);
  const newest = Array.isArray(versions) ? versions.sort(byVersion).at(-1) : versions;
  const verdict = typeof newest === 'string' ? `the newest that npm has is ${newest}` : 'npm does not answer';
  workshop.print(`  Node             ${version}; ${verdict}`);
  return [];
}

const byVersion = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
