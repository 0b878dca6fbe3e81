import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { provideNodeBase, type Workshop } from './base-images.ts';
import { type Bundle, bundleFunctions } from './bundle.ts';
import { read, tryCommand } from './command.ts';
import type { FunctionName } from './functions.ts';
import { type BasePart, type Lock, packagesOf, readBaseParts, softwareBill } from './sbom.ts';

/** An image by its name, whose tag says what is in it, and by its id, `sha256:…`, which is what a registry's manifest names. */
export type Image = { name: string; id: string };
export type Images = Record<FunctionName, Image>;

/** length of a tag, characters of the hash of what is in the image: 64 bits */
const TAG_CHARACTERS = 16;

/** Files that are in every image, or decide what is in it, beside what a bundle is made of. */
const DOCKERFILE = 'docker/Dockerfile';
const NOTICES = ['LICENSE', 'NOTICE'];

const imagesFile = (root: string): string => join(root, 'docker', '.images.json');

/** Images that were built before; undefined if none were. */
export function readImages(root: string): Images | undefined {
  if (!existsSync(imagesFile(root))) return undefined;
  return JSON.parse(readFileSync(imagesFile(root), 'utf8')) as Images;
}

/** Bundles every function and builds the images whose content is new. */
export async function buildImages(workshop: Workshop): Promise<Images> {
  const { root, print } = workshop;
  const base = await provideNodeBase(workshop);
  const baseParts = await rememberedPartsOf(root, base.id);
  const bundles = await bundleFunctions(root);
  const changed = await uncommitted(root);
  const wanted = await Promise.all(
    [...bundles].map(async ([name, bundle]) => {
      const revision = await revisionOf(root, [...bundle.inputs, DOCKERFILE, ...NOTICES], changed);
      return contentOf(root, name, { bundle, revision, base, baseParts });
    }),
  );
  const before = await imageIds();
  const missing = wanted.filter(({ image }) => !before.has(image));
  await Promise.all(missing.map((content) => buildImage(root, content)));
  const ids = missing.length > 0 ? await imageIds() : before;
  const images = Object.fromEntries(
    wanted.map(({ name, image }) => [name, { name: image, id: ids.get(image)! }]),
  ) as Images;
  writeFileSync(imagesFile(root), `${JSON.stringify(images, undefined, 2)}\n`);
  const anew = missing.map(({ name }) => name).join(', ');
  print(anew === '' ? 'The images are as they were.' : `Built the images of ${anew}.`);
  return images;
}

/** Ids of our images, by name. */
async function imageIds(): Promise<Map<string, string>> {
  const format = '{{.Repository}}:{{.Tag}} {{.ID}}';
  const lines = await read(['docker', 'image', 'ls', '--no-trunc', '--format', format, 'sluice/*']);
  return new Map([...lines.matchAll(/^(\S+) (\S+)$/gm)].map(([, name = '', id = '']) => [name, id]));
}

/** Absent where this is no repository of git. */
type Revision = { commit: string; committedAt: string } | undefined;

/** Files that are not as committed, or not committed at all; `status` names a folder where all of it is new. */
async function uncommitted(root: string): Promise<string[]> {
  const { stdout } = await tryCommand(['git', '-C', root, 'status', '--porcelain', '-z']);
  return stdout.split('\0').map((entry) => entry.slice('XY '.length));
}

/**
 * The last commit that changed one of these files, with `-dirty` if one is not as committed: a commit elsewhere leaves an
 * image as it is.
 */
async function revisionOf(root: string, paths: readonly string[], changed: readonly string[]): Promise<Revision> {
  const ours = ['package-lock.json', ...paths.filter((path) => !path.startsWith('node_modules/'))];
  const { stdout } = await tryCommand(['git', '-C', root, 'log', '-1', '--format=%H %cI', '--', ...ours]);
  const [commit, committedAt] = stdout.trim().split(' ');
  if (!commit || !committedAt) return undefined;
  const isDirty = changed.some((file) => file !== '' && ours.some((path) => isSameOrInside(path, file)));
  return { commit: isDirty ? `${commit}-dirty` : commit, committedAt };
}

const isSameOrInside = (path: string, file: string): boolean =>
  path === file || (file.endsWith('/') && path.startsWith(file));

/** Node's version and that of all that is compiled into it; ABI numbers are left out. */
const READ_PARTS = `
const { readdirSync, readFileSync } = require('node:fs');
const folder = '/var/lib/dpkg/status.d/';
const { modules, napi, ...versions } = process.versions;
console.log(JSON.stringify({ status: readdirSync(folder).map((name) => readFileSync(folder + name, 'utf8')), versions }));`;

/** The parts of a base image, which are always the same. */
async function rememberedPartsOf(root: string, image: string): Promise<BasePart[]> {
  const file = join(root, 'docker', '.build', `parts-of-${image.slice(7)}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as BasePart[];
  const parts = await partsOf(image);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(parts));
  return parts;
}

export async function partsOf(image: string): Promise<BasePart[]> {
  const json = await read(['docker', 'run', '--rm', '--network', 'none', image, '-e', READ_PARTS]);
  const { status, versions } = JSON.parse(json) as { status: string[]; versions: Record<string, string> };
  return readBaseParts(status, versions);
}

type Content = {
  name: FunctionName;
  /** the image's name, whose tag is a hash of all of this */
  image: string;
  /** everything that is in /app, by path */
  files: Map<string, Uint8Array>;
  /** arguments of docker/Dockerfile */
  settings: Record<string, string>;
};

/** All that makes an image what it is. */
function contentOf(
  root: string,
  name: FunctionName,
  made: { bundle: Bundle; revision: Revision; base: Image; baseParts: readonly BasePart[] },
): Content {
  const { bundle, revision, base, baseParts } = made;
  const { commit = 'unknown', committedAt = '' } = revision ?? {};
  const files = new Map<string, Uint8Array>(Object.entries(bundle.files));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const packages = packagesOf(bundle.inputs, lock);
  const bill = softwareBill({ name: `sluice/${name}`, revision: commit }, packages, baseParts);
  files.set('sbom.json', Buffer.from(bill));
  const main = { name: `sluice-${name}`, private: true, type: 'module', main: `${name}.mjs` };
  files.set('package.json', Buffer.from(`${JSON.stringify(main)}\n`));
  for (const file of NOTICES) files.set(file, readFileSync(join(root, file)));
  for (const { path, name, version } of packages) {
    for (const file of readdirSync(join(root, path)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))) {
      files.set(`licenses/${name.replace('/', '+')}@${version}/${file}`, readFileSync(join(root, path, file)));
    }
  }
  const settings = { NODE_BASE: base.name, FUNCTION: name, REVISION: commit, CREATED: committedAt };
  const hash = createHash('sha256').update(JSON.stringify([base.id, settings]));
  hash.update(readFileSync(join(root, DOCKERFILE)));
  for (const [path, bytes] of [...files].sort()) hash.update(`${path}\0${bytes.byteLength}\0`).update(bytes);
  return { name, image: `sluice/${name}:${hash.digest('hex').slice(0, TAG_CHARACTERS)}`, files, settings };
}

async function buildImage(root: string, { name, image, files, settings }: Content): Promise<void> {
  const context = join(root, 'docker', '.build', name);
  writeContext(context, files);
  const args = Object.entries(settings).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  const dockerfile = join(root, DOCKERFILE);
  await read(['docker', 'build', '--quiet', ...args, '--tag', image, '--file', dockerfile, context]);
}

/** Writes a context whose modes and times don't depend on this user or this moment. */
function writeContext(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  rmSync(folder, { recursive: true, force: true });
  const paths = new Set(['.']);
  for (const [path, bytes] of files) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), bytes);
    for (let at = path; at !== '.'; at = dirname(at)) paths.add(at);
  }
  for (const path of paths) {
    chmodSync(join(folder, path), files.has(path) ? 0o644 : 0o755);
    utimesSync(join(folder, path), 0, 0);
  }
}
