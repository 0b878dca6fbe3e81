import { statfsSync } from 'node:fs';
import { deadLetterQueue, type QueueName } from '#events/routes.ts';
import { isPrefix } from '#infra/topology.ts';
import { secretName } from '#platform/engines/aws/names.ts';
import type { Engine } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Config } from '#platform/runtime/config.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { registrationSecret } from '#platform/state/secrets.ts';

/** how long trouble that may pass is tried again, ms: so the process has ended 10 s after its start, whatever is wrong */
const WITHIN_MS = 6_000;
const AGAIN_AFTER_MS = 500;
/** how far the machine's clock may be off, ms: the budgets reckon with the offset, AWS refuses signatures at 300 s */
const MAX_CLOCK_OFFSET_MS = 30_000;
/** least free space of the data folder, bytes: the write-ahead log grows to some MB before it is emptied */
const MIN_FREE_BYTES = 16 * 1024 * 1024;
const CHECK_NETWORK = 'check the network, AWS_REGION and AWS_ENDPOINT_URL';
/** Nothing is stored under this key. */
const NOWHERE = 'preflight';
/** versions begin with 1: a write on this one must fail */
const NO_VERSION = 0;

/** What a function touches; names as in `infra/topology.ts`. */
export type Needs = {
  consumes: readonly QueueName[];
  sends: readonly QueueName[];
  reads: readonly string[];
  writes: readonly string[];
  /** secrets that it may read; a prefix ends in `/` */
  secrets: readonly string[];
  /** secrets of which at least one must be there, on AWS; none where it is empty */
  oneOfSecrets: readonly string[];
};

export type PreflightDeps = {
  engine: Engine;
  clock: Clock;
  /** what is free on the disk of a folder; asked of the operating system where absent */
  freeBytesOf?: (folder: string) => number;
};

/**
 * Finds out before the start whether the function can do its work: each queue, table and secret that it needs is asked
 * for, each table that it writes also by a write that must fail, so that nothing is changed. That it may send, receive
 * and create secrets can't be found out without doing it. Trouble that may pass is tried again for a while.
 * @throws an Error of one line that names what is wrong and the setting
 */
export async function preflight(
  { engine, clock, freeBytesOf = freeBytesOfDisk }: PreflightDeps,
  needs: Needs,
  config: Settings,
): Promise<void> {
  const trouble = await untilWell({ engine, clock, freeBytesOf }, needs, config).then(
    () => undefined,
    (thrown: unknown) => oneLine(thrown, config),
  );
  // Of a wrong clock, AWS says only that the signature is wrong.
  const line = clockTrouble(engine) ?? trouble;
  if (line !== undefined) throw new Error(line);
}

/** Ends when every probe has gone well; throws at once what is wrong, and trouble that goes on. */
async function untilWell(
  { engine, clock, freeBytesOf }: Required<PreflightDeps>,
  needs: Needs,
  config: Settings,
): Promise<void> {
  if (config.engine === 'embedded') requireFreeSpace(freeBytesOf(config.dataDirectory));
  const ended = new AbortController();
  const late = clock.sleep(WITHIN_MS, ended.signal).then(() => 'late' as const);
  let trouble: unknown = new Error(`AWS has not answered within ${WITHIN_MS} ms: ${CHECK_NETWORK}`);
  try {
    for (let left = probesOf(engine, needs, config); ; ) {
      const round = await Promise.race([Promise.all(left.map((probe) => attempt(probe, config))), late]);
      if (round === 'late') throw trouble;
      const failed = round.filter((outcome) => outcome !== undefined);
      if (failed.length === 0) return;
      left = failed.map(({ probe }) => probe);
      trouble = failed[0]!.failure;
      await Promise.race([clock.sleep(AGAIN_AFTER_MS, ended.signal), late]);
    }
  } finally {
    ended.abort('ended');
  }
}

type Settings = Pick<Config, 'engine' | 'dataDirectory' | 'stack'>;
type Probe = () => Promise<unknown>;

function probesOf({ queues, store, secrets }: Engine, needs: Needs, config: Settings): Probe[] {
  const unique = <Name extends string>(names: readonly Name[]): Name[] => [...new Set(names)];
  const { consumes, sends, reads, writes, oneOfSecrets } = needs;
  const row = { partition: NOWHERE, sort: NOWHERE, condition: NO_VERSION, value: {} };
  const isOneMissing = async (): Promise<void> => {
    const found = await Promise.all(oneOfSecrets.map((name) => secrets.get(name)));
    if (found.some((value) => value !== undefined)) return;
    const name = secretName(config.stack, registrationSecret('<marketplace>'));
    throw new Error(`there is no secret ${name}: put a registration, or check SLUICE_STACK and AWS_REGION`);
  };
  return [
    ...unique([...consumes, ...sends, ...consumes.map(deadLetterQueue)]).map((queue) => () => queues.depth(queue)),
    ...unique(reads).map((table) => () => store.get(table, NOWHERE, NOWHERE)),
    ...unique(writes).map((table) => () => store.write([{ ...row, table }])),
    ...unique(needs.secrets).map((name) => () => secrets.get(isPrefix(name) ? `${name}${NOWHERE}` : name)),
    ...(config.engine === 'aws' && oneOfSecrets.length > 0 ? [isOneMissing] : []),
  ];
}

/** What may pass is given back with its probe, to be tried again; what is wrong is thrown. */
async function attempt(probe: Probe, config: Settings): Promise<{ probe: Probe; failure: Failure } | undefined> {
  try {
    await probe();
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof Failure) || !mayPass(thrown, config)) throw thrown;
    return { probe, failure: thrown };
  }
}

/** On one's own machine, only another process that holds the database goes away by itself. */
const mayPass = ({ kind, code }: Failure, { engine }: Settings): boolean =>
  kind === 'retryable' && (engine === 'aws' || code === 'engine-locked');

function clockTrouble({ clockOffsetMs }: Engine): string | undefined {
  const offsetMs = clockOffsetMs?.() ?? 0;
  if (Math.abs(offsetMs) <= MAX_CLOCK_OFFSET_MS) return undefined;
  const how = offsetMs > 0 ? 'behind' : 'ahead of';
  return `the clock of this machine is ${Math.round(Math.abs(offsetMs) / 1000)} s ${how} that of AWS: set it, by NTP`;
}

function freeBytesOfDisk(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function requireFreeSpace(freeBytes: number): void {
  if (freeBytes >= MIN_FREE_BYTES) return;
  throw new Error(`the disk is full, ${Math.floor(freeBytes / 1024)} KiB are left: free some space`);
}

function oneLine(thrown: unknown, config: Settings): string {
  const line = (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\s*\n\s*/g, ' ');
  return config.engine === 'embedded' ? `${line}; SLUICE_DATA is ${config.dataDirectory}` : line;
}
