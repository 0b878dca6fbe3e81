const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Calls a seller and API [Walmart Marketplace developer portal, rate limiting]. Walmart gives no burst: here a bucket
 * holds the whole limit and is refilled evenly. What stands in one row of Walmart's table shares one bucket.
 */
const LIMITS = {
  listOrders: { calls: 5_000, perMs: MINUTE_MS },
  getOrder: { calls: 5_000, perMs: MINUTE_MS },
  releasedOrders: { calls: 60, perMs: MINUTE_MS },
  acknowledge: { calls: 60, perMs: MINUTE_MS },
  ship: { calls: 60, perMs: MINUTE_MS },
  cancel: { calls: 60, perMs: MINUTE_MS },
  inventory: { calls: 200, perMs: MINUTE_MS },
  inventories: { calls: 200, perMs: MINUTE_MS },
  feedStatus: { calls: 5_000, perMs: MINUTE_MS },
  inventoryFeed: { calls: 10, perMs: HOUR_MS },
  multiNodeInventoryFeed: { calls: 50, perMs: HOUR_MS },
  createSubscriptions: { calls: 200, perMs: MINUTE_MS },
  listSubscriptions: { calls: 50, perMs: MINUTE_MS },
  testWebhook: { calls: 10, perMs: MINUTE_MS },
  deleteSubscription: { calls: 10, perMs: MINUTE_MS },
  updateSubscription: { calls: 5, perMs: MINUTE_MS },
  eventTypes: { calls: 5, perMs: MINUTE_MS },
};

export type Api = keyof typeof LIMITS;

/** What every answer's headers tell of its bucket. */
export type BucketState = { taken: boolean; left: number; nextTokenAt: number };

export type RateLimits = ReturnType<typeof createRateLimits>;

/** The buckets of all sellers and APIs. The kit's bucket does not tell what is left, as Walmart's headers must. */
export function createRateLimits(now: () => number) {
  const buckets = new Map<string, { tokens: number; filledAt: number }>();
  return {
    take(sellerId: string, api: Api): BucketState {
      const { calls, perMs } = LIMITS[api];
      const key = `${sellerId}/${api}`;
      const at = now();
      const bucket = buckets.get(key) ?? { tokens: calls, filledAt: at };
      buckets.set(key, bucket);
      bucket.tokens = Math.min(calls, bucket.tokens + (Math.max(0, at - bucket.filledAt) * calls) / perMs);
      bucket.filledAt = Math.max(at, bucket.filledAt);
      // A sum of refills may fall short of a whole token by a rounding error.
      const taken = bucket.tokens >= 1 - 1e-9;
      if (taken) bucket.tokens -= 1;
      const left = Math.max(0, Math.floor(bucket.tokens + 1e-9));
      const nextTokenAt = at + Math.ceil(((left + 1 - bucket.tokens) * perMs) / calls);
      return { taken, left, nextTokenAt };
    },
  };
}
