import { read } from '#docker/command.ts';
import { FUNCTIONS, type FunctionName } from '#docker/functions.ts';
import type { Clock } from '#platform/runtime/clock.ts';

/** how long something is paused, ms: longer than a call of ours waits for AWS */
const PAUSED_MS = 6_000;
/** how long it is cut from the network, ms: so that calls that hang come to their time-outs */
const CUT_MS = 8_000;
/** how long Docker may take for what it is told, ms */
const DOCKER_MS = 60_000;

export type Target = FunctionName | 'emulator';
export type How = 'kill' | 'pause' | 'cut';
export type Interruption = { target: Target; how: How };

/** What keeps all that it knows in memory: killed, it would have forgotten what it answered 2xx. */
const FORGETFUL: readonly Target[] = ['sandbox', 'emulator'];
const KILLABLE: readonly Target[] = FUNCTIONS.filter((name) => !FORGETFUL.includes(name));

/** All in turn: functions are killed, and every third time paused or cut; what is forgetful is paused and cut by turns. */
export function planInterruptions(count: number): Interruption[] {
  const targets = [...KILLABLE, ...FORGETFUL];
  return Array.from({ length: count }, (_, index) => {
    const place = index % targets.length;
    const round = Math.floor(index / targets.length);
    const isSpared = FORGETFUL.includes(targets[place]!);
    if (!isSpared && round % 3 !== 2) return { target: targets[place]!, how: 'kill' as const };
    return { target: targets[place]!, how: (place + round) % 2 === 0 ? ('pause' as const) : ('cut' as const) };
  });
}

const docker = (...args: string[]): Promise<string> => read(['docker', ...args], { timeoutMs: DOCKER_MS });

/** Interrupts a container, and brings it back. Docker restarts nothing that it was told to kill, so that is done here. */
export async function interrupt(clock: Clock, container: string, how: How): Promise<void> {
  switch (how) {
    case 'kill':
      await docker('kill', container);
      await docker('start', container);
      return;
    case 'pause':
      await docker('pause', container);
      await clock.sleep(PAUSED_MS);
      await docker('unpause', container);
      return;
    case 'cut': {
      const networks = await networksOf(container);
      for (const { network } of networks) await docker('network', 'disconnect', network, container);
      await clock.sleep(CUT_MS);
      for (const { network, aliases } of networks) {
        const named = aliases.flatMap((alias) => ['--alias', alias]);
        await docker('network', 'connect', ...named, network, container);
      }
    }
  }
}

async function networksOf(container: string): Promise<{ network: string; aliases: string[] }[]> {
  const told = await docker('inspect', '--format', '{{json .NetworkSettings.Networks}}', container);
  const networks = JSON.parse(told) as Record<string, { Aliases: string[] | null }>;
  return Object.entries(networks).map(([network, { Aliases }]) => ({ network, aliases: Aliases ?? [] }));
}
