import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { idOf } from './ids.ts';

/** how long after the arrangement Shopee issues the tracking number, ms: this sandbox's choice */
const TRACKING_NUMBER_AFTER_MS = 60_000;
/** how long after the arrangement the courier has the package, ms: this sandbox's choice */
const PICKED_UP_AFTER_MS = 2 * 3_600_000;
/** whose number a package of an integrated channel carries */
const COURIER = 'SPX Express';

export type Arrangements = ReturnType<typeof createArrangements>;

/**
 * Packages of Shopee's own channels whose shipment the seller has arranged: PROCESSED, with a tracking number after a
 * while, until the courier has them and the books say shipped.
 */
export function createArrangements(
  deps: Pick<SandboxDeps, 'sleep'>,
  parts: {
    /** the marketplace's clock in its own resolution, epoch ms */
    now: () => number;
    books: Books;
    /** told of a change that the books don't announce */
    onArranged: (order: BookOrder) => void;
    onTrackingNumber: (order: BookOrder, trackingNumber: string) => void;
  },
) {
  /** order ids, with the tracking number once there is one */
  const arranged = new Map<string, string>();

  async function goOn(order: BookOrder, told: string): Promise<void> {
    await deps.sleep(TRACKING_NUMBER_AFTER_MS);
    const trackingNumber = told || `SPXSG${String(idOf(order.orderId)).padStart(13, '0')}`;
    arranged.set(order.orderId, trackingNumber);
    if (order.status === 'placed') parts.onTrackingNumber(order, trackingNumber);
    await deps.sleep(PICKED_UP_AFTER_MS - TRACKING_NUMBER_AFTER_MS);
    if (order.status === 'placed') parts.books.ship(order.orderId, { carrier: COURIER, trackingNumber });
  }

  return {
    /** Arranged, and not yet on its way. */
    isProcessed: (order: BookOrder): boolean => order.status === 'placed' && arranged.has(order.orderId),
    /** undefined or empty: none yet */
    trackingNumber: (order: BookOrder): string | undefined => arranged.get(order.orderId),
    /** @param trackingNumber where the seller has one; else Shopee issues it */
    arrange(order: BookOrder, trackingNumber = ''): void {
      arranged.set(order.orderId, trackingNumber);
      order.updatedAt = Math.max(parts.now(), order.updatedAt);
      parts.onArranged(order);
      void goOn(order, trackingNumber);
    },
  };
}
