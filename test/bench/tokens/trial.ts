import { createFunctionDeps, type FunctionDeps, type World } from '#platform/functions/deps.ts';
import { startSchedules } from '#platform/functions/schedules.ts';
import type { VirtualClock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { type Random, seededRandom } from '#platform/runtime/random.ts';
import type { Send } from '#platform/runtime/send.ts';
import { loadEncryption, registrationSecret } from '#platform/state/secrets.ts';
import { refreshToken } from '#services/token-refresh/refresh-token.ts';
import { startTokenRefresh } from '#services/token-refresh/start.ts';
import { createMemoryEngine } from '#test/simulation/memory-engine.ts';
import { type Granting, isStrict, type Kind } from './marketplaces.ts';
import { type Process, startProcess } from './process.ts';

const CONNECTION = 'seller-1';
/** processes of token-refresh at the most, and who uses the token; in half of the worlds they only wait for the tick */
const MAX_WORKERS = 3;
const USERS = 5;
const SHARE_THAT_ASKS = 0.5;
/** they come within this time, ms, and come back as often as `consume.ts` lets a message come back */
const COME_WITHIN_MS = 1_000;
const COME_AGAIN_MS = 3_000;
/** one way over the network, ms, from … to; one trial in four has an endpoint that takes its time, ms at the most */
const NETWORK_FROM_MS = 20;
const NETWORK_TO_MS = 120;
const SLOW_MS = 12_000;
/** in so many worlds the network loses the answer of the first exchange, so that the death may fall into what follows */
const SHARE_THAT_LOSES = 0.3;
/** how long after a death the process is started anew, ms, at the most */
const RESTART_MS = 20_000;
/** a trial without an end by then ends badly, ms */
const LONGEST_MS = 300_000;
/** what one who died leaves behind is handed out again and done by then, ms */
const HANDED_OUT_AGAIN_MS = 45_000;
/** how long to go on after the end, so that what comes late is seen too, ms */
const LINGER_MS = 5_000;

/** The n-th await of a trial, before or after its effect; undefined: nobody dies. */
export type DeathAt = { passage: number; moment: 'before' | 'after' } | undefined;

export type Outcome = {
  /** awaits inside the work of token-refresh until its end; the n-th is where one may die */
  passages: number;
  died: boolean;
  lost: boolean;
  doubleExchanges: number;
  staleReturned: number;
  /** from the misfortune to the event, where the marketplace is strict and a rotated token was lost by it */
  surfacedAfterMs: number | undefined;
  /** what else went wrong, in words */
  wrong: string[];
};

/**
 * One connection whose token the marketplace has refused, several askers, several processes of token-refresh, all of the
 * real code on the engine in memory; one process dies at one await.
 */
export async function runTrial(
  clock: VirtualClock,
  kind: Kind,
  granting: Granting,
  seed: string,
  deathAt: DeathAt,
): Promise<Outcome> {
  const random = seededRandom(seed);
  const wrong: string[] = [];
  const told = { refreshed: new Set<string>(), consent: new Set<string>(), consentAt: undefined as number | undefined };
  const engine = createMemoryEngine(clock, {
    sent({ queue, body }) {
      if (queue === 'audit' && body.includes('"token.refreshed"')) {
        for (const [, id] of body.matchAll(/"id":"(seller-1\/\d+)"/g)) told.refreshed.add(id!);
      }
      if (queue !== 'seller-events' || !body.includes('consent-needed')) return;
      told.consent.add((JSON.parse(body) as { id: string }).id);
      told.consentAt ??= clock.now();
    },
  });
  const slowMs = random.fraction() < 0.25 ? SLOW_MS : 0;
  const losesAnswer = random.fraction() < SHARE_THAT_LOSES;
  const network = createExchanges(clock, random, granting, slowMs);

  const worldOf = (parts: Pick<World, 'engine' | 'clock' | 'send'>): World => ({
    ...parts,
    random,
    logger: silentLogger,
    consuming: { waitMs: LONGEST_MS },
  });
  async function depsOf(world: World, name: string): Promise<FunctionDeps> {
    const deps = await createFunctionDeps(world, name);
    const { marketplace } = granting;
    return marketplace ? { ...deps, members: new Map([[granting.name, { marketplace, app: {} }]]) } : deps;
  }

  if (granting.registration) {
    await engine.secrets.put(registrationSecret(granting.name), JSON.stringify(granting.registration));
  }
  const outside = worldOf({ engine, clock, send: network.sendOf('outside') });
  const deps = await depsOf(outside, 'outside');
  const wish = (credentialsVersion: number) =>
    deps.newEvent('token-refresh.requested', { connectionId: CONNECTION, reason: 'rejected', credentialsVersion });

  const untilDone = clock.runUntilDone;

  await untilDone(connect(deps, granting));
  await untilDone(refreshToken(deps, wish(1), { attempt: 1 }));
  const first = (await deps.credentials.accessToken(CONNECTION))!;
  const startedAt = clock.now();
  if (losesAnswer) network.loseNextAnswer();

  const workers: Process[] = [];
  let diedAt: number | undefined;
  let deadWorker: string | undefined;
  let passages = 0;
  let isOver = false;

  async function startWorker(number: number, life = 1): Promise<void> {
    if (isOver) return;
    const name = `${number}-${life}`;
    const process = startProcess({
      engine,
      clock,
      random,
      send: network.sendOf(name),
      reaper() {
        if (!isOver) passages += 1;
        const passage = passages;
        return (moment) => !isOver && diedAt === undefined && deathAt?.passage === passage && deathAt.moment === moment;
      },
      died() {
        if (isOver) return;
        diedAt = clock.now();
        deadWorker = name;
        void clock.sleep(random.fraction() * RESTART_MS).then(() => startWorker(number, life + 1));
      },
    });
    workers.push(process);
    const started = await depsOf(worldOf(process), 'token-refresh');
    if (!process.isDead() && !isOver) startTokenRefresh(started);
  }

  await startSchedules(outside, 'token-refresh');
  const workerCount = 1 + Math.floor(random.fraction() * MAX_WORKERS);
  for (let number = 1; number <= workerCount; number++) void startWorker(number);

  const isAskedFor = random.fraction() < SHARE_THAT_ASKS;
  const users = createUsers(clock, deps, first, isAskedFor);
  const served = Array.from({ length: USERS }, () => users.use(random.fraction() * COME_WITHIN_MS, () => isOver));
  if (!isAskedFor) await makeDue(deps, first.generation);
  const isServed = Promise.all(served);
  let areServed = false;
  void isServed.then(() => {
    areServed = true;
  });

  await clock.run({
    until: () =>
      (areServed || told.consentAt !== undefined) && (diedAt !== undefined || deathAt === undefined || areServed),
    endAt: startedAt + LONGEST_MS,
  });
  await clock.run({ endAt: clock.now() + LINGER_MS });
  if (diedAt !== undefined && told.consentAt === undefined) await clock.run({ endAt: diedAt + HANDED_OUT_AGAIN_MS });
  const total = passages;
  isOver = true;

  const encryption = await loadEncryption({ secrets: engine.secrets, random }, { createIfAbsent: false });
  const stored = (await engine.store.get('credentials', CONNECTION, 'tokens'))!.value as {
    generation: number;
    refreshToken: string;
  };
  const isGood = granting.takes().includes(encryption.decrypt(stored.refreshToken, CONNECTION));
  const { status } = (await deps.connections.get(CONNECTION))!;
  for (const process of workers) process.kill();
  await engine.close();

  const lastRotation = network.lastRotation();
  const isStrictLoss =
    isStrict(kind) && !isGood && (lastRotation?.lostAt !== undefined || lastRotation?.worker === deadWorker);
  const consentAt = told.consentAt ?? startedAt + LONGEST_MS;
  const misfortunes = [diedAt, lastRotation?.lostAt].filter((at) => at !== undefined && at <= consentAt) as number[];
  if (status === 'active' && !areServed && !isStrictLoss) wrong.push('somebody got no token');
  for (let generation = 2; generation <= stored.generation; generation++) {
    if (!told.refreshed.has(`${CONNECTION}/${generation}`)) wrong.push(`nobody was told of generation ${generation}`);
  }
  if (told.consent.size > 1) wrong.push('the same wish for consent came under several ids');
  if (told.consent.size > 0 && !isStrictLoss) wrong.push('consent was asked for without need');
  return {
    passages: total,
    died: diedAt !== undefined,
    lost: !isStrictLoss && (!isGood || status !== 'active' || !areServed),
    doubleExchanges: network.doubles(),
    staleReturned: users.stale(),
    surfacedAfterMs: isStrictLoss ? consentAt - Math.max(...misfortunes) : undefined,
    wrong,
  };
}

async function connect(deps: FunctionDeps, { name, seller }: Granting): Promise<void> {
  const { sellerId, settings, refreshToken } = seller;
  await deps.credentials.put(CONNECTION, { refreshToken, dueAt: deps.clock.now() });
  const connection = { connectionId: CONNECTION, marketplace: name, sellerId, settings, grant: 'seller' as const };
  await deps.connections.put(connection);
}

/** The network to the token endpoint, and what was under way on it at once. */
function createExchanges(clock: VirtualClock, random: Random, granting: Granting, slowMs: number) {
  let underWay = 0;
  let doubles = 0;
  let losesAnswer = false;
  /** `lostAt`: when the network lost the answer that told of it */
  let lastRotation: { worker: string; lostAt: number | undefined } | undefined;

  const sendOf =
    (worker: string): Send =>
    async (request, { timeoutMs }) => {
      if (underWay > 0) doubles += 1;
      underWay += 1;
      const answered = new AbortController();
      const exchange = (async (): Promise<HttpResponse> => {
        await clock.sleep(NETWORK_FROM_MS + random.fraction() * (NETWORK_TO_MS - NETWORK_FROM_MS));
        const before = granting.takes()[0];
        const response = await granting.answer(request);
        const lostAt = losesAnswer ? clock.now() : undefined;
        losesAnswer = false;
        if (granting.takes()[0] !== before) lastRotation = { worker, lostAt };
        await clock.sleep(NETWORK_FROM_MS + random.fraction() * (NETWORK_TO_MS - NETWORK_FROM_MS + slowMs));
        underWay -= 1;
        answered.abort('answered');
        if (lostAt !== undefined) throw new Failure('retryable', 'the connection failed', { code: 'network' });
        return response;
      })();
      const timeout = clock.sleep(timeoutMs, answered.signal).then(() => {
        if (answered.signal.aborted) return exchange;
        throw new Failure('retryable', 'no answer in time', { code: 'timeout' });
      });
      return Promise.race([exchange, timeout]);
    };
  return {
    sendOf,
    lastRotation: () => lastRotation,
    loseNextAnswer(): void {
      losesAnswer = true;
    },
    doubles: () => doubles,
  };
}

async function makeDue({ credentials, clock }: FunctionDeps, generation: number): Promise<void> {
  const now = clock.now();
  await credentials.postpone(CONNECTION, generation, { now, dueAt: now, soonAt: now });
}

/**
 * Users of the access token, as throttled-sync is one, until they have a newer one than the first. `isAskedFor`: the
 * marketplace refuses the first, and they ask for another.
 */
function createUsers(
  clock: VirtualClock,
  deps: FunctionDeps,
  first: { accessToken: string; generation: number },
  isAskedFor: boolean,
) {
  /** the newest generation that somebody was refused with, and has said so */
  let refused = 0;
  let stale = 0;

  async function ask(credentialsVersion: number): Promise<void> {
    await deps.requestTokenRefresh(
      new Failure('auth', 'refused', { code: 'access-token-refused', connectionId: CONNECTION, credentialsVersion }),
    );
    refused = Math.max(refused, credentialsVersion);
  }

  async function use(afterMs: number, isOver: () => boolean): Promise<void> {
    await clock.sleep(afterMs);
    while (!isOver()) {
      const known = refused;
      const newest = await deps.credentials.generation(CONNECTION);
      const token = await deps.credentials.accessToken(CONNECTION);
      if (token && (token.generation <= known || token.generation < newest)) stale += 1;
      if (token && token.accessToken !== first.accessToken) return;
      if (isAskedFor) await ask(token?.generation ?? (await deps.credentials.generation(CONNECTION)));
      await clock.sleep(COME_AGAIN_MS);
    }
  }
  return { use, stale: () => stale };
}
