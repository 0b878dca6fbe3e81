import type { Hono } from 'hono';
import { marketplaces } from '#marketplaces/index.ts';
import type { Sandbox } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Engine } from '#platform/engines/engine.ts';
import { createFunctionDeps, type FunctionDeps, type World } from '#platform/functions/deps.ts';
import { type VirtualClock, virtualClock } from '#platform/runtime/clock.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import type { Encryption } from '#platform/state/encryption.ts';
import { loadEncryption, registrationSecret } from '#platform/state/secrets.ts';
import { connectSandboxes } from '#services/all-in-one/connect-sandboxes.ts';
import { createSandboxes } from '#services/sandbox/sandboxes.ts';
import { createDice, type Dice } from './dice.ts';
import { createFaultSource, type FaultPlan, type Faults } from './faults.ts';
import { createForger } from './forgery.ts';
import { isListing, LISTING_LAG_MS, withoutLatest } from './late-listing.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createMemoryEngine } from './memory-engine.ts';
import type { Mutation } from './mutants/mutation.ts';
import { createNetwork, type Network } from './network.ts';
import { createSandboxFaults } from './sandbox-faults.ts';
import { createTrace, type Trace } from './trace.ts';
import type { Call, Checker, Violation } from './watch.ts';
import type { Surroundings, Worker } from './worker.ts';
import { type IntakeWorker, startWorkers } from './workers.ts';

const START_AT = Date.UTC(2026, 0, 1);
/** where deliberate bugs are looked for */
const MUTANTS_MARKETPLACES = ['amazon', 'ebay', 'shopee'];
export const SANDBOX_ORIGIN = 'http://sandbox.test';
export const SLUICE_ORIGIN = 'http://sluice.test';
/** a run has so many of the marketplaces, so that a day costs little, and each of them is in many runs */
const MARKETPLACES = 3;
/** a forged webhook comes this long after the genuine one, ms, at the most */
const FORGED_WITHIN_MS = 600_000;

export type SimulationOptions = {
  seed: string;
  plan: FaultPlan;
  sellers: number;
  mutation?: Mutation | undefined;
  /** Makes the checkers, which watch from the first effect on. */
  watchWith(inside: Inside): readonly Checker[];
};

/** What checkers look into. */
export type Inside = {
  clock: VirtualClock;
  engine: Engine;
  faults: Faults;
  ledger: Ledger;
  trace: Trace;
  sandboxes: readonly Sandbox[];
  /** of nobody, on the engine itself: for looking at what is stored */
  deps: FunctionDeps;
  encryption: Encryption;
  violate(rule: string, text: string): void;
};

export type Simulation = Inside & {
  network: Network;
  workers: Worker[];
  violations: Violation[];
  crashes(): number;
  checkers: readonly Checker[];
  /** Lets time go on until something has come to its end. */
  untilDone<Result>(started: Promise<Result>): Promise<Result>;
  /** The faults begin, and the workers start. */
  start(): void;
};

/** The names of some of them, in their order. */
function draw(of: readonly { name: string }[], count: number, dice: Dice): string[] {
  const left = of.map(({ name }) => name);
  while (left.length > count) left.splice(Math.floor(dice.fraction() * left.length), 1);
  return left;
}

/** The whole pipeline with some of all sandboxes in one process: virtual time, one seed, an engine in memory, faults everywhere. */
export async function createSimulation(options: SimulationOptions): Promise<Simulation> {
  const { seed } = options;
  const clock = virtualClock(START_AT);
  const trace = createTrace(clock.now);
  const violations: Violation[] = [];
  let checkers: readonly Checker[] = [];
  let crashes = 0;
  let cause = 'outside';

  function causedBy<Result>(worker: string, run: () => Result): Result {
    const before = cause;
    cause = worker;
    try {
      return run();
    } finally {
      cause = before;
    }
  }

  function tell(call: (checker: Checker) => void): void {
    for (const checker of checkers) call(checker);
  }

  const faults = createFaultSource(seed, options.plan, (kind, whom) => {
    trace.note(whom, `fault ${kind}`);
    tell((checker) => checker.struck?.(kind, whom));
  });
  const ledger = createLedger({
    now: clock.now,
    rotated: (connectionId) => trace.note('marketplace', `rotated ${connectionId}`),
    hopelessExchange: (connectionId, refreshToken) => exchangeOf(connectionId, refreshToken),
  });
  const engine = createMemoryEngine(clock, {
    sent(message) {
      const { queue, id, attributes, visibleAt } = message;
      trace.note(cause, `sent ${queue} ${id} ${JSON.stringify(attributes)} ${visibleAt} ${message.body}`);
      tell((checker) => checker.sent?.(message, cause));
    },
    acknowledged(message) {
      trace.note(cause, `acknowledged ${message.queue} ${message.id}`);
      tell((checker) => checker.acknowledged?.(message, cause));
    },
    wrote(change) {
      const { table, partition, sort, after = 'nothing' } = change;
      // The audit log's tree is large, and follows from its entries.
      const isTree = table === 'audit-log' && !partition.endsWith(' entries');
      trace.note(cause, `wrote ${table} ${partition} ${sort} ${isTree ? after.length : after}`);
      tell((checker) => checker.wrote?.(change, cause));
    },
    ticks: (rule) => !faults.strikes('tick-lost', rule),
  });

  /** A refresh as the connector builds it: some are signed over the token, which can't be changed on its way. */
  function exchangeOf(connectionId: string, refreshToken: string): HttpRequest {
    const [, name = '', number = ''] = /^(.*)-(\d+)$/.exec(connectionId) ?? [];
    const { registration, sellers } = sandboxes.find((sandbox) => sandbox.name === name)!;
    const marketplace = marketplaces.find((each) => each.name === name)!;
    const { sellerId, settings } = sellers[Number(number) - 1]!;
    const app = marketplace.appSchema.parse(registration);
    const connection = { connectionId, sellerId, settings };
    return marketplace.auth.refreshCall(app, { connection, refreshToken, now: clock.now() }).request;
  }

  const underWay = new Set<Call>();
  const intakes: IntakeWorker[] = [];
  const dice = createDice(seed, 'network');
  let sandboxesApp: Hono;
  let sandboxes: Sandbox[] = [];
  const changedAt = (marketplace: string, orderId: string): number =>
    sandboxes.find(({ name }) => name === marketplace)?.books.orders.get(orderId)?.updatedAt ?? 0;
  const network = createNetwork({
    ...{ clock, dice, faults, ledger },
    sandboxes: () => sandboxesApp,
    intakes: () =>
      intakes.flatMap((worker) => {
        const current = worker.current();
        return current ? [{ app: current.running.app, life: current.life }] : [];
      }),
    spoil(marketplace, request, response) {
      if (!isListing(request)) return response;
      const since = clock.now() - faults.between('late-listing', 0, LISTING_LAG_MS);
      const late = withoutLatest(response, (orderId) => changedAt(marketplace, orderId), since);
      return late && faults.strikes('late-listing', marketplace) ? late : response;
    },
    callStarted(call) {
      underWay.add(call);
      trace.note(call.worker, `calls ${call.id} ${call.method} ${call.path}`);
      tell((checker) => checker.callStarted?.(call));
    },
    callEnded(call) {
      underWay.delete(call);
      trace.note(call.worker, `answer ${call.id} ${call.response?.status ?? 'none'} ${call.response?.body ?? ''}`);
      tell((checker) => checker.callEnded?.(call));
    },
    posted: (posted) => tell((checker) => checker.posted?.(posted)),
    arrived(arrival) {
      const kind = arrival.isForged ? 'forged webhook' : 'webhook';
      trace.note(arrival.marketplace, `${kind} ${arrival.status} ${arrival.body}`);
      tell((checker) => checker.arrived?.(arrival));
    },
  });

  const forge = createForger(createDice(seed, 'forger'));
  const forgeNow = (marketplace: string, request: Parameters<typeof forge>[0]): void => {
    const forged = forge(request);
    if (!faults.strikes('webhook-forged', marketplace)) return;
    void clock
      .sleep(faults.between('webhook-forged', 0, FORGED_WITHIN_MS))
      .then(() => network.deliver(forged, 10_000, true))
      .catch(() => {}); // an attacker does not mind
  };
  const sandboxRandom = seededRandom(`${seed}/sandboxes`);
  let poison = 0;
  const built = createSandboxes(
    {
      now: clock.now,
      sleep: (ms) => clock.sleep(ms),
      random: sandboxRandom.fraction,
      randomHex: sandboxRandom.hex,
      send(request, { timeoutMs }) {
        forgeNow(new URL(request.url).pathname.split('/')[2] ?? '', request);
        return network.deliver(request, timeoutMs, false);
      },
      async enqueue(queue, body) {
        const posted = { marketplace: 'amazon', headers: {}, body, isForged: false };
        tell((checker) => checker.posted?.(posted));
        tell((checker) => checker.arrived?.({ ...posted, status: 200 }));
        await causedBy('amazon', () => engine.queues.send(queue, [{ body }]));
        if (faults.strikes('poison-message', 'amazon')) {
          await causedBy('amazon', () => engine.queues.send(queue, [{ body: `{"poison":${++poison}}` }]));
        }
        const request = { method: 'POST' as const, url: `${SLUICE_ORIGIN}/webhooks/amazon`, body };
        forgeNow('amazon', { ...request, headers: { 'content-type': 'application/json' } });
      },
      faults: createSandboxFaults(clock, faults),
    },
    {
      publicUrl: SANDBOX_ORIGIN,
      webhooksUrl: `${SLUICE_ORIGIN}/webhooks`,
      sellers: options.sellers,
      names: options.mutation
        ? MUTANTS_MARKETPLACES
        : draw(marketplaces, MARKETPLACES, createDice(seed, 'marketplaces')),
    },
  );
  sandboxesApp = built.app;
  sandboxes = [...built.byName.values()];

  const untilDone = clock.runUntilDone;

  const random = seededRandom(`${seed}/outside`);
  const world: World = { engine, clock, random, send: network.sendFrom('outside', START_AT), logger: silentLogger };
  for (const { name, sellers, registration } of sandboxes) {
    for (const [index, { refreshToken }] of sellers.entries()) ledger.grant(`${name}-${index + 1}`, refreshToken);
    await engine.secrets.put(registrationSecret(name), JSON.stringify(registration));
  }
  const inside: Inside = {
    ...{ clock, engine, faults, ledger, trace, sandboxes },
    deps: await createFunctionDeps(world, 'outside'),
    encryption: await loadEncryption({ secrets: engine.secrets, random }, { createIfAbsent: false }),
    violate(rule, text) {
      violations.push({ rule, text, at: clock.now() });
      trace.note('checker', `VIOLATION of "${rule}": ${text}`);
    },
  };
  checkers = options.watchWith(inside);
  await untilDone(connectSandboxes(world, sandboxes));

  const surroundings: Surroundings = {
    ...{ seed, clock, engine, faults, mutation: options.mutation, causedBy },
    sendFrom: network.sendFrom,
    logged(worker, fields, message) {
      const { stack: _, ...told } = fields; // where the code lies differs between machines
      const line = `${message} ${JSON.stringify(told)}`;
      trace.note(worker, line);
      tell((checker) => checker.logged?.(worker, line));
    },
    crashed(worker) {
      crashes += 1;
      for (const call of underWay) if (call.worker === worker) call.isOrphan = true;
      trace.note(worker, 'crashed');
      tell((checker) => checker.crashed?.(worker));
    },
  };

  const workers: Worker[] = [];
  return {
    ...{ ...inside, checkers, network, workers, violations, untilDone },
    crashes: () => crashes,
    start() {
      faults.switch(true);
      const started = startWorkers(surroundings);
      intakes.push(...started.intakes);
      workers.push(...started.all);
    },
  };
}
