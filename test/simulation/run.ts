import { deadLetterQueue, QUEUES } from '#events/routes.ts';
import { createCheckers } from './checkers/index.ts';
import { createSellers, type Sellers } from './consent.ts';
import { createDice } from './dice.ts';
import type { FaultPlan } from './faults.ts';
import type { Mutation } from './mutants/mutation.ts';
import { createSimulation, type Simulation } from './simulation.ts';
import type { Violation } from './watch.ts';
import { createWorkload } from './workload.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** a seller at each marketplace; in some runs two, who share an app's limits */
const TWO_SELLERS_SHARE = 0.25;
/** after the faults have stopped everything comes to rest within this time, ms; Shopee's last retry takes three hours */
const REST_WITHIN_MS = 12 * 3_600_000;
/** a connection is polled up to this long after the last change before all is compared, ms: an overlap and a lag */
const POLLED_PAST_MS = 20 * MINUTE_MS;

export type RunOptions = { seed: string; days: number; plan: FaultPlan; mutation?: Mutation | undefined };

export type RunResult = {
  seed: string;
  days: number;
  events: number;
  faults: number;
  crashes: number;
  violations: number;
  traceHash: string;
  /** what was violated first */
  first: (Violation & { day: number; trace: string[] }) | undefined;
};

/** One simulated run: days with faults, then rest, then everything is compared. It ends at the first violation. */
export async function runSimulation(options: RunOptions): Promise<RunResult> {
  const { seed, plan, mutation } = options;
  let sellers: Sellers | undefined;
  const simulation = await createSimulation({
    ...{ seed, plan, mutation, sellers: createDice(seed, 'size').fraction() < TWO_SELLERS_SHARE ? 2 : 1 },
    watchWith(inside) {
      sellers = createSellers(inside, createDice(seed, 'sellers'));
      return [...createCheckers(inside), sellers];
    },
  });
  const { clock, trace, violations, faults, checkers } = simulation;
  const startAt = clock.now();
  const workload = createWorkload({ clock, dice: createDice(seed, 'workload'), sandboxes: simulation.sandboxes });
  const isBroken = (): boolean => violations.length > 0;

  let nextMinute = clock.now() + MINUTE_MS;
  const goOn = (until: number): Promise<void> =>
    clock.run({
      endAt: until,
      until() {
        while (nextMinute <= clock.now()) {
          nextMinute += MINUTE_MS;
          for (const checker of checkers) checker.everyMinute?.();
        }
        return isBroken();
      },
    });

  simulation.start();
  void workload.run();
  void sellers?.run(simulation.network);
  await goOn(startAt + options.days * DAY_MS);
  if (!isBroken()) {
    faults.switch(false);
    sellers?.finish?.();
    workload.stop();
    workload.placeLast();
    await comeToRest(simulation, goOn);
    if (!isBroken()) await simulation.untilDone(finish(simulation));
  }
  const [first] = violations;
  return {
    seed,
    days: options.days,
    events: trace.lines(),
    faults: faults.count(),
    crashes: simulation.crashes(),
    violations: violations.length,
    traceHash: trace.hash(),
    first: first && {
      ...first,
      day: Math.max(1, Math.ceil((first.at - startAt) / DAY_MS)),
      trace: trace.last(TRACE_LINES),
    },
  };
}

/** lines of the trace that are kept of a violation */
const TRACE_LINES = 2_000;

async function finish(simulation: Simulation): Promise<void> {
  for (const checker of simulation.checkers) await checker.finish?.();
}

/** Until nothing is under way, and every connection is polled past its last change. */
async function comeToRest(simulation: Simulation, goOn: (until: number) => Promise<void>): Promise<void> {
  const { clock, engine, sandboxes, violations } = simulation;
  const lastChangeAt = clock.now();
  const giveUpAt = lastChangeAt + REST_WITHIN_MS;

  async function underWay(): Promise<string | undefined> {
    if (sandboxes.some((sandbox) => sandbox.webhooksUnderWay() > 0)) return 'webhooks';
    for (const queue of QUEUES) {
      const { visible, inFlight, delayed } = await engine.queues.depth(queue);
      if (visible + inFlight + delayed > 0) return `the queue ${queue}`;
    }
    for (const connection of await simulation.deps.connections.list()) {
      if (connection.grant !== 'seller' || connection.status !== 'active') continue;
      const cursor = await simulation.deps.cursors.get(connection.connectionId);
      if ((cursor?.watermark ?? 0) < lastChangeAt + POLLED_PAST_MS) return `the poll of ${connection.connectionId}`;
    }
    return undefined;
  }

  for (;;) {
    await goOn(clock.now() + MINUTE_MS / 4);
    if (violations.length > 0) return;
    const left = await underWay();
    if (left === undefined) return;
    if (clock.now() > giveUpAt)
      return simulation.violate('it comes to rest when the faults stop', `${left} never ends`);
  }
}

/** For whoever looks at the dead letters of a run. */
export const DEAD_LETTER_QUEUES = QUEUES.map(deadLetterQueue);
