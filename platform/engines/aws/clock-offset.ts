import type { Clock } from '#platform/runtime/clock.ts';

/** The header `Date` has whole seconds, cut off (RFC 9110, 5.6.7), ms. */
const DATE_STEP_MS = 1_000;
/** how fast two clocks may drift apart, ms for each ms: crystals are better than 100 ppm */
const DRIFT = 1e-4;
/** how far the clocks of two of the engine's hosts may differ, ms: Amazon Time Sync keeps well below */
const HOSTS_DIFFER_MS = 100;

/** One answer: when the request went out and its answer was there by our clock, and the answer's `Date`; epoch ms. */
export type TimedAnswer = { sentAt: number; receivedAt: number; dateAt: number };

export type ClockOffset = {
  observe(answer: TimedAnswer): void;
  /** How far the engine's clock is ahead of ours, ms; 0 before the first answer. */
  offsetMs(): number;
  /** How far that may be from the truth, ms; Infinity before the first answer. */
  uncertaintyMs(): number;
};

/**
 * How far the clock of whoever answers is ahead of ours, from the `Date` of many answers. One answer bounds the offset to
 * between `dateAt - receivedAt` and `dateAt + 1 s - sentAt`. Those that come right before and right after a full second
 * bound it from both sides, so that the bounds close in on each other to about the time that an answer takes. A bound
 * loosens as it gets old, since clocks drift; and answers that contradict what was known, as after a clock was set, are
 * believed.
 */
export function createClockOffset({ clock }: { clock: Pick<Clock, 'now'> }): ClockOffset {
  let lowest = { ms: Number.NEGATIVE_INFINITY, at: 0 };
  let highest = { ms: Number.POSITIVE_INFINITY, at: 0 };

  // An age below 0 is a clock that was set back.
  const drift = (at: number, now: number): number => Math.abs(now - at) * DRIFT;
  const bounds = (now: number): [low: number, high: number] => [
    lowest.ms - drift(lowest.at, now),
    highest.ms + drift(highest.at, now),
  ];

  return {
    observe({ sentAt, receivedAt, dateAt }) {
      const newLow = dateAt - receivedAt;
      const newHigh = dateAt + DATE_STEP_MS - sentAt;
      if (!(newHigh >= newLow)) return; // our clock was set back meanwhile: it bounds nothing
      const [low, high] = bounds(receivedAt);
      const isAgreed = newLow <= high && newHigh >= low;
      if (isAgreed) {
        if (newLow >= low) lowest = { ms: newLow, at: receivedAt };
        if (newHigh <= high) highest = { ms: newHigh, at: receivedAt };
        return;
      }
      const [gapFrom, gapTo] = newLow > high ? [high, newLow] : [newHigh, low];
      // Two hosts that differ a little: the truth is between them.
      const [from, to] = gapTo - gapFrom <= HOSTS_DIFFER_MS ? [gapFrom, gapTo] : [newLow, newHigh];
      lowest = { ms: from, at: receivedAt };
      highest = { ms: to, at: receivedAt };
    },
    offsetMs() {
      const [low, high] = bounds(clock.now());
      return Number.isFinite(low) && Number.isFinite(high) ? (low + high) / 2 : 0;
    },
    uncertaintyMs() {
      const [low, high] = bounds(clock.now());
      return (high - low) / 2;
    },
  };
}
