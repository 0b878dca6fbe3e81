import type { Clock } from '#platform/runtime/clock.ts';
import { virtualClock } from '#platform/runtime/clock.ts';

/** Some instant, 2026-01-01T00:00:00Z. */
const START_AT = 1_767_225_600_000;

/** Simulated time that drives itself: it jumps on whenever everybody sleeps, so that a test just awaits. */
export function drivenClock(startAt = START_AT): Clock {
  const clock = virtualClock(startAt);
  let isRunning = false;
  return {
    now: clock.now,
    sleep(ms, signal) {
      const slept = clock.sleep(ms, signal);
      if (!isRunning) {
        isRunning = true;
        void clock.run().then(() => {
          isRunning = false;
        });
      }
      return slept;
    },
  };
}
