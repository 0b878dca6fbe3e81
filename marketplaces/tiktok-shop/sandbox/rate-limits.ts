import { createTokenBucket } from '#marketplaces/sandbox-kit/token-bucket.ts';

/** calls a second to one API for one app and shop [TikTok Shop Partner Center, rate limits]; no burst is published */
const CALLS_PER_SECOND = 50;

export type RateLimits = ReturnType<typeof createRateLimits>;

/** One bucket for each shop and API. */
export function createRateLimits(now: () => number) {
  const buckets = new Map<string, ReturnType<typeof createTokenBucket>>();
  return {
    /** False: the call is one too many. */
    take(shopId: string, api: string): boolean {
      const key = `${shopId} ${api}`;
      let bucket = buckets.get(key);
      if (!bucket) {
        bucket = createTokenBucket({ ratePerSecond: CALLS_PER_SECOND, burst: CALLS_PER_SECOND });
        buckets.set(key, bucket);
      }
      return bucket.take(now());
    },
  };
}
