import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { Clock } from '#platform/runtime/clock.ts';
import { virtualClock } from '#platform/runtime/clock.ts';

/** Some instant, 2026-01-01T00:00:00Z. */
const START_AT = 1_767_225_600_000;

/** Simulated time that drives itself: it jumps on whenever everybody sleeps, so that a test just awaits. */
export function drivenClock(startAt = START_AT): Clock {
  const clock = virtualClock(startAt);
  let isRunning = false;

  async function drive(): Promise<void> {
    for (let timersLeft = true; timersLeft; ) {
      // A database in a file commits in a turn of the event loop of its own.
      await turnOfTheLoop();
      let asked = 0;
      await clock.run({ until: () => asked++ > 0 });
      timersLeft = asked > 1;
    }
    isRunning = false;
  }

  return {
    now: clock.now,
    sleep(ms, signal) {
      const slept = clock.sleep(ms, signal);
      if (!isRunning) {
        isRunning = true;
        void drive();
      }
      return slept;
    },
  };
}
