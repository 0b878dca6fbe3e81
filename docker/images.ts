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
import { read } from './command.ts';
import { imageLabelled } from './engine.ts';
import type { FunctionName } from './functions.ts';
import { type BasePart, packagesOf, readBaseParts, softwareBill } from './sbom.ts';

/** Ids of the images that were built last, by function: `sha256:…`. What runs here and what is deployed is named by them. */
export type Images = Record<FunctionName, string>;

/** Name of an image for people to read; the tag is made of its id, so it never means another image. */
export const imageName = (name: FunctionName, id: string): string => `sluice/${name}:id-${id.slice(7, 19)}`;

/** what is in an image, so that the same content is built once */
const CONTENT_LABEL = 'io.sluice.content';

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
  const built = await Promise.all(
    [...bundles].map(async ([name, bundle]) => {
      const revision = await revisionOf(root, [...bundle.inputs, DOCKERFILE, ...NOTICES]);
      const files = contentOf(root, name, bundle, revision.commit, baseParts);
      return [name, await buildImage(workshop, name, { files, revision, base })] as const;
    }),
  );
  const images = Object.fromEntries(built.map(([name, { id }]) => [name, id])) as Images;
  writeFileSync(imagesFile(root), `${JSON.stringify(images, undefined, 2)}\n`);
  const anew = built.filter(([, { isNew }]) => isNew).map(([name]) => name);
  print(anew.length > 0 ? `Built the images of ${anew.join(', ')}.` : 'The images are as they were.');
  return images;
}

type Revision = { commit: string; committedAt: string };

/**
 * The last commit that changed one of these files, with `-dirty` if one is not as committed: a commit elsewhere leaves an
 * image as it is.
 */
async function revisionOf(root: string, paths: readonly string[]): Promise<Revision> {
  const ours = paths.filter((path) => !path.startsWith('node_modules/'));
  const all = [...ours, 'package-lock.json'];
  const git = ['git', '-C', root] as const;
  const [commit = '', committedAt = ''] = (
    await read([...git, 'log', '-1', '--format=%H %cI', '--', ...all]).catch(() => '')
  ).split(' ');
  if (commit === '') return { commit: 'unknown', committedAt: '' };
  const changed = await read([...git, 'status', '--porcelain', '--', ...all]);
  return { commit: changed === '' ? commit : `${commit}-dirty`, committedAt };
}

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

/** Everything that is in an image's /app, by path. */
function contentOf(
  root: string,
  name: FunctionName,
  bundle: Bundle,
  revision: string,
  baseParts: readonly BasePart[],
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>(Object.entries(bundle.files));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const packages = packagesOf(bundle.inputs, lock);
  files.set('sbom.json', Buffer.from(softwareBill({ name: `sluice/${name}`, revision }, packages, baseParts)));
  const main = { name: `sluice-${name}`, private: true, type: 'module', main: `${name}.mjs` };
  files.set('package.json', Buffer.from(`${JSON.stringify(main)}\n`));
  for (const file of NOTICES) files.set(file, readFileSync(join(root, file)));
  for (const { path, name, version } of packages) {
    for (const file of readdirSync(join(root, path)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))) {
      files.set(`licenses/${name.replace('/', '+')}@${version}/${file}`, readFileSync(join(root, path, file)));
    }
  }
  return files;
}

async function buildImage(
  { root }: Workshop,
  name: FunctionName,
  image: { files: Map<string, Uint8Array>; revision: Revision; base: { name: string; id: string } },
): Promise<{ id: string; isNew: boolean }> {
  const { files, revision, base } = image;
  const dockerfile = join(root, DOCKERFILE);
  const content = createHash('sha256').update(JSON.stringify([name, revision, base.id]));
  content.update(readFileSync(dockerfile));
  for (const [path, bytes] of [...files].sort()) content.update(`${path}\0${bytes.byteLength}\0`).update(bytes);
  const contentId = content.digest('hex');
  const known = await imageLabelled(CONTENT_LABEL, contentId);
  if (known) {
    await read(['docker', 'tag', known, imageName(name, known)]);
    return { id: known, isNew: false };
  }
  const context = join(root, 'docker', '.build', name);
  writeContext(context, files);
  const settings = {
    NODE_BASE: base.name,
    FUNCTION: name,
    REVISION: revision.commit,
    CREATED: revision.committedAt,
  };
  await read([
    'docker',
    'build',
    '--quiet',
    ...Object.entries(settings).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
    ...['--label', `${CONTENT_LABEL}=${contentId}`, '--file', dockerfile, context],
  ]);
  const id = (await imageLabelled(CONTENT_LABEL, contentId))!;
  await read(['docker', 'tag', id, imageName(name, id)]);
  return { id, isNew: true };
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
