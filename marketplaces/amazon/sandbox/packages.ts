import type { BookLine, BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';

/** One parcel of an order, under the number that the seller gave it. */
export type Package = {
  packageReferenceId: string;
  carrier: string;
  shippingService: string;
  trackingNumber: string;
  /** epoch ms */
  shippedAt: number;
  /** epoch ms */
  createdAt: number;
  items: readonly { lineId: string; quantity: number }[];
};

export type Packages = ReturnType<typeof createPackages>;

/**
 * The parcels of every order, which the books can't hold. An order whose every unit is in one is shipped in the books.
 * @param onPartialChange told of changes that the books don't announce
 */
export function createPackages(deps: { now(): number }, books: Books, onPartialChange: (order: BookOrder) => void) {
  const confirmed = new Map<string, readonly Package[]>();

  function of(order: BookOrder): readonly Package[] {
    const told = confirmed.get(order.orderId) ?? [];
    const { shipment } = order;
    if (!shipment) return told;
    const items = order.lines
      .map(({ lineId, quantity }) => ({ lineId, quantity: quantity - unitsIn(told, lineId) }))
      .filter(({ quantity }) => quantity > 0);
    if (items.length === 0) return told;
    const { packageId, ...rest } = shipment;
    const packageReferenceId = told.length === 0 ? packageId : String(told.length + 1);
    return [...told, { ...rest, packageReferenceId, shippingService: 'Standard', createdAt: rest.shippedAt, items }];
  }

  /** What the books know of an order's parcels is the first of them. */
  function tellBooks(order: BookOrder, { packageReferenceId, carrier, trackingNumber, shippedAt }: Package): void {
    if (order.status === 'placed') books.ship(order.orderId, { carrier, trackingNumber });
    else touch(order);
    order.shipment = { packageId: packageReferenceId, carrier, trackingNumber, shippedAt };
  }

  function touch(order: BookOrder): void {
    order.updatedAt = Math.max(deps.now(), order.updatedAt);
    onPartialChange(order);
  }

  return {
    of,
    isPartlyShipped: (order: BookOrder): boolean => order.status === 'placed' && confirmed.has(order.orderId),
    /** How many units of a line have been shipped, and how many still must be. */
    quantities(order: BookOrder, line: BookLine): { shipped: number; unshipped: number } {
      const shipped = order.shipment ? line.quantity : unitsIn(confirmed.get(order.orderId) ?? [], line.lineId);
      return { shipped, unshipped: order.status === 'placed' ? line.quantity - shipped : 0 };
    },
    /** Adds a parcel, or replaces the one of the same number. False: its units are not there to be shipped. */
    confirm(order: BookOrder, sent: Omit<Package, 'createdAt'>): boolean {
      if (order.status !== 'placed' && order.status !== 'shipped') return false;
      const before = of(order);
      const replaced = before.find(({ packageReferenceId }) => packageReferenceId === sent.packageReferenceId);
      const added: Package = { ...sent, createdAt: replaced?.createdAt ?? deps.now() };
      const after = replaced ? before.map((one) => (one === replaced ? added : one)) : [...before, added];
      const open = order.lines.map(({ lineId, quantity }) => quantity - unitsIn(after, lineId));
      const isWhole = open.every((units) => units === 0);
      if (open.some((units) => units < 0) || (order.status === 'shipped' && !isWhole)) return false;
      confirmed.set(order.orderId, after);
      if (isWhole) tellBooks(order, after[0]!);
      else touch(order);
      return true;
    },
  };
}

function unitsIn(packages: readonly Package[], lineId: string): number {
  return packages
    .flatMap(({ items }) => items)
    .reduce((sum, item) => (item.lineId === lineId ? sum + item.quantity : sum), 0);
}
