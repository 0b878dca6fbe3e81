import type { BookLine, BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';

export type Tracking = {
  shipDateTime: number;
  carrierName: { carrier: string } | { otherCarrier: string };
  methodCode: string;
  trackingNumber: string;
  trackingURL?: string | undefined;
};

type Shipped = { lineNumber: string; quantity: number; sellerOrderId: string; tracking: Tracking };
type Cancelled = { lineNumber: string; quantity: number; reason: string };

/** What a seller has told of an order that the books, which know only whole orders, can't hold. */
type Progress = { acknowledged: boolean; shipped: Shipped[]; cancelled: Cancelled[] };

const NONE: Progress = { acknowledged: false, shipped: [], cancelled: [] };

export type Fulfillment = ReturnType<typeof createFulfillment>;

/** How far each line of each order is. An order whose every unit is settled is shipped or cancelled in the books. */
export function createFulfillment(
  deps: { now(): number },
  books: Books,
  /** told of changes that the books don't announce */
  onChange: (order: BookOrder) => void,
) {
  const byOrder = new Map<string, Progress>();

  const progressOf = (order: BookOrder): Readonly<Progress> => byOrder.get(order.orderId) ?? NONE;

  function change(order: BookOrder, more: Partial<Progress>): void {
    byOrder.set(order.orderId, { ...progressOf(order), ...more });
    const { shipped, cancelled } = progressOf(order);
    const first = shipped[0];
    if (order.lines.some((line) => openQuantity(order, line) > 0)) {
      order.updatedAt = Math.max(deps.now(), order.updatedAt);
      onChange(order);
    } else if (first) {
      const { carrierName, trackingNumber } = first.tracking;
      const carrier = 'carrier' in carrierName ? carrierName.carrier : carrierName.otherCarrier;
      books.ship(order.orderId, { carrier, trackingNumber });
    } else if (cancelled.length > 0) {
      books.cancel(order.orderId);
    }
  }

  /** Units of a line that are neither shipped nor cancelled by the seller. */
  function openQuantity(order: BookOrder, line: BookLine): number {
    const { shipped, cancelled } = progressOf(order);
    return [...shipped, ...cancelled].reduce(
      (open, part) => (part.lineNumber === line.lineId ? open - part.quantity : open),
      line.quantity,
    );
  }

  return {
    progressOf,
    openQuantity,
    acknowledge(order: BookOrder): void {
      if (!progressOf(order).acknowledged) change(order, { acknowledged: true });
    },
    ship(order: BookOrder, parts: Shipped[]): void {
      change(order, { shipped: [...progressOf(order).shipped, ...parts] });
    },
    cancel(order: BookOrder, parts: Cancelled[]): void {
      change(order, { cancelled: [...progressOf(order).cancelled, ...parts] });
    },
  };
}
