import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';

/** Where a shipment is. Both words are Mercado Libre's. */
export type ShipmentState = { status: string; substatus: string | null };

const STATUSES: Record<BookOrder['status'], string> = {
  placed: 'pending',
  shipped: 'shipped',
  delivered: 'delivered',
  cancelled: 'cancelled',
};

/** Mercado Libre knows the carrier of a seller's own shipment by no better name. */
const CARRIER = 'Otros';

/** What a seller may tell of a shipment, and with which substatus [Mercado Libre developer guide, ME1 order states]. */
const SUBSTATUSES: Record<string, readonly (string | null)[]> = {
  shipped: [
    null,
    'out_for_delivery',
    'soon_deliver',
    'at_the_door',
    'receiver_absent',
    'bad_address',
    'dangerous_area',
    'unauthorized_receiver',
    'impassable_zone',
    'not_visited',
    'documentation_issue',
    'taxes_issue',
    'fiscalization_issue',
  ],
  delivered: [null],
  not_delivered: ['refused_delivery', 'returned'],
};

export type Shipments = ReturnType<typeof createShipments>;

/** How far each order's one shipment is. The books know no failed delivery and no steps on the way. */
export function createShipments(
  deps: { now(): number },
  books: Books,
  /** told of changes that the books don't announce */
  onChange: (order: BookOrder) => void,
) {
  /** what a seller told last, while the books say `shipped` */
  const told = new Map<string, ShipmentState>();

  const stateOf = (order: BookOrder): ShipmentState =>
    (order.status === 'shipped' ? told.get(order.orderId) : undefined) ?? {
      status: STATUSES[order.status],
      substatus: null,
    };

  function touch(order: BookOrder): void {
    order.updatedAt = Math.max(deps.now(), order.updatedAt);
    onChange(order);
  }

  return {
    stateOf,
    /** A seller tells how far the shipment is. False: this can't come after what was told before. */
    tell(order: BookOrder, { status, substatus }: ShipmentState, trackingNumber: string | undefined): boolean {
      if (!SUBSTATUSES[status]?.includes(substatus)) return false;
      const before = stateOf(order).status;
      if (before === 'pending') {
        if (status !== 'shipped') return false;
        // A step on the way before the shipment itself is taken and changes nothing.
        if (substatus === null) books.ship(order.orderId, { carrier: CARRIER, trackingNumber: trackingNumber ?? '' });
        return true;
      }
      if (before !== 'shipped') return false; // delivered, not_delivered and cancelled are final
      const sent = order.shipment!;
      const isRepeated =
        status === before &&
        substatus === stateOf(order).substatus &&
        (trackingNumber ?? sent.trackingNumber) === sent.trackingNumber;
      if (isRepeated) return true;
      if (trackingNumber !== undefined) sent.trackingNumber = trackingNumber;
      if (status === 'delivered') {
        books.deliver(order.orderId);
        return true;
      }
      told.set(order.orderId, { status, substatus });
      touch(order);
      return true;
    },
  };
}
