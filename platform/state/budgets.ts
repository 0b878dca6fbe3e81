import type { Store, Write } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { coalesce } from '#platform/runtime/coalesce.ts';

/** partition = bucket key, sort = 'slots' */
const TABLE = 'budgets';
/**
 * How far apart two calls may arrive that left together, ms: twice the clock skew between workers plus the spread of
 * the way to the marketplace. The budget keeps that much of the burst in reserve.
 */
const SPREAD_MS = 500;
/** a place further away than this is not booked: the message waits outside the worker, ms */
const NEAR_MS = 2_000;
/** how long bookings wait for others to share a write, ms */
const COALESCE_MS = 1;
/** most bookings in one write */
const MAX_BOOKINGS = 100;

/** One bucket that a call is counted against. */
export type Bucket = { key: string; ratePerSecond: number; burst: number };

/** As stored, epoch ms. */
type Slots = {
  /** GCRA's theoretical arrival time: when the bucket will be full again */
  arrivalAt: number;
  /** end of the line of those who were told to come back */
  lineAt: number;
  /** no call before this: the marketplace said so */
  blockedUntil: number;
  /** what the marketplace's answers taught; null: the documented rate */
  learnedRatePerSecond: number | null;
};

const EMPTY: Slots = { arrivalAt: 0, lineAt: 0, blockedUntil: 0, learnedRatePerSecond: null };

/** `booked`: the call may go at `at`. Otherwise a place is free no sooner than `retryAfterMs` from now. */
export type Booking = { booked: true; at: number } | { booked: false; retryAfterMs: number };

export type Budgets = ReturnType<typeof createBudgets>;

/**
 * The spacing and the tolerance that keep a bucket from ever being exceeded. Whatever arrives within w ms left within
 * w + SPREAD_MS, and must be no more than burst + rate × w. Where the burst is too small to cover the spread at the full
 * rate, calls are spaced so that either the burst covers the spread (SPREAD_MS / (burst - 1)), or the spread can't bring
 * two of them closer together than the rate allows: whichever is faster.
 */
function pace(bucket: Bucket, slots: Slots): { intervalMs: number; toleranceMs: number } {
  const ratePerMs = (slots.learnedRatePerSecond ?? bucket.ratePerSecond) / 1000;
  const usableBurst = bucket.burst - ratePerMs * SPREAD_MS;
  if (usableBurst >= 1) return { intervalMs: 1 / ratePerMs, toleranceMs: (Math.floor(usableBurst) - 1) / ratePerMs };
  const coveredMs = bucket.burst > 1 ? SPREAD_MS / (bucket.burst - 1) : Number.POSITIVE_INFINITY;
  return { intervalMs: Math.min(coveredMs, 1 / ratePerMs + SPREAD_MS), toleranceMs: 0 };
}

/** Nobody stands in a line that no call has come out of: after an outage its places are not waited for again. */
function withoutStaleLine<State extends { slots: Slots }>(bucket: Bucket, state: State, now: number): State {
  const { intervalMs } = pace(bucket, state.slots);
  const isIdle = state.slots.arrivalAt + 2 * intervalMs < now && state.slots.blockedUntil < now;
  return isIdle && state.slots.lineAt > now ? { ...state, slots: { ...state.slots, lineAt: 0 } } : state;
}

/**
 * Books places in token buckets: a scheduler, not a bouncer. A call books the next place that is free in all its buckets
 * with one all-or-nothing write; calls that ask together share it. Where the place is far, nothing is booked: the caller
 * is told its place in the line, and books when it comes back. Places in the line bind no one, so a message that dies
 * while it waits, or comes twice, costs nothing.
 */
export function createBudgets({ store, clock }: { store: Store; clock: Clock }) {
  const bookers = new Map<string, (buckets: readonly Bucket[]) => Promise<Booking>>();

  async function read(keys: readonly string[]) {
    return Promise.all(
      keys.map(async (key) => {
        const item = await store.get(TABLE, key, 'slots');
        return { key, version: item?.version, slots: (item?.value as Slots | undefined) ?? EMPTY };
      }),
    );
  }

  const rowOf = (key: string, version: number | undefined, slots: Slots): Write => ({
    table: TABLE,
    partition: key,
    sort: 'slots',
    condition: version ?? 'absent',
    value: slots,
  });

  async function bookTogether(requests: (readonly Bucket[])[]): Promise<Booking[]> {
    const buckets = requests[0] ?? [];
    for (;;) {
      const now = clock.now();
      const read_ = await read(buckets.map((bucket) => bucket.key));
      const states = buckets.map((bucket, index) => ({ bucket, ...withoutStaleLine(bucket, read_[index]!, now) }));
      const bookings = requests.map((): Booking => {
        let at = now;
        let tightest = states[0]!;
        for (const state of states) {
          const { toleranceMs } = pace(state.bucket, state.slots);
          const free = Math.max(state.slots.arrivalAt - toleranceMs, state.slots.blockedUntil);
          if (free > at) {
            at = free;
            tightest = state;
          }
        }
        if (at - now > NEAR_MS) {
          const place = Math.max(at, tightest.slots.lineAt);
          tightest.slots = { ...tightest.slots, lineAt: place + pace(tightest.bucket, tightest.slots).intervalMs };
          return { booked: false, retryAfterMs: Math.ceil(place - now) };
        }
        for (const state of states) {
          const { intervalMs } = pace(state.bucket, state.slots);
          state.slots = { ...state.slots, arrivalAt: Math.max(state.slots.arrivalAt, at) + intervalMs };
        }
        return { booked: true, at };
      });
      if (await store.writeAtomically(states.map((state) => rowOf(state.key, state.version, state.slots)))) {
        return bookings;
      }
    }
  }

  async function change(key: string, changed: (slots: Slots) => Slots | undefined): Promise<void> {
    for (;;) {
      const [state] = await read([key]);
      const next = changed(state!.slots);
      if (!next || (await store.writeAtomically([rowOf(key, state!.version, next)]))) return;
    }
  }

  return {
    /** Books one call in all `buckets` at once; at least one. */
    book(buckets: readonly Bucket[]): Promise<Booking> {
      const group = buckets.map((bucket) => bucket.key).join('|');
      let booker = bookers.get(group);
      if (!booker) {
        booker = coalesce(bookTogether, { clock, waitMs: COALESCE_MS, maxItems: MAX_BOOKINGS });
        bookers.set(group, booker);
      }
      return booker(buckets);
    },

    /** The marketplace refused a call in spite of its place, or said when it takes the next. */
    block: (key: string, until: number) =>
      change(key, (slots) => (until > slots.blockedUntil ? { ...slots, blockedUntil: until } : undefined)),

    /** The marketplace told a bucket's real rate. */
    learnRate: (key: string, ratePerSecond: number) =>
      change(key, (slots) =>
        slots.learnedRatePerSecond === ratePerSecond ? undefined : { ...slots, learnedRatePerSecond: ratePerSecond },
      ),
  };
}
