import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { FaultKind, Faults } from './faults.ts';

/** how long a slow call of the engine takes, ms, from … to: well below the leases, which bound what may be slow */
const SLOW_FROM_MS = 20;
const SLOW_TO_MS = 4_000;
/** every so many calls of the engine take some time, so that workers get in each other's way, ms */
const ORDINARY_SHARE = 0.25;
const ORDINARY_MS = 80;

export type Door = {
  name: string;
  life: AbortSignal;
  faults: Faults;
  /** Lets one call out of the worker: whatever awaits it goes on only while the worker lives. */
  pass<Result>(kind: 'engine' | 'send' | 'sleep', call: () => Promise<Result>): Promise<Result>;
};

/** how long a process stands still, ms, from … to */
const PAUSE_FROM_MS = 100_000;
const PAUSE_TO_MS = 300_000;

/** What nobody gets an answer to any more. A new one each time, so that what waits for it can be forgotten. */
const never = <Result>(): Promise<Result> => new Promise(() => {});

/** The only way out of a worker's world. At each passing it may crash, before the effect or after; then nothing of it goes on. */
export function createDoor(parts: {
  name: string;
  life: AbortSignal;
  faults: Faults;
  clock: Clock;
  crash(): void;
  mayCrash(): boolean;
  causedBy<Result>(worker: string, run: () => Result): Result;
}): Door {
  const { name, life, faults, clock, crash, mayCrash } = parts;
  const strikes = (kind: FaultKind): boolean => faults.strikes(kind, name);

  function trouble(): Failure {
    return new Failure('retryable', 'the engine failed', { code: 'engine-trouble' });
  }

  let standsStillUntil = 0;
  async function whileStill(): Promise<void> {
    if (strikes('pause')) standsStillUntil = clock.now() + faults.between('pause', PAUSE_FROM_MS, PAUSE_TO_MS);
    while (standsStillUntil > clock.now()) await clock.sleep(standsStillUntil - clock.now());
  }

  async function pass<Result>(kind: 'engine' | 'send' | 'sleep', call: () => Promise<Result>): Promise<Result> {
    if (life.aborted) return never();
    if (mayCrash() && strikes('crash-before')) {
      crash();
      return never();
    }
    // A call is on its way the moment that it is sent: nothing could look at the clock once more before.
    if (kind !== 'send') await whileStill();
    if (kind === 'engine') {
      const isSlow = strikes('engine-slow');
      if (isSlow) await clock.sleep(faults.between('engine-slow', SLOW_FROM_MS, SLOW_TO_MS));
      else if (faults.between('engine-slow', 0, 1) < ORDINARY_SHARE) {
        await clock.sleep(faults.between('engine-slow', 0, ORDINARY_MS));
      }
      if (life.aborted) return never();
      if (strikes('engine-error-before')) throw trouble();
    }
    let result: Result;
    try {
      result = await parts.causedBy(name, call);
    } catch (thrown) {
      if (life.aborted) return never();
      throw thrown;
    }
    await whileStill();
    if (life.aborted) return never();
    if (mayCrash() && strikes('crash-after')) {
      crash();
      return never();
    }
    if (kind === 'engine' && strikes('engine-error-after')) throw trouble();
    return result;
  }

  return { name, life, faults, pass };
}
