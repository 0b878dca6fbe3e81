import type { Hono } from 'hono';
import { createFaults, type Fault, type Faults } from '#marketplaces/sandbox-kit/faults.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Engine } from '#platform/engines/engine.ts';
import { createFunctionDeps, type FunctionDeps, type World } from '#platform/functions/deps.ts';
import { type VirtualClock, virtualClock } from '#platform/runtime/clock.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { connectSandboxes } from '#services/all-in-one/connect-sandboxes.ts';
import { createMemoryNetwork } from '#services/all-in-one/memory-network.ts';
import { startAllInOne } from '#services/all-in-one/start.ts';
import { createSandboxes } from '#services/sandbox/sandboxes.ts';
import { enqueuing } from '#services/sandbox/start.ts';

const SANDBOX_ORIGIN = 'http://sandbox.test';
/** longer than any simulation */
const AUDIT_RETENTION_DAYS = 548;
const SLUICE_ORIGIN = 'http://sluice.test';
/** in simulated time a receive may wait long: a message ends the wait, and each wake-up costs work, ms */
const RECEIVE_WAIT_MS = 3_600_000;

/** how long time goes on between two looks at the audit queue, ms */
const AUDIT_STEP_MS = 1_000;

export type Simulation = {
  clock: VirtualClock;
  engine: Engine;
  sandboxes: ReadonlyMap<string, Sandbox>;
  faults: Faults;
  /** what a function is made of, for looking at what is stored */
  deps: FunctionDeps;
  /** the app that shows the audit log */
  audit: Hono;
  /** Stops all but the audit log, and lets time go on until the audit log has all that they told. */
  settle(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts all functions and all sandboxes in one process, in simulated time, on an engine in memory, from one seed. */
export async function startSimulation(options: {
  seed: string;
  startAt: number;
  sellers: number;
  faults: Partial<Record<Fault, number>>;
  logger: Logger;
  /** the marketplaces that are connected; all where absent */
  names?: readonly string[];
}): Promise<Simulation> {
  const clock = virtualClock(options.startAt);
  const random = (name: string) => seededRandom(`${options.seed}/${name}`);
  const network = createMemoryNetwork({ clock, random: random('network') });
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const world: World = {
    engine,
    clock,
    random: random('functions'),
    send: network.send,
    logger: options.logger,
    consuming: { waitMs: RECEIVE_WAIT_MS },
  };

  const sandboxRandom = random('sandboxes');
  const faults = createFaults(random('faults').fraction);
  for (const [fault, rate] of Object.entries(options.faults)) faults.setRate(fault as Fault, rate);
  const { app, byName } = createSandboxes(
    {
      now: clock.now,
      sleep: (ms) => clock.sleep(ms),
      random: sandboxRandom.fraction,
      randomHex: sandboxRandom.hex,
      send: network.send,
      enqueue: enqueuing(engine.queues),
      faults,
    },
    {
      publicUrl: SANDBOX_ORIGIN,
      webhooksUrl: `${SLUICE_ORIGIN}/webhooks`,
      sellers: options.sellers,
      names: options.names,
    },
  );
  network.listen(SANDBOX_ORIGIN, app);

  const untilDone = clock.runUntilDone;

  await untilDone(connectSandboxes(world, byName.values()));
  const allInOne = await startAllInOne(world, {
    publicUrl: SLUICE_ORIGIN,
    auditRetentionDays: AUDIT_RETENTION_DAYS,
  });
  network.listen(SLUICE_ORIGIN, allInOne.intake);

  return {
    clock,
    engine,
    sandboxes: byName,
    faults,
    deps: await createFunctionDeps(world, 'simulation'),
    audit: allInOne.audit,
    async settle() {
      await untilDone(allInOne.stopButAuditLog());
      const isEmpty = async (): Promise<boolean> => {
        const { visible, inFlight, delayed } = await engine.queues.depth('audit');
        return visible + inFlight + delayed === 0;
      };
      while (!(await isEmpty())) await clock.run({ endAt: clock.now() + AUDIT_STEP_MS });
    },
    async stop() {
      await untilDone(allInOne.stop());
      await engine.close();
    },
  };
}
