import { createFixedWindow, createTokenBucket } from '#marketplaces/sandbox-kit/token-bucket.ts';

/**
 * 50 calls a second and seller for all stock APIs together [Lazada Open Platform guide, inventory management API]. Of
 * the other APIs Lazada publishes only that each has a limit a second: here it is the same.
 */
const CALLS_PER_SECOND = 50;
/** an excess bans its API for 1 s [Lazada Open Platform, message of ApiCallLimit] */
const BAN_MS = 1_000;
/** calls of an online app a day [Lazada Open Platform guide, API call limits] */
const CALLS_PER_DAY = 10_000_000;
const DAY_MS = 86_400_000;

/** Which allowance a call counts against: that of all stock APIs, or that of its own path. */
export type Allowance = 'stock' | 'path';

export type RateLimits = ReturnType<typeof createRateLimits>;

/** The allowances of all sellers and paths, and the app's of the day. */
export function createRateLimits(now: () => number, callsPerDay = CALLS_PER_DAY) {
  const allowances = new Map<string, { bucket: ReturnType<typeof createTokenBucket>; bannedUntil: number }>();
  const day = createFixedWindow({ limit: callsPerDay, windowMs: DAY_MS, startsAtMs: 0 });

  return {
    /** Counts a call. A number: it is one too many, and the ban lasts this many seconds. */
    take(sellerId: string, bucketName: string): number | undefined {
      const at = now();
      if (!day.take(at)) return seconds(day.resetsAt() - at);
      const key = `${sellerId} ${bucketName}`;
      let allowance = allowances.get(key);
      if (!allowance) {
        const bucket = createTokenBucket({ ratePerSecond: CALLS_PER_SECOND, burst: CALLS_PER_SECOND });
        allowance = { bucket, bannedUntil: 0 };
        allowances.set(key, allowance);
      }
      if (at < allowance.bannedUntil) return seconds(allowance.bannedUntil - at);
      if (allowance.bucket.take(at)) return undefined;
      allowance.bannedUntil = at + BAN_MS;
      return seconds(BAN_MS);
    },
  };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
