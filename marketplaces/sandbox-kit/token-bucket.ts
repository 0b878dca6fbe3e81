/**
 * A token bucket as marketplaces run it: starts full, refills steadily, refuses when empty. Written to refuse, not to
 * plan, so that it shares nothing with the budgets that it is there to check.
 */
export function createTokenBucket(options: { ratePerSecond: number; burst: number }) {
  let tokens = options.burst;
  let filledAt: number | undefined;
  return {
    /** Takes one token at `now` (epoch ms). False: the caller answers 429. */
    take(now: number): boolean {
      const elapsedMs = filledAt === undefined ? 0 : Math.max(0, now - filledAt);
      tokens = Math.min(options.burst, tokens + (elapsedMs / 1000) * options.ratePerSecond);
      filledAt = Math.max(now, filledAt ?? now);
      if (tokens < 1 - 1e-9) return false;
      tokens -= 1;
      return true;
    },
  };
}

/** A quota of `limit` calls in a fixed window of the marketplace's day, as eBay and Shopee count theirs. */
export function createFixedWindow(options: { limit: number; windowMs: number; startsAtMs: number }) {
  let window = Number.NaN;
  let used = 0;
  return {
    take(now: number): boolean {
      const current = Math.floor((now - options.startsAtMs) / options.windowMs);
      if (current !== window) {
        window = current;
        used = 0;
      }
      if (used >= options.limit) return false;
      used += 1;
      return true;
    },
    used: () => used,
    resetsAt: () => options.startsAtMs + (window + 1) * options.windowMs,
  };
}
