import type { BookLine, BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';

/** One package. Carrier and tracking number are both there or both empty. */
export type Package = {
  carrier: string;
  trackingNumber: string;
  /** epoch ms, as the seller tells it */
  shippedAt: number;
  lines: { lineId: string; quantity: number }[];
};

export type Fulfillments = ReturnType<typeof createFulfillments>;

/** The packages of orders, which may hold parts of them. An order whose every unit is shipped is shipped in the books. */
export function createFulfillments(deps: Pick<SandboxDeps, 'now'>, books: Books) {
  /** packages that sellers told of through the API */
  const told = new Map<string, Package[]>();

  const toldOf = (order: BookOrder): readonly Package[] => told.get(order.orderId) ?? [];

  function openQuantity(order: BookOrder, line: BookLine): number {
    const shipped = toldOf(order).flatMap(({ lines }) => lines.filter(({ lineId }) => lineId === line.lineId));
    return shipped.reduce((open, { quantity }) => open - quantity, line.quantity);
  }

  return {
    /** Units of a line that no package told of holds. */
    openQuantity,
    of(order: BookOrder): readonly Package[] {
      if (!order.shipment) return toldOf(order);
      const rest = order.lines
        .map((line) => ({ lineId: line.lineId, quantity: openQuantity(order, line) }))
        .filter(({ quantity }) => quantity > 0);
      return rest.length === 0 ? toldOf(order) : [...toldOf(order), { ...order.shipment, lines: rest }];
    },
    add(order: BookOrder, parcel: Package): void {
      told.set(order.orderId, [...toldOf(order), parcel]);
      if (order.lines.some((line) => openQuantity(order, line) > 0)) {
        order.updatedAt = Math.max(deps.now(), order.updatedAt);
        return;
      }
      // Of several packages the books tell the first.
      const { carrier, trackingNumber } = toldOf(order)[0]!;
      books.ship(order.orderId, { carrier, trackingNumber });
    },
  };
}

/** The tracking number where there is one, else a number [eBay Fulfillment API, createShippingFulfillment] */
export function fulfillmentId(parcel: Package, index: number): string {
  return parcel.trackingNumber || String(9 + index);
}

/** A package as getShippingFulfillment answers it. Its tracking number has another name here than when it is sent. */
export function renderFulfillment(parcel: Package, index: number) {
  const { carrier, trackingNumber, shippedAt, lines } = parcel;
  return {
    fulfillmentId: fulfillmentId(parcel, index),
    ...(trackingNumber ? { shipmentTrackingNumber: trackingNumber, shippingCarrierCode: carrier } : {}),
    shippedDate: new Date(shippedAt).toISOString(),
    lineItems: lines.map(({ lineId, quantity }) => ({ lineItemId: lineId, quantity })),
  };
}
