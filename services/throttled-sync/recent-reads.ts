/** orders that are remembered; then all are forgotten, which costs a read each at worst */
const MAX_REMEMBERED = 10_000;

export type RecentReads = ReturnType<typeof createRecentReads>;

/**
 * What this process reads for hints right now, and when it has read what: an order that is read again and has not changed
 * leaves no trace in the store. Orders by `<connection>/<order>`; times in epoch ms.
 */
export function createRecentReads() {
  const underWay = new Set<string>();
  const readAt = new Map<string, number>();
  return {
    isUnderWay: (order: string): boolean => underWay.has(order),
    begin: (orders: readonly string[]): void => orders.forEach((order) => void underWay.add(order)),
    end: (orders: readonly string[]): void => orders.forEach((order) => void underWay.delete(order)),
    /** It has been read and stored as it was at that time. */
    remember(order: string, at: number): void {
      if (readAt.size >= MAX_REMEMBERED) readAt.clear();
      readAt.set(order, at);
    },
    readAt: (order: string): number => readAt.get(order) ?? 0,
  };
}
