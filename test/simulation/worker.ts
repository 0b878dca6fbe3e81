import type { Engine } from '#platform/engines/engine.ts';
import { createFunctionDeps, type FunctionDeps, type Running, type World } from '#platform/functions/deps.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import type { Send } from '#platform/runtime/send.ts';
import { createDoor } from './door.ts';
import type { Faults } from './faults.ts';
import { faultyEngine } from './faulty-engine.ts';
import type { Mutation } from './mutants/mutation.ts';

/** how long after a crash the next process starts, ms, from … to */
const RESTART_FROM_MS = 500;
const RESTART_TO_MS = 45_000;
/** a worker crashes no more often than so many times within this time, ms: what crashes always gets nothing done */
const MAX_CRASHES = 3;
const MAX_CRASHES_WITHIN_MS = 900_000;
/** clocks differ from the true time by up to this, ms, and are set anew now and then */
const MAX_SKEW_MS = 1_000;
const CLOCK_LOOK_MS = 7_200_000;
/** how exactly a worker knows the engine's clock, ms: half of a round trip */
const MAX_OFFSET_ERROR_MS = 20;
/** in simulated time a receive may wait long: a message ends the wait, ms */
const RECEIVE_WAIT_MS = 3_600_000;

/** What a worker lives in. */
export type Surroundings = {
  seed: string;
  clock: Clock;
  engine: Engine;
  faults: Faults;
  mutation: Mutation | undefined;
  /** The engine's effects of `run` are this worker's. */
  causedBy<Result>(worker: string, run: () => Result): Result;
  /** @param sentAt the worker's own time */
  sendFrom(worker: string, sentAt: number): Send;
  logged(worker: string, fields: Record<string, unknown>, message: string): void;
  crashed(worker: string): void;
};

export type WorkerKind<Started extends Running = Running> = {
  name: string;
  start(deps: FunctionDeps, world: World): Promise<Started>;
};

export type Worker<Started extends Running = Running> = {
  name: string;
  /** what runs now, and a signal that ends with it; undefined between a crash and the next start */
  current(): { running: Started; life: AbortSignal } | undefined;
  /** Stops for good. */
  stop(): Promise<void>;
};

/** Runs a function as a process that crashes and is started anew, with a clock of its own. */
export function startWorker<Started extends Running>(
  around: Surroundings,
  kind: WorkerKind<Started>,
  number: number,
): Worker<Started> {
  const name = `${kind.name}-${number}`;
  const { clock, faults } = around;
  let skewMs = 0;
  /** what it believes of the engine's clock is that wrong */
  const offsetErrorMs = faults.between('clock-step', -MAX_OFFSET_ERROR_MS, MAX_OFFSET_ERROR_MS);
  let starts = 0;
  let crashedAt: number[] = [];
  let current: { running: Started; life: AbortSignal } | undefined;
  let isStopped = false;

  const setClock = (): void => {
    if (faults.strikes('clock-step', name))
      skewMs = Math.round(faults.between('clock-step', -MAX_SKEW_MS, MAX_SKEW_MS));
  };

  async function keepSettingClock(): Promise<void> {
    while (!isStopped) {
      await clock.sleep(CLOCK_LOOK_MS);
      setClock();
    }
  }

  const logger: Logger = {
    info: (fields, message) => around.logged(name, fields, message),
    warn: (fields, message) => around.logged(name, fields, message),
    error: (fields, message) => around.logged(name, fields, message),
  };

  async function live(): Promise<void> {
    starts += 1;
    const life = new AbortController();
    const restartAfterMs = faults.between('crash-before', RESTART_FROM_MS, RESTART_TO_MS);
    const end = (): void => {
      if (life.signal.aborted) return;
      life.abort('crash');
      current = undefined;
      crashedAt = [...crashedAt.slice(1 - MAX_CRASHES), clock.now()];
      around.crashed(name);
      if (!isStopped) void clock.sleep(restartAfterMs).then(live);
    };
    const mayCrash = (): boolean =>
      crashedAt.length < MAX_CRASHES || clock.now() - crashedAt[0]! > MAX_CRASHES_WITHIN_MS;
    const door = createDoor({ ...around, name, life: life.signal, crash: end, mayCrash });
    const now = (): number => clock.now() + skewMs;
    const world: World = {
      engine: faultyEngine(around.engine, door, () => offsetErrorMs - skewMs),
      clock: { now, sleep: (ms, signal) => door.pass('sleep', () => clock.sleep(ms, signal)) },
      random: seededRandom(`${around.seed}/${name}/${starts}`),
      send(request, options) {
        const send = around.sendFrom(name, now());
        return door.pass('send', () => send(request, options));
      },
      logger,
      consuming: { waitMs: RECEIVE_WAIT_MS },
    };
    const { mutation } = around;
    try {
      const mutated = mutation?.world?.(world, kind.name) ?? world;
      const deps = await createFunctionDeps(mutated, kind.name);
      const running = await kind.start(mutation?.deps?.(deps, kind.name) ?? deps, mutated);
      if (!life.signal.aborted) current = { running, life: life.signal };
    } catch {
      end(); // what can't start ends, and is started again
    }
  }

  setClock();
  void live();
  void keepSettingClock();
  return {
    name,
    current: () => current,
    async stop() {
      isStopped = true;
      await current?.running.stop();
    },
  };
}
