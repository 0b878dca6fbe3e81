/** What a sandbox can be told to do wrong. */
export const FAULTS = [
  'throttle', // 429 though the bucket has tokens
  'server-error', // 500 before any effect
  'server-error-after-effect', // the call took effect, the answer is 500
  'timeout', // no answer until the caller has given up
  'drop-connection', // the connection is cut without an answer, before any effect
  'drop-answer', // the call took effect, the connection is cut before the answer
  'slow', // the answer takes SLOW_MS
  'truncate', // half of the body
  'expire-access-token', // a token that is still good is refused as expired
  'expire-page-token', // a page token that is still good is refused
  'lose-webhook',
  'duplicate-webhook',
  'reorder-webhook', // held back until later ones have gone
] as const;

export type Fault = (typeof FAULTS)[number];

/** how long a 'slow' answer takes, ms */
export const SLOW_MS = 8_000;
/** how long a 'timeout' answer takes, ms: longer than any client's timeout */
export const TIMEOUT_MS = 120_000;

export type Faults = ReturnType<typeof createFaults>;

/** @param random uniform in [0, 1) */
export function createFaults(random: () => number) {
  const rates = new Map<Fault, number>();
  const queued: { fault: Fault; pathContains: string }[] = [];
  return {
    /** Lets `fault` strike this share (0 to 1) of its chances from now on. */
    setRate(fault: Fault, rate: number): void {
      if (!(rate >= 0 && rate <= 1)) throw new Error(`the rate of ${fault} must be between 0 and 1, not ${rate}`);
      rates.set(fault, rate);
    },
    /** Lets `fault` strike at the next chance whose path contains `pathContains`. */
    next(fault: Fault, pathContains = ''): void {
      queued.push({ fault, pathContains });
    },
    /** Asked at each chance: does it strike now? */
    strikes(fault: Fault, path: string): boolean {
      const index = queued.findIndex((entry) => entry.fault === fault && path.includes(entry.pathContains));
      if (index >= 0) {
        queued.splice(index, 1);
        return true;
      }
      const rate = rates.get(fault) ?? 0;
      return rate > 0 && random() < rate;
    },
  };
}
