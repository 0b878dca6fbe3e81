import { read, tryCommand } from '#docker/command.ts';
import type { Clock } from '#platform/runtime/clock.ts';

/** A line of a function's log, as far as it is looked at. */
type LogLine = { time?: string; msg?: string; outcome?: string; status?: number; durationMs?: number };

/** how long a function is waited for, ms */
const GIVE_UP_MS = 30_000;
const LOOK_EVERY_MS = 300;
/** how long Docker may take for what it is told, ms */
const DOCKER_MS = 30_000;

/** Is this the end of a piece of work that the function did, and did well? */
function isWork({ msg, outcome, status }: LogLine): boolean {
  switch (msg) {
    case 'message': // of a queue
      return outcome === 'done';
    case 'delivery': // webhook-intake
      return status === 200;
    case 'command': // seller-api
      return outcome === 'accepted';
    case 'consent':
      return outcome === 'redirected' || outcome === 'connected';
    default:
      return false;
  }
}

/** When a piece of work was taken, and when it was done. */
export type Work = { taken: number; done: number };

/**
 * The first piece of work that was done well, of what a log tells, epoch ms; lines of `before` and earlier don't count.
 */
export function firstWork(log: string, before: number): Work | undefined {
  for (const line of log.split('\n')) {
    if (!line.startsWith('{')) continue;
    let told: LogLine;
    try {
      told = JSON.parse(line) as LogLine;
    } catch {
      continue; // half a line: its writer was killed
    }
    const done = Date.parse(told.time ?? '');
    if (done > before && isWork(told)) return { taken: done - (told.durationMs ?? 0), done };
  }
  return undefined;
}

/**
 * How long after the start of its container, as Docker tells it, a function took its first piece of work, and had it done,
 * ms; undefined where it has not for half a minute.
 */
export async function workedAfterMs(clock: Clock, container: string): Promise<Work | undefined> {
  const told = await read(['docker', 'inspect', '--format', '{{.State.StartedAt}}', container], {
    timeoutMs: DOCKER_MS,
  });
  const startedAt = Date.parse(told);
  while (clock.now() < startedAt + GIVE_UP_MS) {
    const log = await tryCommand(['docker', 'logs', '--since', told, container], { timeoutMs: DOCKER_MS });
    const work = firstWork(log.stdout, startedAt);
    if (work) return { taken: work.taken - startedAt, done: work.done - startedAt };
    await clock.sleep(LOOK_EVERY_MS);
  }
  return undefined;
}

export const medianOf = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
