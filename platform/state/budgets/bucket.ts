/**
 * How much closer together two calls may arrive than their places are, ms: twice what is left of the clock skew between
 * workers (50 ms), how late a place may be used (budgets.ts, LATE_MS), and the spread of the way to the marketplace
 * (150 ms). That much of a burst is kept in reserve.
 */
export const SPREAD_MS = 500;
/** one booking covers up to this many waiting calls of a worker, so that a busy one pays a write for about ten calls */
export const LEASE_CALLS = 24;
/** a block of places is booked when its first is this near, ms: the time in which workers find out who books it */
export const REFILL_MS = 300;
/** no place is booked further ahead, ms: what a crashed worker can lose of a fast bucket */
export const HORIZON_MS = 2_500;
/** calls that are kept in a shared bucket for those who call seldom: they go at once, before what is booked ahead */
const KEPT_CALLS = 4;
/** share of what a backfill leaves of a bucket's burst to live work */
const BACKFILL_RESERVE = 0.5;
/** what a refusal leaves of the rate, and how long the rate takes to come back, ms: at first, and when refused again and again */
const CUT = 0.8;
const RECOVER_MS = 60_000;
const MAX_RECOVER_MS = 3_600_000;
/** the least that refusals leave of the rate: below it waiting costs more than being refused again */
const LEAST_FACTOR = 0.2;
/** refusals within this time of a cut are of calls that were on their way already, ms */
const SAME_CUT_MS = 2_000;
/** a bucket slower than this has its places confirmed before use, so that those of a crashed worker come back, calls/s */
const CONFIRMED_BELOW_PER_SECOND = 1;
/** a place not confirmed this long after its time was never used, ms */
export const CONFIRM_WITHIN_MS = 10_000;

/** One bucket that a call is counted against. */
export type Bucket = {
  key: string;
  ratePerSecond: number;
  burst: number;
  /** what one call takes out of it; absent: 1 */
  cost?: number;
  /** counted for several sellers together: some of its burst is kept for those who call seldom */
  isShared?: boolean;
};

/** As stored. Instants are epoch ms of the engine's clock. */
export type Slots = {
  /** GCRA's theoretical arrival time: when the bucket will be full again */
  arrivalAt: number;
  /** no call before this: the marketplace said so */
  blockedUntil: number;
  /** what the marketplace's answers taught; null: as documented */
  learnedRatePerSecond: number | null;
  learnedBurst: number | null;
  /** refusals taught that the rate is lower than told: it is `factor` of it at `at`, and whole again after `recoverMs` */
  cut: { factor: number; at: number; recoverMs: number } | null;
  /** places booked in a slow bucket that nobody has confirmed yet */
  pending: { id: string; at: number }[];
  /** the last place that those have booked who call often */
  lastAt?: number;
  /** for each call that went before places booked ahead: when the ones after those begin, which make up for it */
  early?: number[];
  /** a call of those who call seldom waits until then for its place, and no other may go before it */
  noneBefore?: number;
};

export const EMPTY: Slots = {
  arrivalAt: 0,
  blockedUntil: 0,
  learnedRatePerSecond: null,
  learnedBurst: null,
  cut: null,
  pending: [],
};

/** Who asks: one who calls seldom may use the whole burst, the others leave some of it to those. */
export type Standing = 'seldom' | 'often' | 'backfill';

export type Pace = {
  /** between two calls at the full rate, ms */
  intervalMs: number;
  /** how long before its theoretical arrival a call may go, ms, by who asks */
  toleranceMs: Record<Standing, number>;
  /** how far ahead a block is booked, ms */
  horizonMs: number;
  /** how many calls of those who call seldom may go before the places that are booked ahead */
  keptCalls: number;
};

/**
 * The spacing and the tolerance that keep a bucket from ever being exceeded, and use all of it where that is possible.
 * Calls that arrive within w ms left within w + spread, and must cost no more than burst + rate × w.
 *
 * Where the burst covers what can arrive during the spread (burst ≥ cost + rate × spread), the full rate is safe: GCRA
 * with the rest of the burst as its tolerance. Otherwise calls are spaced evenly, so that one more than a burst holds
 * can't arrive before the rate has made room for it: N = ⌊burst ÷ cost⌋ calls may arrive at once, N + 1 left N intervals
 * apart, so N × interval = spread + ((N + 1) × cost − burst) ÷ rate. For one call a burst that is 1/rate + spread.
 */
export function pace(bucket: Bucket, slots: Slots, now: number, spreadMs: number): Pace {
  const cost = bucket.cost ?? 1;
  const ratePerMs = (rateOf(bucket, slots) * factorAt(slots, now)) / 1000;
  const burst = slots.learnedBurst ?? bucket.burst;
  const usable = burst - ratePerMs * spreadMs;
  /** how far ahead a block of calls reaches at this spacing */
  const horizonMs = (intervalMs: number): number => Math.min(HORIZON_MS, REFILL_MS + LEASE_CALLS * intervalMs);
  if (usable < cost) {
    const calls = Math.max(1, Math.floor(burst / cost));
    const intervalMs = (spreadMs + Math.max(0, (calls + 1) * cost - burst) / ratePerMs) / calls;
    return {
      intervalMs,
      toleranceMs: { seldom: 0, often: 0, backfill: 0 },
      horizonMs: horizonMs(intervalMs),
      keptCalls: 0,
    };
  }
  const most = usable - cost;
  const kept = bucket.isShared ? Math.min(most, KEPT_CALLS * cost) : 0;
  const keptFromBackfill = kept + (most - kept) * BACKFILL_RESERVE;
  return {
    intervalMs: cost / ratePerMs,
    toleranceMs: {
      seldom: most / ratePerMs,
      often: (most - kept) / ratePerMs,
      backfill: (most - keptFromBackfill) / ratePerMs,
    },
    horizonMs: horizonMs(cost / ratePerMs),
    keptCalls: Math.floor(kept / cost),
  };
}

const rateOf = (bucket: Bucket, slots: Slots): number => slots.learnedRatePerSecond ?? bucket.ratePerSecond;

/** The share of the told rate that is used: less after refusals, and growing back at a steady pace. */
function factorAt({ cut }: Slots, now: number): number {
  if (!cut) return 1;
  return Math.min(1, cut.factor + (1 - cut.factor) * Math.max(0, (now - cut.at) / cut.recoverMs));
}

/**
 * When the next place is free for a caller of this standing; in the past where the bucket is not empty.
 *
 * Places booked ahead take as much as comes back meanwhile, so what is kept stays in the bucket all the time: who calls
 * seldom may go before them, as often as calls are kept, and the places after those begin so much later.
 */
export function freeAt(slots: Slots, { toleranceMs, keptCalls }: Pace, standing: Standing, now: number): number {
  const { arrivalAt, blockedUntil, lastAt = 0, early = [], noneBefore = 0 } = slots;
  const isAhead = lastAt > now && arrivalAt - lastAt <= toleranceMs.seldom;
  if (standing !== 'seldom' || keptCalls === 0 || !isAhead)
    return Math.max(arrivalAt - toleranceMs[standing], blockedUntil);
  const notMadeUp = early.filter((at) => at > now).sort((a, b) => a - b);
  return Math.max(notMadeUp[notMadeUp.length - keptCalls] ?? 0, noneBefore, blockedUntil);
}

/** Are places of this bucket confirmed before use? */
export const isConfirmed = (bucket: Bucket, slots: Slots): boolean =>
  rateOf(bucket, slots) < CONFIRMED_BELOW_PER_SECOND * (bucket.cost ?? 1);

/** Takes the place at `at`; `pendingId` where it is to be confirmed. */
export function take(
  slots: Slots,
  { intervalMs, keptCalls }: Pace,
  { at, standing, now }: { at: number; standing: Standing; now: number },
  pendingId: string | undefined,
): Slots {
  const { lastAt = 0, early = [], noneBefore = 0 } = slots;
  const next = {
    ...slots,
    arrivalAt: Math.max(slots.arrivalAt, at) + intervalMs,
    pending: pendingId === undefined ? slots.pending : [...slots.pending, { id: pendingId, at }],
  };
  if (keptCalls === 0) return next;
  if (standing !== 'seldom') return { ...next, lastAt: Math.max(lastAt, at) };
  return {
    ...next,
    early: [...early.filter((madeUpAt) => madeUpAt > now), ...(lastAt > at ? [lastAt] : [])],
    noneBefore: at > now ? Math.max(noneBefore, at) : noneBefore,
  };
}

/** Gives back the places that a crashed worker booked and did not use. */
export function reclaim(slots: Slots, { intervalMs }: Pace, now: number): Slots {
  const lost = slots.pending.filter(({ at }) => at + CONFIRM_WITHIN_MS < now);
  if (lost.length === 0) return slots;
  return {
    ...slots,
    arrivalAt: slots.arrivalAt - lost.length * intervalMs,
    pending: slots.pending.filter(({ at }) => at + CONFIRM_WITHIN_MS >= now),
  };
}

/** What an answer taught: see `Lesson` of marketplaces/marketplace.ts. undefined: nothing new. */
export function learned(
  bucket: Bucket,
  slots: Slots,
  lesson: { ratePerSecond?: number | undefined; burst?: number | undefined; available?: number | undefined },
  now: number,
  spreadMs: number,
): Slots | undefined {
  const next = { ...slots };
  if (lesson.ratePerSecond !== undefined) {
    next.learnedRatePerSecond = lesson.ratePerSecond;
    // What was taken out of the bucket comes back as slowly as the new rate says; a faster one is believed from now on only.
    next.arrivalAt = stretched(bucket, slots, next, now, spreadMs);
  }
  if (lesson.burst !== undefined) next.learnedBurst = lesson.burst;
  if (lesson.available !== undefined) {
    // Others call too, or a call cost more than we thought. Never the other way: calls on their way are not counted yet.
    const missing = (next.learnedBurst ?? bucket.burst) - lesson.available;
    next.arrivalAt = Math.max(next.arrivalAt, now + (missing / rateOf(bucket, next)) * 1000);
  }
  const isNew =
    next.learnedRatePerSecond !== slots.learnedRatePerSecond ||
    next.learnedBurst !== slots.learnedBurst ||
    next.arrivalAt > slots.arrivalAt;
  return isNew ? next : undefined;
}

/** The arrival time where what is missing comes back more slowly than before; a faster rate holds from now on only. */
function stretched(bucket: Bucket, before: Slots, after: Slots, now: number, spreadMs: number): number {
  if (before.arrivalAt <= now) return before.arrivalAt;
  const times = pace(bucket, after, now, spreadMs).intervalMs / pace(bucket, before, now, spreadMs).intervalMs;
  return now + (before.arrivalAt - now) * Math.max(1, times);
}

/**
 * The marketplace refused a call in spite of its place: no call before `until`, and a lower rate, which comes back
 * slower each time that it proves too high again. So the rate settles, and does not swing.
 */
export function refused(bucket: Bucket, slots: Slots, now: number, until: number, spreadMs: number): Slots {
  const blockedUntil = Math.max(slots.blockedUntil, until);
  const { cut } = slots;
  if (cut && now - cut.at < SAME_CUT_MS) return { ...slots, blockedUntil };
  const stillRemembered = cut !== null && now - cut.at < 2 * cut.recoverMs;
  const factor = Math.max(LEAST_FACTOR, factorAt(slots, now) * CUT);
  const recoverMs = stillRemembered ? Math.min(MAX_RECOVER_MS, 2 * cut.recoverMs) : RECOVER_MS;
  const next: Slots = { ...slots, blockedUntil, cut: { factor, at: now, recoverMs } };
  return { ...next, arrivalAt: Math.max(stretched(bucket, slots, next, now, spreadMs), until) };
}
