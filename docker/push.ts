import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Workshop } from './base-images.ts';
import { read, show } from './command.ts';
import { FUNCTIONS } from './functions.ts';
import { buildImages } from './images.ts';

/** Digests by function, for `-c imageDigests="$(cat docker/.image-digests.json)"` of the deployment. */
const DIGESTS = 'docker/.image-digests.json';

/**
 * Pushes the images of all functions that are deployed, and writes the digests that the registry knows them by. They are
 * the images that `make local` runs: a manifest names its image by the id that Docker has here.
 * @param repositories what their names begin with: a registry and the stack's name, `123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice`
 */
export async function pushImages(workshop: Workshop, [repositories]: readonly string[]): Promise<void> {
  if (!repositories) throw new Error('Say where to: make images-push TO=<registry>/<stack>');
  const images = await buildImages(workshop);
  const digests: Record<string, string> = {};
  for (const name of FUNCTIONS.filter((name) => name !== 'sandbox')) {
    const { id, name: local } = images[name];
    const [, tag] = local.split(':');
    const repository = `${repositories.replace(/\/$/, '')}/${name}`;
    await read(['docker', 'tag', id, `${repository}:${tag}`]);
    await show(['docker', 'push', '--quiet', `${repository}:${tag}`]);
    const known = JSON.parse(await read(['docker', 'image', 'inspect', '--format', '{{json .RepoDigests}}', id]));
    const pushed = (known as string[]).find((digest) => digest.startsWith(`${repository}@`))!;
    digests[name] = pushed.slice(repository.length + 1);
  }
  writeFileSync(join(workshop.root, DIGESTS), `${JSON.stringify(digests, undefined, 2)}\n`);
  workshop.print(`Wrote ${DIGESTS}.`);
}
