import { type Bucket, type Budgets, createBudgets } from '#platform/state/budgets/budgets.ts';
import { type BenchClock, benchClock } from './clock.ts';
import { type BenchMessage, benchQueue } from './queue.ts';
import { countedStore, fastRandom, trueBucket } from './world.ts';

/** the world of every row, as the issue names it */
export const WORKERS = 16;
export const SKEW_MS = 50;
export const ROUND_TRIP_MS = { least: 40, most: 240 };
/** a call arrives after half its round trip; D: the spread of that, plus twice the skew */
export const SPREAD_MS = (ROUND_TRIP_MS.most - ROUND_TRIP_MS.least) / 2 + 2 * SKEW_MS;
/** messages that a worker works on at once, and that it lets wait for their place beside those */
const WINDOW = 100;
const MAX_RESTING = 1_000;
const START_AT = 1_800_000_000_000;

export type Seller = { group: string; buckets: readonly Bucket[]; backlog: number; everyMs?: number; priority?: 'live' | 'backfill' };

export type Outcome = {
  calls: number;
  throttled: number;
  byGroup: Map<string, number>;
  /** from sending a message to the answer of its call, ms, for sellers with `everyMs` */
  waits: Map<string, number[]>;
  maxReceives: number;
  writes: number;
  rows: number;
  failedWrites: number;
  reads: number;
  hops: number;
};

/** Sixteen workers on one queue, each with its own clock, saturated by the sellers' messages for `forMs`. */
export async function play(options: {
  sellers: readonly Seller[];
  limits: ReadonlyMap<string, { ratePerSecond: number; burst: number }>;
  forMs: number;
  seed: string;
  warmUpMs?: number;
}): Promise<Outcome> {
  const clock = benchClock(START_AT);
  const random = fastRandom(options.seed);
  const store = countedStore(clock, random);
  const truth = new Map([...options.limits].map(([key, limit]) => [key, trueBucket(limit)]));
  const sellers = new Map(options.sellers.map((seller) => [seller.group, seller]));
  const outcome: Outcome = {
    calls: 0,
    throttled: 0,
    byGroup: new Map(),
    waits: new Map(),
    maxReceives: 0,
    writes: 0,
    rows: 0,
    failedWrites: 0,
    reads: 0,
    hops: 0,
  };
  const warmUntil = START_AT + (options.warmUpMs ?? 0);
  const workers: { pull(): void }[] = [];
  let asleep: { pull(): void }[] = [];
  const queue = benchQueue(clock, () => {
    const woken = asleep;
    asleep = [];
    for (const worker of woken) worker.pull();
  });

  for (let index = 0; index < WORKERS; index++) {
    const offset = (random() * 2 - 1) * SKEW_MS;
    const skewed = { now: () => clock.now() + offset, sleep: clock.sleep };
    const hexRandom = { fraction: random, hex: () => Math.floor(random() * 2 ** 32).toString(16) };
    const budgets: Budgets = createBudgets({ store, clock: skewed, random: hexRandom }, { spreadMs: SPREAD_MS });
    let active = 0;
    let resting = 0;

    const worker = {
      pull(): void {
        while (active < WINDOW && resting < MAX_RESTING) {
          const message = queue.take();
          if (!message) {
            asleep.push(worker);
            return;
          }
          outcome.maxReceives = Math.max(outcome.maxReceives, message.receives);
          resting += 1;
          void handle(message);
        }
      },
    };

    async function handle(message: BenchMessage): Promise<void> {
      const { group, buckets, priority } = sellers.get(message.group)!;
      const booking = await budgets.book({ buckets, group, turnAt: message.turnAt, priority });
      resting -= 1;
      if (!booking.booked) {
        message.turnAt = booking.turnAt;
        queue.send(message, booking.retryAfterMs);
        return worker.pull();
      }
      active += 1;
      call(message, buckets);
    }

    function call(message: BenchMessage, buckets: readonly Bucket[]): void {
      const roundTripMs = ROUND_TRIP_MS.least + random() * (ROUND_TRIP_MS.most - ROUND_TRIP_MS.least);
      const sentAt = clock.now();
      clock.at(sentAt + roundTripMs / 2, () => {
        const now = clock.now();
        const accepted = buckets.map(({ key, cost }) => truth.get(key)!.accept(now, cost ?? 1));
        if (now >= warmUntil) {
          outcome.calls += 1;
          outcome.byGroup.set(message.group, (outcome.byGroup.get(message.group) ?? 0) + 1);
          if (accepted.includes(false)) outcome.throttled += 1;
        }
      }, true);
      clock.at(sentAt + roundTripMs, () => {
        active -= 1;
        if (sellers.get(message.group)!.everyMs !== undefined) {
          const waits = outcome.waits.get(message.group) ?? [];
          waits.push(clock.now() - message.sentAt);
          outcome.waits.set(message.group, waits);
        }
        worker.pull();
      });
    }

    workers.push(worker);
  }

  for (const { group, backlog, everyMs } of options.sellers) {
    for (let i = 0; i < backlog; i++) queue.send(newMessage(clock, group));
    if (everyMs === undefined) continue;
    const send = (): void => {
      queue.send(newMessage(clock, group));
      clock.at(clock.now() + everyMs * (0.5 + random()), send);
    };
    clock.at(START_AT + (options.warmUpMs ?? 0) + everyMs * random(), send);
  }
  for (const worker of workers) worker.pull();
  await clock.runUntil(warmUntil);
  Object.assign(store.counts, { writes: 0, rows: 0, failed: 0, reads: 0 });
  await clock.runUntil(START_AT + options.forMs + (options.warmUpMs ?? 0));
  const { writes, rows, failed, reads } = store.counts;
  return { ...outcome, writes, rows, failedWrites: failed, reads, hops: queue.hops() };
}

const newMessage = (clock: BenchClock, group: string): BenchMessage => ({
  group,
  sentAt: clock.now(),
  receives: 0,
  turnAt: undefined,
  notBefore: 0,
});
