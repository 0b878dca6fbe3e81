import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryCommand } from '#docker/command.ts';
import { findEngine } from '#docker/engine.ts';
import { bringDown, containers, emulatorEnvironment, type Local, PORTS, startAll, urlOf } from '#docker/local.ts';
import { freePort } from '#test/support/free-ports.ts';

/** how long Docker may take to give a log, ms */
const DOCKER_MS = 60_000;

export type Stack = {
  urls: { sandbox: string; sellerApi: string; consent: string };
  /** what a program of this machine needs to use the emulator */
  environment: Record<string, string | undefined>;
  /** the containers' ids, by service */
  containers: ReadonlyMap<string, string>;
  /** Writes what all containers have said into files, and gives their folder. */
  saveLogs(): Promise<string>;
  /** Takes everything away. */
  stop(): Promise<void>;
};

/** Starts what `make local` starts, beside whatever runs already: under another name, on free ports of this machine. */
export async function startStack(
  root: string,
  environment: Record<string, string | undefined>,
  print: (line: string) => void,
): Promise<Stack> {
  const ports: Record<string, string> = {};
  for (const [setting] of Object.values(PORTS)) ports[setting] = String(await freePort());
  const local: Local = {
    root,
    engine: await findEngine(),
    base: 'auto',
    emulator: 'localstack',
    project: 'sluice-chaos',
    folder: '.sluice/chaos',
    // When a function works again is read from its log.
    environment: { ...environment, ...ports, SLUICE_LOG_LEVEL: 'info' },
    print,
  };
  const stop = (): Promise<void> => bringDown(local);
  await stop(); // what a run that was ended has left
  await startAll(local).catch(async (thrown: unknown) => {
    await stop();
    throw thrown;
  });
  const ids = await containers(local);
  return {
    urls: { sandbox: urlOf(local, 'sandbox'), sellerApi: urlOf(local, 'sellerApi'), consent: urlOf(local, 'consent') },
    environment: emulatorEnvironment(local),
    containers: ids,
    async saveLogs() {
      const folder = join(local.folder, 'logs');
      mkdirSync(join(root, folder), { recursive: true });
      for (const [service, id] of ids) {
        const { stdout, stderr } = await tryCommand(['docker', 'logs', id], { timeoutMs: DOCKER_MS });
        writeFileSync(join(root, folder, `${service}.log`), `${stdout}${stderr}`);
      }
      return folder;
    },
    stop,
  };
}
