/**
 * A simulated marketplace's own books: what was really ordered, in no marketplace's shape. Each sandbox renders them in
 * its marketplace's shape, and the demo compares them, field by field, with what Sluice stored.
 */
export type BookLine = { lineId: string; sku: string; title: string; quantity: number; unitPrice: string };

export type BookBuyer = {
  name: string;
  email: string;
  phone: string;
  street: string;
  city: string;
  postalCode: string;
  countryCode: string;
};

export type BookStatus = 'placed' | 'shipped' | 'delivered' | 'cancelled';

export type BookOrder = {
  orderId: string;
  sellerId: string;
  status: BookStatus;
  currency: string;
  lines: BookLine[];
  buyer: BookBuyer;
  /** epoch ms */
  placedAt: number;
  /** epoch ms of the last change, in the marketplace's own resolution */
  updatedAt: number;
  shipment: { packageId: string; carrier: string; trackingNumber: string; shippedAt: number } | null;
};

/** What a seller offers, with the marketplace's ids of it. */
export type BookListing = { sku: string; reference: Record<string, string>; quantity: number };

export type OrderDraft = { currency: string; lines: Omit<BookLine, 'lineId'>[]; buyer: BookBuyer };

export type BookChange = 'placed' | 'shipped' | 'delivered' | 'cancelled';

export type Books = ReturnType<typeof createBooks>;

/**
 * @param options.resolutionMs the marketplace's resolution of times (Shopee counts seconds)
 * @param options.newOrderId, newLineId, newReference make ids in the marketplace's form from a running number, 1 upwards
 */
export function createBooks(options: {
  now: () => number;
  resolutionMs: number;
  newOrderId: (sequence: number) => string;
  newLineId: (sequence: number) => string;
  /** the marketplace's ids of a listing, under the names that the connector's `inventory.references` uses */
  newReference?: (sequence: number, sku: string) => Record<string, string>;
}) {
  const orders = new Map<string, BookOrder>();
  const listings = new Map<string, BookListing>();
  const listeners: ((order: BookOrder, change: BookChange) => void)[] = [];
  let orderSequence = 0;
  let lineSequence = 0;

  const clock = (): number => Math.floor(options.now() / options.resolutionMs) * options.resolutionMs;

  function announce(order: BookOrder, change: BookChange): BookOrder {
    for (const listener of listeners) listener(order, change);
    return order;
  }

  function change(orderId: string, from: BookStatus[], status: 'shipped' | 'delivered' | 'cancelled'): BookOrder {
    const order = orders.get(orderId);
    if (!order) throw new Error(`no order ${orderId} in the books`);
    if (!from.includes(order.status)) throw new Error(`order ${orderId} is ${order.status}, it can't become ${status}`);
    order.status = status;
    order.updatedAt = Math.max(clock(), order.updatedAt);
    return order;
  }

  function listing(sellerId: string, sku: string): BookListing {
    const key = `${sellerId}/${sku}`;
    let found = listings.get(key);
    if (!found) {
      found = { sku, reference: options.newReference?.(listings.size + 1, sku) ?? {}, quantity: 0 };
      listings.set(key, found);
    }
    return found;
  }

  return {
    orders,
    /** What the sellers offer, by `<sellerId>/<sku>`. */
    listings,
    /** A seller's listing of a SKU; it is offered from now on if it was not. */
    listing,
    setStock(sellerId: string, sku: string, quantity: number): void {
      listing(sellerId, sku).quantity = quantity;
    },
    /** Called after every change, in the order of registration. */
    onChange(listener: (order: BookOrder, change: BookChange) => void): void {
      listeners.push(listener);
    },
    /** A buyer orders and pays. */
    place(sellerId: string, draft: OrderDraft): BookOrder {
      if (draft.lines.length === 0) throw new Error('an order needs a line');
      const now = clock();
      const order: BookOrder = {
        orderId: options.newOrderId(++orderSequence),
        sellerId,
        status: 'placed',
        currency: draft.currency,
        lines: draft.lines.map((line) => ({ lineId: options.newLineId(++lineSequence), ...line })),
        buyer: draft.buyer,
        placedAt: now,
        updatedAt: now,
        shipment: null,
      };
      orders.set(order.orderId, order);
      return announce(order, 'placed');
    },
    ship(orderId: string, shipment: { carrier: string; trackingNumber: string }): BookOrder {
      const order = change(orderId, ['placed'], 'shipped');
      order.shipment = { packageId: '1', ...shipment, shippedAt: order.updatedAt };
      return announce(order, 'shipped');
    },
    deliver(orderId: string): BookOrder {
      return announce(change(orderId, ['shipped'], 'delivered'), 'delivered');
    },
    cancel(orderId: string): BookOrder {
      return announce(change(orderId, ['placed'], 'cancelled'), 'cancelled');
    },
    /** A seller's orders changed in [from, to], oldest change first, ties by id. */
    changedBetween(sellerId: string, from: number, to: number): BookOrder[] {
      return [...orders.values()]
        .filter((order) => order.sellerId === sellerId && order.updatedAt >= from && order.updatedAt <= to)
        .sort((a, b) => a.updatedAt - b.updatedAt || (a.orderId < b.orderId ? -1 : 1));
    },
  };
}

/** Sum of quantity × unit price as a decimal string with two decimals, computed without floats. */
export function bookTotal(lines: readonly BookLine[]): string {
  const cents = lines.reduce((sum, line) => sum + BigInt(line.quantity) * toCents(line.unitPrice), 0n);
  const text = cents.toString().padStart(3, '0');
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}

function toCents(price: string): bigint {
  const [whole = '0', fraction = ''] = price.split('.');
  return BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0').slice(0, 2));
}
