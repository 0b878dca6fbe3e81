import type { Clock } from '#platform/runtime/clock.ts';
import type { Bucket } from '#platform/state/budgets/budgets.ts';
import { round, saturate, settingOf, utilisationOf } from './measure.ts';
import { type Row, rows } from './rows.ts';
import type { PacerOf } from './run.ts';
import type { CountedStore } from './world.ts';

/** calls that a rival is measured over, and at most and at least so long, ms */
const RIVAL_CALLS = 5_000;
const MOST_MS = 24 * 3_600_000;
const LEAST_MS = 120_000;
/** till the bursts that buckets begin with are used up, ms */
const WARM_UP_MS = 30_000;
/** how often bottleneck adds to a reservoir: a multiple of this, ms */
const RESERVOIR_STEP_MS = 250;

export type Rival = { name: string; source: string; pacerOf: PacerOf };
export type RivalMeasured = {
  rival: string;
  limit: string;
  utilisation: number;
  throttled: number;
  throttledPerCall: number;
  writesPerCall: number;
  maxReceives: number;
};

const BOOKED = { booked: true, at: 0 } as const;
/** A refusal is tried again in the process after 1/rate: none of the limiters has more to say about it. */
const tryAgain = (bucket: Bucket) => ({ waitMs: (1000 * (bucket.cost ?? 1)) / bucket.ratePerSecond, holds: true });
const refused = async (bucket: Bucket) => tryAgain(bucket);
const rateOf = ({ ratePerSecond, cost = 1 }: Bucket): number => ratePerSecond / cost;
const burstOf = ({ burst, cost = 1 }: Bucket): number => Math.max(1, Math.floor(burst / cost));

/** State that a shared server changes atomically, by its own clock, one round trip for each change. */
type Shared = Map<string, { points: number; at: number }>;
const servers = new WeakMap<CountedStore, Shared>();
function serverOf(store: CountedStore): Shared {
  const server = servers.get(store) ?? new Map();
  servers.set(store, server);
  return server;
}
async function onServer<T>(store: CountedStore, change: (server: Shared) => T): Promise<T> {
  await store.writeAtomically([]);
  return change(serverOf(store));
}

/** One queue for each bucket in each process: `ask` says how long the first is to wait, ms; 0: it may go. */
function queued(ask: (bucket: Bucket) => Promise<number>, clock: Clock) {
  const tails = new Map<string, Promise<void>>();
  return async (bucket: Bucket): Promise<void> => {
    const before = tails.get(bucket.key) ?? Promise.resolve();
    const mine = before.then(async () => {
      for (;;) {
        const waitMs = await ask(bucket);
        if (waitMs <= 0) return;
        await clock.sleep(waitMs);
      }
    });
    tails.set(bucket.key, mine);
    return mine;
  };
}

const inTurn =
  (wait: (bucket: Bucket) => Promise<void>) =>
  async ({ buckets }: { buckets: readonly Bucket[] }) => {
    for (const bucket of buckets) await wait(bucket);
    return BOOKED;
  };

export const rivals: readonly Rival[] = [
  {
    name: 'wait-and-retry on 429',
    source: 'npm amazon-sp-api, README: auto_request_throttled, retries after the restore rate of the operation',
    pacerOf: () => ({ book: async () => BOOKED, refused }),
  },
  {
    name: 'bottleneck, clustered',
    source:
      'npm bottleneck, README: Clustering, reservoirIncreaseAmount, -Interval and -Maximum; one script for each job',
    pacerOf: ({ clock, store }) => {
      const wait = queued(
        (bucket) =>
          onServer(store, (server) => {
            const now = clock.now();
            const { everyMs, amount } = reservoirOf(bucket);
            const state = server.get(bucket.key) ?? { points: burstOf(bucket), at: now };
            const times = Math.floor((now - state.at) / everyMs);
            if (times > 0) {
              state.points = Math.min(burstOf(bucket), state.points + times * amount);
              state.at += times * everyMs;
            }
            server.set(bucket.key, state);
            if (state.points < 1) return Math.max(1, state.at + everyMs - now);
            state.points -= 1;
            return 0;
          }),
        clock,
      );
      return { book: inTurn(wait), refused };
    },
  },
  {
    name: 'rate-limiter-flexible, RateLimiterQueue',
    source:
      'npm rate-limiter-flexible, wiki: fixed window of `points` in `duration`; RateLimiterQueue waits msBeforeNext',
    pacerOf: ({ clock, store }) => {
      const wait = queued(
        (bucket) =>
          onServer(store, (server) => {
            const now = clock.now();
            const { points, durationMs } = windowOf(bucket);
            let state = server.get(bucket.key);
            if (!state || now >= state.at + durationMs) state = { points: 0, at: now };
            server.set(bucket.key, state);
            state.points += 1;
            return state.points <= points ? 0 : Math.max(1, state.at + durationMs - now);
          }),
        clock,
      );
      return { book: inTurn(wait), refused };
    },
  },
  {
    name: 'minimum interval, shared',
    source:
      'npm bottleneck, README: minTime = 1/rate, with Clustering; npm limiter and p-throttle in one process alike',
    pacerOf: ({ clock, store }) => ({
      book: inTurn(async (bucket) => {
        const waitMs = await onServer(store, (server) => {
          const now = clock.now();
          const at = Math.max(now, server.get(bucket.key)?.at ?? 0);
          server.set(bucket.key, { points: 0, at: at + 1000 / rateOf(bucket) });
          return at - now;
        });
        await clock.sleep(waitMs);
      }),
      refused,
    }),
  },
];

/** The steadiest reservoir with whole calls, as rate and step allow. */
function reservoirOf(bucket: Bucket): { everyMs: number; amount: number } {
  const rate = rateOf(bucket) / 1000;
  for (let everyMs = RESERVOIR_STEP_MS; everyMs <= 8 * RESERVOIR_STEP_MS; everyMs += RESERVOIR_STEP_MS)
    if (rate * everyMs >= 1 && Number.isInteger(Math.round(rate * everyMs * 1e6) / 1e6))
      return { everyMs, amount: Math.round(rate * everyMs) };
  const amount = Math.max(1, Math.floor(rate * 4 * RESERVOIR_STEP_MS));
  return { everyMs: Math.ceil(amount / rate / RESERVOIR_STEP_MS) * RESERVOIR_STEP_MS, amount };
}

/** A window of a second with the calls that the rate allows in it, or of one call. */
function windowOf(bucket: Bucket): { points: number; durationMs: number } {
  const rate = rateOf(bucket);
  return rate >= 1 ? { points: Math.floor(rate), durationMs: 1000 } : { points: 1, durationMs: 1000 / rate };
}

/** Limits that stand for the rest: slow with a burst, middling, fast and shared, a pair, and one without a burst. */
const COMPARED = [
  'amazon searchOrders',
  'amazon getOrder',
  'amazon 10/10',
  'shopee refreshToken',
  'shopee shop+app, 8 shops',
  'tight 10/2',
];

export const comparedRows: readonly Row[] = rows.filter(({ limit }) => COMPARED.includes(limit));

export async function measureRival(rival: Rival, row: Row): Promise<RivalMeasured> {
  const { rate, count } = settingOf(row).binding;
  const forMs = Math.min(MOST_MS, Math.max(LEAST_MS, (1000 * RIVAL_CALLS) / (rate * count)));
  const outcome = await saturate(row, forMs, `${row.limit} rival`, { pacerOf: rival.pacerOf, warmUpMs: WARM_UP_MS });
  return {
    rival: rival.name,
    limit: row.limit,
    utilisation: round(utilisationOf(row, outcome, forMs), 4),
    throttled: outcome.throttled,
    throttledPerCall: round(outcome.throttled / outcome.calls, 3),
    writesPerCall: round(outcome.writes / outcome.calls, 3),
    maxReceives: outcome.maxReceives,
  };
}
