import type { Clock } from '#platform/runtime/clock.ts';
import { type Booking, type Bucket, type CallRequest, createBudgets } from '#platform/state/budgets/budgets.ts';
import { type BenchClock, benchClock } from './clock.ts';
import { type BenchMessage, benchQueue } from './queue.ts';
import { type CountedStore, countedStore, fastRandom, trueBucket } from './world.ts';

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

/** what a message may be refused before it is dead; platform/runtime/consume.ts, MAX_ATTEMPTS */
const MAX_ATTEMPTS = 14;
/** wait after a refusal, ms: what most marketplaces ask for */
const REFUSED_PAUSE_MS = 1_000;

export type Seller = {
  group: string;
  buckets: readonly Bucket[];
  /** messages at the start */
  backlog: number;
  /** as many as are done are sent again when half of it is left: a backlog that never ends, without a day's messages */
  isRefilled?: boolean;
  /** a message about every so often, ms, and its wait is noted */
  everyMs?: number;
  priority?: 'live' | 'backfill';
  weight?: number;
};

/** What decides in a worker when a call may go; and what becomes of one that was refused in spite of it. */
export type Pacer = {
  book(request: CallRequest): Promise<Booking>;
  /** `holds`: the message stays in its worker meanwhile */
  refused(bucket: Bucket): Promise<{ waitMs: number; holds: boolean }>;
};
/** Makes the pacer of one worker; `random` and `store` are one for all of them. */
export type PacerOf = (worker: { clock: Clock; random: () => number; store: CountedStore }) => Pacer;

const sluice: PacerOf = ({ clock, random, store }) => {
  const hexRandom = { fraction: random, hex: () => Math.floor(random() * 2 ** 32).toString(16) };
  const budgets = createBudgets({ store, clock, random: hexRandom }, { spreadMs: SPREAD_MS });
  return {
    book: budgets.book,
    async refused(bucket) {
      await budgets.refused(bucket, REFUSED_PAUSE_MS);
      return { waitMs: REFUSED_PAUSE_MS, holds: false };
    },
  };
};

export type Outcome = {
  /** calls that the marketplace took, and that it refused */
  calls: number;
  throttled: number;
  byGroup: Map<string, number>;
  /** from sending a message to the answer of its call, ms, for sellers with `everyMs` */
  waits: Map<string, number[]>;
  maxReceives: number;
  deadLetters: number;
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
  /** not counted, ms: the bursts that buckets begin with are used up by then */
  warmUpMs?: number;
  pacerOf?: PacerOf;
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
    deadLetters: 0,
    writes: 0,
    rows: 0,
    failedWrites: 0,
    reads: 0,
    hops: 0,
  };
  const warmUntil = START_AT + (options.warmUpMs ?? 0);
  /** by seller, since the last refill */
  const doneOf = new Map<string, number>();
  const workers: { pull(): void }[] = [];
  let asleep = new Set<{ pull(): void }>();
  const queue = benchQueue(clock, () => {
    const woken = asleep;
    asleep = new Set();
    for (const worker of woken) worker.pull();
  });

  for (let index = 0; index < WORKERS; index++) {
    const offset = (random() * 2 - 1) * SKEW_MS;
    const skewed = { now: () => clock.now() + offset, sleep: clock.sleep };
    const pacer = (options.pacerOf ?? sluice)({ clock: skewed, random, store });
    let active = 0;
    let resting = 0;

    const worker = {
      pull(): void {
        while (active < WINDOW && resting < MAX_RESTING) {
          const message = queue.take();
          if (!message) {
            asleep.add(worker);
            return;
          }
          outcome.maxReceives = Math.max(outcome.maxReceives, message.receives);
          resting += 1;
          void handle(message);
        }
      },
    };

    async function handle(message: BenchMessage): Promise<void> {
      const { group, buckets, priority, weight } = sellers.get(message.group)!;
      const booking = await pacer.book({ buckets, group, turnAt: message.turnAt, priority, weight });
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
      let refusedBy: Bucket | undefined;
      const arrive = (): void => {
        const now = clock.now();
        for (const bucket of buckets) if (!truth.get(bucket.key)!.accept(now, bucket.cost ?? 1)) refusedBy = bucket;
        if (now < warmUntil) return;
        if (refusedBy) outcome.throttled += 1;
        else {
          outcome.calls += 1;
          outcome.byGroup.set(message.group, (outcome.byGroup.get(message.group) ?? 0) + 1);
        }
      };
      const answered = (): void => {
        if (refusedBy) return void refused(message, buckets, refusedBy);
        active -= 1;
        done(message);
        worker.pull();
      };
      clock.at(sentAt + roundTripMs / 2, arrive, true);
      clock.at(sentAt + roundTripMs, answered);
    }

    /** Refusals are counted as attempts here, more strictly than a consumer does, for which they are waits. */
    async function refused(message: BenchMessage, buckets: readonly Bucket[], by: Bucket): Promise<void> {
      message.attempts += 1;
      if (message.attempts === MAX_ATTEMPTS) outcome.deadLetters += 1;
      const { waitMs, holds } = await pacer.refused(by);
      if (holds) return clock.at(clock.now() + waitMs, () => call(message, buckets));
      active -= 1;
      queue.send(message, waitMs);
      worker.pull();
    }

    workers.push(worker);
  }

  function done(message: BenchMessage): void {
    const seller = sellers.get(message.group)!;
    if (seller.isRefilled) {
      const count = (doneOf.get(message.group) ?? 0) + 1;
      const isHalf = count >= seller.backlog / 2;
      doneOf.set(message.group, isHalf ? 0 : count);
      if (isHalf) for (let i = 0; i < count; i++) queue.send(newMessage(clock, message.group));
    }
    if (seller.everyMs === undefined) return;
    const waits = outcome.waits.get(message.group) ?? [];
    waits.push(clock.now() - message.sentAt);
    outcome.waits.set(message.group, waits);
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
  attempts: 0,
  turnAt: undefined,
  notBefore: 0,
});
