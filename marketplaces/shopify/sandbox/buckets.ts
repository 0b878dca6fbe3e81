/** what a full bucket may be short of through rounding */
const ROUNDING = 1e-6;

export type Buckets = ReturnType<typeof createBuckets>;

/** Leaky buckets by shop, all of one size, that are told by the answers how full they are. */
export function createBuckets(now: () => number, { size, perSecond }: { size: number; perSecond: number }) {
  const buckets = new Map<string, { available: number; at: number }>();

  function refill(shopId: string): { available: number; at: number } {
    const at = now();
    const bucket = buckets.get(shopId) ?? { available: size, at };
    buckets.set(shopId, bucket);
    bucket.available = Math.min(size, bucket.available + (Math.max(0, at - bucket.at) / 1000) * perSecond);
    bucket.at = Math.max(at, bucket.at);
    return bucket;
  }

  return {
    size,
    perSecond,
    available: (shopId: string): number => Math.floor(refill(shopId).available + ROUNDING),
    /** False: there is not as much in it, and nothing is taken. */
    take(shopId: string, amount: number): boolean {
      const bucket = refill(shopId);
      if (bucket.available + ROUNDING < amount) return false;
      bucket.available -= amount;
      return true;
    },
    giveBack(shopId: string, amount: number): void {
      const bucket = refill(shopId);
      bucket.available = Math.min(size, bucket.available + amount);
    },
  };
}
