import { createTokenBucket } from '#marketplaces/sandbox-kit/token-bucket.ts';

/**
 * Shopee publishes no numbers (`rate_limit` is [0, 0, 0] in its whole API reference) and one developer reports about
 * 100 calls a second as stable (JimCurryWang/python-shopee #54). These are this sandbox's assumption, and it is strict.
 */
const SHOP_LIMIT = { ratePerSecond: 10, burst: 20 };
const APP_LIMIT = { ratePerSecond: 50, burst: 100 };

export type RateLimits = ReturnType<typeof createRateLimits>;

/** True token buckets: one for the app, which every signed call draws on, and one for each shop. */
export function createRateLimits(now: () => number) {
  const app = createTokenBucket(APP_LIMIT);
  const shops = new Map<string, ReturnType<typeof createTokenBucket>>();
  return {
    /** False: the call is one too many. A call that the shop's bucket refuses costs the app nothing. */
    take(shopId: string | undefined): boolean {
      if (shopId !== undefined) {
        const shop = shops.get(shopId) ?? createTokenBucket(SHOP_LIMIT);
        shops.set(shopId, shop);
        if (!shop.take(now())) return false;
      }
      return app.take(now());
    },
  };
}
