import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '#platform/runtime/clock.ts';
import { read, show, tryCommand } from './command.ts';
import { type Engine, hasImage, readImage } from './engine.ts';

/** Where what no registry gives comes from: `auto` asks a registry, and takes packages if none answers. */
export const BASES = ['auto', 'packages', 'registry'] as const;
export type Base = (typeof BASES)[number];

export const EMULATORS = ['localstack', 'ministack'] as const;
export type Emulator = (typeof EMULATORS)[number];

export type Workshop = {
  /** the repository */
  root: string;
  engine: Engine;
  base: Base;
  /** Tells a person what goes on. */
  print(line: string): void;
};

/** Debian 13 of Docker's official images, for all platforms. */
const DEBIAN_IMAGE = 'debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f';
const DEBIAN_SUITE = 'trixie';
/** 4.14.0 is the last version that works without an account. */
const LOCALSTACK_IMAGE =
  'localstack/localstack:4.14.0@sha256:3ebc37595918b8accb852f8048fef2aff047d465167edd655528065b07bc364a';

/** The image that each emulator runs from; `image` is there only if the emulator's own is one that we can pin. */
const EMULATOR_IMAGES: Record<Emulator, { name: string; image?: string }> = {
  localstack: { name: 'sluice/localstack:4.14.0', image: LOCALSTACK_IMAGE },
  ministack: { name: 'sluice/ministack:1.5.33' },
};

/** how long a registry may take to begin its answer, ms */
const REGISTRY_ANSWER_MS = 10_000;
/** where systems keep the certificates that their administrators have added: Debian, Red Hat */
const EXTRA_CA_FOLDERS = ['/usr/local/share/ca-certificates', '/etc/pki/ca-trust/source/anchors'];
/** what an image was built from, so that a changed recipe builds anew */
const RECIPE_LABEL = 'io.sluice.recipe';

const contextOf = ({ root }: Workshop, name: string): string => join(root, 'docker', '.build', name);

/** Pulls an image; false if no registry answers or has it. */
async function pull(image: string): Promise<boolean> {
  const answered = new AbortController();
  const givenUp = new AbortController();
  const pulling = tryCommand(['docker', 'pull', image], {
    signal: givenUp.signal,
    onOutput: () => answered.abort(),
  });
  void realClock.sleep(REGISTRY_ANSWER_MS, answered.signal).then(() => {
    if (!answered.signal.aborted) givenUp.abort();
  });
  const { code } = await pulling;
  answered.abort();
  return code === 0;
}

/** The name of a local image of Debian. */
export async function provideDebian({ root, base, print }: Workshop): Promise<string> {
  const pulled = `sluice/debian:${DEBIAN_SUITE}-registry`;
  const made = `sluice/debian:${DEBIAN_SUITE}-packages`;
  if (base !== 'packages' && (await hasImage(pulled))) return pulled;
  if (base !== 'registry' && (await hasImage(made))) return made;
  if (base !== 'packages') {
    print('Looking for a container registry …');
    if (await pull(DEBIAN_IMAGE)) {
      await read(['docker', 'tag', DEBIAN_IMAGE, pulled]);
      return pulled;
    }
    if (base === 'registry') throw new Error(`BASE is registry, and none gives ${DEBIAN_IMAGE}: set BASE=packages`);
  }
  if ((await tryCommand(['mmdebstrap', '--version'])).code !== 0) {
    throw new Error('No container registry answers, and mmdebstrap is missing: install the package mmdebstrap.');
  }
  print(`No registry answers: making Debian ${DEBIAN_SUITE} from packages, about 20 s …`);
  const archive = join(root, 'docker', '.build', 'debian.tar');
  mkdirSync(join(root, 'docker', '.build'), { recursive: true });
  await show(['mmdebstrap', '--quiet', '--variant=minbase', DEBIAN_SUITE, archive]);
  await read(['docker', 'import', archive, made]);
  rmSync(archive);
  return made;
}

type NodePackage = { name: string; version: string; folder: string };

/** The npm package that holds Node for Linux, as the lock file pins it, and its folder; fetched where this is another system. */
export async function provideNode({ root, engine, print }: Workshop): Promise<NodePackage> {
  const name = `node-linux-${engine.arch === 'amd64' ? 'x64' : engine.arch}`;
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const pinned = lock.packages[`node_modules/${name}`];
  if (!pinned) throw new Error(`package.json names no Node for ${engine.arch}: use an engine on amd64 or arm64`);
  const { version, integrity } = pinned;
  const installed = join(root, 'node_modules', name);
  if (existsSync(join(installed, 'bin', 'node'))) return { name, version, folder: installed };
  const folder = join(root, 'docker', '.build', name);
  if (!existsSync(join(folder, 'bin', 'node'))) {
    print(`Fetching Node ${version} for Linux …`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await read(['npm', 'pack', '--silent', '--pack-destination', folder, `${name}@${version}`]);
    const archive = join(folder, `${name}-${version}.tgz`);
    const digest = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (`sha512-${digest}` !== integrity) throw new Error(`${name}@${version} is not what package-lock.json pins`);
    await read(['tar', '-xzf', archive, '-C', folder, '--strip-components=1']);
  }
  return { name, version, folder };
}

/** Builds an image in sight of a person; the classic builder leaves the stage that only built, which is taken away. */
async function buildFromPackages(args: readonly string[]): Promise<void> {
  await show(['docker', 'build', ...args]);
  await read(['docker', 'image', 'prune', '--force', '--filter', 'label=io.sluice.stage=build']);
}

/** The base image `sluice/node-base:<version of Node>`; built if it is missing or its recipe has changed. */
export async function provideNodeBase(workshop: Workshop): Promise<{ name: string; id: string }> {
  const dockerfile = join(workshop.root, 'docker', 'node-base', 'Dockerfile');
  const node = await provideNode(workshop);
  const recipe = createHash('sha256')
    .update(`${node.version}\n${readFileSync(dockerfile, 'utf8')}`)
    .digest('hex');
  const name = `sluice/node-base:${node.version}`;
  const known = await readImage(name, RECIPE_LABEL);
  if (known?.label === recipe) return { name, id: known.id };

  const debian = await provideDebian(workshop);
  workshop.print(`Building ${name} …`);
  const context = contextOf(workshop, 'node-base');
  rmSync(context, { recursive: true, force: true });
  mkdirSync(context, { recursive: true });
  copyFileSync(join(node.folder, 'bin', 'node'), join(context, 'node'));
  chmodSync(join(context, 'node'), 0o755);
  copyFileSync(join(node.folder, 'LICENSE'), join(context, 'LICENSE'));
  const options = ['--build-arg', `DEBIAN=${debian}`, '--label', `${RECIPE_LABEL}=${recipe}`, '--tag', name];
  // Without the cache, so that it has the newest of Debian's packages.
  await buildFromPackages(['--no-cache', ...options, '--file', dockerfile, context]);
  rmSync(context, { recursive: true });
  return { name, id: (await readImage(name, RECIPE_LABEL))!.id };
}

/** The image of an emulator: pulled where a registry has it, else built from packages; only if it is missing. */
export async function provideEmulator(workshop: Workshop, emulator: Emulator): Promise<string> {
  const { name, image } = EMULATOR_IMAGES[emulator];
  if (await hasImage(name)) return name;
  const debian = await provideDebian(workshop);
  if (image && debian.endsWith('-registry')) {
    workshop.print(`Pulling ${image} …`);
    await show(['docker', 'pull', image]);
    await read(['docker', 'tag', image, name]);
    return name;
  }
  workshop.print(`Building ${name} from packages, a few minutes …`);
  const recipe = join(workshop.root, 'docker', emulator);
  const context = contextOf(workshop, emulator);
  rmSync(context, { recursive: true, force: true });
  mkdirSync(join(context, 'extra-ca'), { recursive: true });
  for (const file of readdirSync(recipe)) copyFileSync(join(recipe, file), join(context, file));
  for (const folder of EXTRA_CA_FOLDERS.filter((path) => existsSync(path))) {
    for (const file of readdirSync(folder).filter((path) => path.endsWith('.crt'))) {
      copyFileSync(join(folder, file), join(context, 'extra-ca', file));
    }
  }
  await buildFromPackages(['--build-arg', `DEBIAN=${debian}`, '--tag', name, context]);
  rmSync(context, { recursive: true });
  return name;
}
