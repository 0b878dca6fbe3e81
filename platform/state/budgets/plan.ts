import {
  type Bucket,
  freeAt,
  HORIZON_MS,
  isConfirmed,
  LEASE_CALLS,
  type Pace,
  pace,
  REFILL_MS,
  reclaim,
  type Slots,
  take,
} from './bucket.ts';
import { type Flow, QUANTUM_CALLS, shareOf, type Turns } from './turns.ts';

/** a bucket this fast keeps some calls waiting in every worker, so that a block of places finds callers, calls/s */
const FAST_PER_SECOND = 5;
/** how far away a place may be that a call waits for inside a worker, ms */
const INSIDE_MS = 2_000;
/** where calls wait inside anyway, how far away the next place may be, ms: further means that the bucket is blocked */
const INSIDE_FAST_MS = 10_000;
/** calls of a fast bucket come back this many places before their own, so that no worker runs out of them */
const EARLY_CALLS = 200;
const MAX_EARLY_MS = 20_000;

export type Place = { at: number; pending: { key: string; id: string }[] };

/** What one round over the waiting calls of a worker comes to. */
export type Round<Answer> = {
  granted: { flow: Flow<Answer>; places: Place[] }[];
  /** the buckets as they are when the round is written; only those that changed */
  changed: Map<string, Slots>;
  /** how many calls of each flow may wait here, what is left of them is to come back; when its next place is free; and how fast its line goes */
  waits: { flow: Flow<Answer>; inside: number; freeAt: number; paceMs: number; earlyMs: number }[];
  /** when the first place for a waiting call can be booked; infinite where none waits */
  nextAt: number;
};

/**
 * Gives places to waiting calls, whose turn it is first. A place is free when it is free in every bucket of the call. A
 * block begins only when its first place is near, and then reaches to the horizon: so one write books many places, and
 * no worker takes one here and there.
 */
export function planRound<Answer>(
  turns: Turns<Answer>,
  flows: readonly Flow<Answer>[],
  stored: ReadonlyMap<string, Slots>,
  options: { now: number; spreadMs: number; newId: () => string },
): Round<Answer> {
  const { now } = options;
  const states = new Map<string, { slots: Slots; pace: Pace; isOpen: boolean; isConfirmed: boolean }>();
  const stateOf = (bucket: Bucket) => {
    let state = states.get(bucket.key);
    if (!state) {
      const before = stored.get(bucket.key)!;
      const paced = pace(bucket, before, now, options.spreadMs);
      const slots = reclaim(before, paced, now);
      state = { slots, pace: paced, isOpen: false, isConfirmed: isConfirmed(bucket, slots) };
      states.set(bucket.key, state);
    }
    return state;
  };
  const round: Round<Answer> = { granted: [], changed: new Map(), waits: [], nextAt: Number.POSITIVE_INFINITY };
  const places = new Map<Flow<Answer>, Place[]>();

  /** Where the next place of a flow is, and how much of the bucket that most share is lost by taking it, ms. */
  function peek(flow: Flow<Answer>): { at: number; lostMs: number; isNear: boolean } {
    const standing = turns.standing(flow);
    let at = now;
    let sharedAt = now;
    let isNear = true;
    for (const bucket of flow.buckets) {
      const state = stateOf(bucket);
      sharedAt = Math.max(now, freeAt(state.slots, state.pace, standing, now));
      at = Math.max(at, sharedAt);
      const reachMs = state.isOpen && standing === 'often' ? state.pace.horizonMs : REFILL_MS;
      if (sharedAt > now + reachMs) isNear = false;
    }
    return { at, lostMs: at - sharedAt, isNear };
  }

  function takeAt(flow: Flow<Answer>, at: number): Place {
    const place: Place = { at, pending: [] };
    const standing = turns.standing(flow);
    for (const bucket of flow.buckets) {
      const state = stateOf(bucket);
      const id = state.isConfirmed ? options.newId() : undefined;
      if (id !== undefined) place.pending.push({ key: bucket.key, id });
      state.slots = take(state.slots, state.pace, { at, standing, now }, id);
      state.isOpen = true;
      round.changed.set(bucket.key, state.slots);
    }
    return place;
  }

  /** the shares of the flows that want a bucket: each flow goes by its own of them */
  const shares = new Map<string, number>();
  for (const flow of new Set([...turns.busy(), ...flows]))
    for (const { key } of flow.buckets) shares.set(key, (shares.get(key) ?? 0) + shareOf(flow));
  /** how fast a flow goes if all that want its buckets go on, ms between calls: in each bucket of its */
  const pacesOf = (flow: Flow<Answer>): number[] =>
    flow.buckets.map((bucket) => (stateOf(bucket).pace.intervalMs * shares.get(bucket.key)!) / shareOf(flow));
  /** Its own bucket is slower than its share of the one that most share: what it leaves of that is for nobody. */
  const isSlow = (flow: Flow<Answer>): boolean => Math.max(...pacesOf(flow)) > pacesOf(flow).at(-1)!;

  const freeFrom = new Map<Flow<Answer>, number>();
  for (;;) {
    // Whose own bucket is slower than the one that it shares waits for those who lose nothing of the shared one.
    let best: { flow: Flow<Answer>; at: number; lostMs: number; quantum: number } | undefined;
    for (const flow of flows) {
      const count = places.get(flow)?.length ?? 0;
      if (freeFrom.has(flow) || count === flow.waiting.length) continue;
      const { at, lostMs, isNear } = peek(flow);
      const quantum = Math.floor(count / QUANTUM_CALLS);
      if (!isNear || (lostMs > 0 && at > now + REFILL_MS && !isSlow(flow))) freeFrom.set(flow, at);
      else if (!best || lostMs < best.lostMs || (lostMs === best.lostMs && quantum < best.quantum))
        best = { flow, at, lostMs, quantum };
    }
    if (!best) break;
    const place = takeAt(best.flow, best.at);
    const had = places.get(best.flow);
    if (had) had.push(place);
    else places.set(best.flow, [place]);
  }

  for (const flow of flows) {
    const had = places.get(flow) ?? [];
    if (had.length > 0) round.granted.push({ flow, places: had });
    const free = freeFrom.get(flow);
    if (free === undefined) continue;
    const intervalMs = Math.max(...flow.buckets.map((bucket) => stateOf(bucket).pace.intervalMs));
    const paceMs = Math.max(...pacesOf(flow));
    const isFast = intervalMs <= 1000 / FAST_PER_SECOND;
    const awayMs = free - now;
    let inside = 0;
    if (isFast && awayMs <= INSIDE_FAST_MS) inside = LEASE_CALLS;
    else if (awayMs <= INSIDE_MS) inside = 1 + Math.floor((INSIDE_MS - Math.max(0, awayMs)) / intervalMs);
    const earlyMs = isFast ? Math.min(MAX_EARLY_MS, Math.max(HORIZON_MS, EARLY_CALLS * intervalMs)) : INSIDE_MS;
    round.waits.push({ flow, inside, freeAt: free, paceMs, earlyMs });
    if (inside > 0 || flow.waiting.some(({ request }) => request.isUnderWay))
      round.nextAt = Math.min(round.nextAt, free - REFILL_MS);
  }
  return round;
}
