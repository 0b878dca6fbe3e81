import { type Command, tryCommand } from './command.ts';

/** how long a Docker engine may take to say its version, ms */
const ANSWER_MS = 10_000;

export type Engine = {
  /** `amd64` or `arm64`, as Docker writes it */
  arch: string;
  /** `docker compose`, or `docker-compose` where the plugin is missing */
  compose: Command;
};

/** The Docker engine and its compose. An error is one sentence that says what to do. */
export async function findEngine(): Promise<Engine> {
  const asked = await tryCommand(['docker', 'version', '--format', '{{.Server.Arch}}'], { timeoutMs: ANSWER_MS });
  if (asked.code === 127) {
    throw new Error('This needs Docker, which is not installed: install it, or run "make demo", which needs none.');
  }
  if (asked.code !== 0) {
    throw new Error('This needs a Docker engine, and none answers: start one, or run "make demo", which needs none.');
  }
  return { arch: asked.stdout.trim(), compose: await findCompose() };
}

async function findCompose(): Promise<Command> {
  const candidates: Command[] = [['docker', 'compose'], ['docker-compose']];
  for (const candidate of candidates) {
    const { code } = await tryCommand([...candidate, 'version'], { timeoutMs: ANSWER_MS });
    if (code === 0) return candidate;
  }
  throw new Error(
    'Docker Compose is missing: install your system\'s package "docker-compose-plugin" or "docker-compose".',
  );
}

/** Id of an image and the value of one of its labels, which may be empty; undefined if there is no such image. */
export async function readImage(name: string, label: string): Promise<{ id: string; label: string } | undefined> {
  const format = `{{.Id}} {{index .Config.Labels "${label}"}}`;
  const { code, stdout } = await tryCommand(['docker', 'image', 'inspect', '--format', format, name]);
  const [id = '', value = ''] = stdout.trim().split(' ');
  return code === 0 ? { id, label: value } : undefined;
}

export const hasImage = async (name: string): Promise<boolean> =>
  (await tryCommand(['docker', 'image', 'inspect', name])).code === 0;
