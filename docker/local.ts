import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '#platform/runtime/clock.ts';
import { type Emulator, provideEmulator, type Workshop } from './base-images.ts';
import { type Command, read, show, tryCommand } from './command.ts';
import { FUNCTIONS, type FunctionName } from './functions.ts';
import { buildImages, type Images, readImages } from './images.ts';

/** What `make local` is told from outside: its workshop, its place, and the environment of this process. */
export type Local = Workshop & {
  emulator: Emulator;
  environment: Record<string, string | undefined>;
  /** compose's name of the containers that belong together */
  project: string;
  /** what is stored beside the images, from the root of the repository, which is the current folder */
  folder: string;
};

/** Where `make local` itself runs; others may run beside it. */
export const MAKE_LOCAL = { project: 'sluice', folder: '.sluice/local' };

/** Any region will do: the emulator has all of them. It must be the one of docker/compose.yaml. */
const REGION = 'us-east-1';
/** The emulator takes any; real ones never come near it. */
const CREDENTIALS = '[default]\naws_access_key_id = test\naws_secret_access_key = test\n';

/** longest wait until all containers are well, ms: a function says within 10 s what is wrong */
const HEALTHY_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 250;
/** lines of its log that a container which is not well is shown with */
const LAST_LINES = '15';

/** Settings of docker/compose.yaml that say where things are on this machine, with its defaults. */
export const PORTS = {
  webhooks: ['SLUICE_PORT', '4600'],
  audit: ['SLUICE_AUDIT_PORT', '4610'],
  sellerApi: ['SLUICE_SELLER_API_PORT', '4620'],
  consent: ['SLUICE_CONSENT_PORT', '4630'],
  sandbox: ['SLUICE_SANDBOX_PORT', '4700'],
  aws: ['SLUICE_AWS_PORT', '4566'],
} as const;

export function urlOf({ environment }: Local, of: keyof typeof PORTS): string {
  const [setting, standard] = PORTS[of];
  return `http://127.0.0.1:${environment[setting] || standard}`;
}

const folderOf = ({ root, folder }: Local): string => join(root, folder);

/** The environment of a program on this machine that uses the emulator. A developer's own AWS settings have no part in it. */
export function emulatorEnvironment(local: Local): Record<string, string | undefined> {
  const others = Object.entries(local.environment).filter(([name]) => !name.startsWith('AWS_'));
  return { ...Object.fromEntries(others), ...emulatorSettings(local) };
}

const emulatorSettings = (local: Local): Record<string, string> => ({
  SLUICE_ENGINE: 'aws',
  SLUICE_STACK: 'sluice',
  AWS_REGION: REGION,
  AWS_ENDPOINT_URL: urlOf(local, 'aws'),
  AWS_SHARED_CREDENTIALS_FILE: `${local.folder}/aws-credentials`,
  AWS_EC2_METADATA_DISABLED: 'true',
});

export type Composed = { command(...args: string[]): Command; environment: Record<string, string | undefined> };

/** Compose, with the names of the images; `none` where they don't matter, as for taking containers away. */
export function compose(local: Local, names: { project?: string; emulator?: string; images?: Images } = {}): Composed {
  const { root, engine, environment } = local;
  const { project = local.project } = names;
  // Bound into the containers, so it must be there before them.
  mkdirSync(folderOf(local), { recursive: true });
  const credentials = join(folderOf(local), 'aws-credentials');
  writeFileSync(credentials, CREDENTIALS);
  // The containers' user is another one. These credentials open nothing.
  chmodSync(credentials, 0o644);
  const imageOf = (name: FunctionName): string => names.images?.[name].name ?? 'none';
  return {
    command: (...args) => [...engine.compose, '-p', project, '-f', join(root, 'docker', 'compose.yaml'), ...args],
    environment: {
      ...environment,
      EMULATOR_IMAGE: names.emulator ?? 'none',
      AWS_CREDENTIALS_FILE: join(folderOf(local), 'aws-credentials'),
      ...Object.fromEntries(
        FUNCTIONS.map((name) => [`${name.toUpperCase().replaceAll('-', '_')}_IMAGE`, imageOf(name)]),
      ),
    },
  };
}

/** What has been done to the containers that run now, so that it is not done again; each names all that it depends on. */
type Done = { emulator?: string; deployed?: string; seeded?: string };

function readDone(local: Local): Done {
  const file = join(folderOf(local), 'done.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Done) : {};
}

const writeDone = (local: Local, done: Done): void =>
  writeFileSync(join(folderOf(local), 'done.json'), `${JSON.stringify(done)}\n`);

/** Brings everything up, or up to date, and tells where it is. */
export async function bringUp(local: Local): Promise<void> {
  const startedAt = realClock.now();
  await startAll(local);
  tellWhere(local, Math.round((realClock.now() - startedAt) / 1000));
}

/** Brings everything up, or up to date. */
export async function startAll(local: Local): Promise<void> {
  const emulator = await provideEmulator(local, local.emulator);
  const before = readImages(local.root);
  const images = await buildImages(local);
  const composed = compose(local, { emulator, images });
  const up = (...services: string[]): Promise<void> =>
    quietly(composed.command('up', '--detach', '--no-build', ...services), composed.environment).catch(
      (error: Error) => {
        throw portInUse(local, error.message) ?? error;
      },
    );

  // What is deployed and connected stays so as long as the same containers of emulator and sandbox run.
  const recipe = `${emulator} ${hashOf(local.root, ['docker/compose.yaml'])} ${urlOf(local, 'aws')}`;
  const stateSources = hashOf(local.root, ['infra', 'events/routes.ts', 'platform/engines/aws/names.ts']);
  const wanted = async (): Promise<Required<Done>> => {
    const { emulator = 'none', sandbox = 'none' } = await runs(local);
    const deployed = `${recipe} ${emulator} ${stateSources}`;
    return { emulator, deployed, seeded: `${deployed} ${sandbox}` };
  };
  if (readDone(local).deployed !== (await wanted()).deployed) {
    await up('emulator');
    await untilHealthy(local, ['emulator']);
    await prepareState(local, composed, wanted);
    // Functions read the registrations, which the sandbox gives, when they start.
    await up('sandbox');
    await untilHealthy(local, ['sandbox']);
    await connectSellers(local, wanted);
  }
  await up();
  await untilHealthy(local, FUNCTIONS);
  await connectSellers(local, wanted);
  for (const name of FUNCTIONS) {
    const old = before?.[name].name;
    if (old && old !== images[name].name) await tryCommand(['docker', 'image', 'rm', old]);
  }
}

/** What Docker says of a port that another program has, in one line that names the setting. */
function portInUse(local: Local, said: string): Error | undefined {
  const [, port] = /127\.0\.0\.1:(\d+).*(?:already in use|already allocated)/.exec(said) ?? [];
  const of = (Object.keys(PORTS) as (keyof typeof PORTS)[]).find((name) => urlOf(local, name).endsWith(`:${port}`));
  return of && new Error(`Port ${port} of this machine is in use: set ${PORTS[of][0]} to a free one.`);
}

async function prepareState(local: Local, composed: Composed, wanted: () => Promise<Required<Done>>): Promise<void> {
  const { emulator, deployed } = await wanted();
  const done = readDone(local);
  if (done.emulator !== emulator) {
    // A new emulator is empty, and what runs still knows the keys of the old one.
    await quietly(composed.command('rm', '--stop', '--force', ...FUNCTIONS), composed.environment);
  }
  if (done.deployed === deployed) return;
  writeDone(local, { emulator });
  local.print('Deploying queues, tables, buckets and schedules …');
  await show([process.execPath, 'infra/deploy-local/main.ts'], { environment: emulatorEnvironment(local) });
  writeDone(local, { emulator, deployed });
}

async function connectSellers(local: Local, wanted: () => Promise<Required<Done>>): Promise<void> {
  const done = await wanted();
  if (readDone(local).seeded === done.seeded) return;
  const seed = [process.execPath, 'services/all-in-one/seed-sandboxes/main.ts'] as const;
  await show([...seed, '--sandbox', urlOf(local, 'sandbox')], { environment: emulatorEnvironment(local) });
  writeDone(local, done);
}

/** Runs compose without its chatter; what it printed is in the error if it fails. */
async function quietly(command: Command, environment: Record<string, string | undefined>): Promise<void> {
  const { code, stdout, stderr } = await tryCommand(command, { environment });
  if (code === 0) return;
  const said = `${stdout}${stderr}`.trim().split('\n').slice(-Number(LAST_LINES)).join('\n');
  throw new Error(`${command.slice(0, 2).join(' ')} failed:\n${said}`);
}

/** The containers' ids, by service. Compose itself could say so too, but takes a second for it. */
export async function containers({ project }: Pick<Local, 'project'>): Promise<Map<string, string>> {
  const label = 'com.docker.compose';
  const format = `{{.Label "${label}.service"}} {{.ID}}`;
  const filter = `label=${label}.project=${project}`;
  const lines = await read(['docker', 'ps', '--all', '--no-trunc', '--filter', filter, '--format', format]);
  return new Map([...lines.matchAll(/^(\S+) (\S+)$/gm)].map(([, service = '', id = '']) => [service, id]));
}

/** What runs, by service: id and start of its container, so another one where it was made anew or restarted. */
async function runs(local: Local): Promise<Record<string, string>> {
  const ids = await containers(local);
  const found = await inspect([...ids.values()], '{{.State.StartedAt}} {{.State.Running}}');
  const running = [...ids].filter(([, id]) => found.get(id)?.endsWith(' true'));
  return Object.fromEntries(running.map(([service, id]) => [service, `${id} ${found.get(id)}`]));
}

/** What Docker says of containers, by id; nothing of those that are gone. */
async function inspect(ids: readonly string[], format: string): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { stdout } = await tryCommand(['docker', 'inspect', '--format', `{{.Id}} ${format}`, ...ids]);
  return new Map([...stdout.matchAll(/^(\S+) (.*)$/gm)].map(([, id = '', said = '']) => [id, said]));
}

/** Waits until services are well; an error shows the end of the log of the one that is not. */
async function untilHealthy(local: Local, services: readonly string[]): Promise<void> {
  const { print } = local;
  const startedAt = realClock.now();
  const ids = await containers(local);
  const waiting = new Map(services.map((service) => [service, ids.get(service) ?? service]));
  for (let isFirstLook = true; ; isFirstLook = false) {
    const states = await inspect([...waiting.values()], '{{.State.Status}} {{.State.Health.Status}}');
    const isLate = realClock.now() - startedAt > HEALTHY_WITHIN_MS;
    for (const [service, id] of waiting) {
      const state = states.get(id) ?? 'gone';
      if (state === 'running healthy') {
        waiting.delete(service);
        if (!isFirstLook) print(`  ${service} is well`);
      } else if (state !== 'running starting' || isLate) {
        const { stdout, stderr } = await tryCommand(['docker', 'logs', '--tail', LAST_LINES, id]);
        throw new Error(`${service} is not well: ${state}. The end of its log:\n${stdout}${stderr}`);
      }
    }
    if (waiting.size === 0) return;
    if (isFirstLook)
      print(`Waiting until ${[...waiting.keys()].join(', ')} ${waiting.size === 1 ? 'is' : 'are'} well …`);
    await realClock.sleep(LOOK_EVERY_MS);
  }
}

/** A hash of files, and of all TypeScript files in folders. */
function hashOf(root: string, paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const files = path.includes('.')
      ? [path]
      : readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith('.ts'))
          .sort()
          .map((file) => join(path, file));
    for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function tellWhere(local: Local, seconds: number): void {
  const settings = Object.entries(emulatorSettings(local)).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folderOf(local), 'environment'), settings.join(''));
  const sandbox = urlOf(local, 'sandbox');
  local.print(`
Sluice runs, after ${seconds} s, on ${local.emulator}.

  webhooks               ${urlOf(local, 'webhooks')}/webhooks/<marketplace>
  your commands          ${urlOf(local, 'sellerApi')}/v1, see docs/commands.md
  audit log              ${urlOf(local, 'audit')}/audit/checkpoint
  simulated marketplaces ${sandbox}/<marketplace>, see docs/sandbox.md
  AWS                    ${urlOf(local, 'aws')}, region ${REGION}

Try:
  make local-check       replay 300 invoices and compare everything with the marketplaces' books
  make local-logs        what the functions say
  env $(cat ${local.folder}/environment) npx sluice status
  curl -s ${sandbox}/_sandbox/shopee/orders --json '{"lines":[{"sku":"A1","title":"A cup","quantity":1,"unitPrice":"9.50"}]}'
  make local             after an edit: brings what has changed up to date
  make local-down        take it away`);
}

/** Replays invoices against the running containers; throws if anything is missing or wrong. */
export async function check(local: Local, args: readonly string[]): Promise<void> {
  const replay = [process.execPath, 'services/all-in-one/live-replay/main.ts'] as const;
  const command = [...replay, '--sandbox', urlOf(local, 'sandbox'), ...args] as const;
  await show(command, { environment: emulatorEnvironment(local) }).catch(() => {
    throw new Error('The check failed.');
  });
}

export async function showLogs(local: Local, args: readonly string[]): Promise<void> {
  const { command, environment } = compose(local);
  await show(command('logs', '--tail', '50', '--follow', ...args), { environment });
}

/** Takes the containers away, and with them what the emulator holds. Images stay. */
export async function bringDown(local: Local): Promise<void> {
  const { command, environment } = compose(local);
  await quietly(command('down', '--volumes', '--remove-orphans'), environment);
  local.print('The containers are gone.');
}

/** Takes away all that `make local` has left here but the images. */
export async function reset(local: Local): Promise<void> {
  await bringDown(local);
  rmSync(folderOf(local), { recursive: true, force: true });
  rmSync(join(local.root, 'docker', '.build'), { recursive: true, force: true });
}
