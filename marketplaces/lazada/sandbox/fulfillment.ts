import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import { unitsOf } from './units.ts';

/** Lazada's own carrier in Singapore: it picks the carrier and the tracking number itself. */
const CARRIER = 'LEX SG';
/** tracking numbers count upwards from here */
const FIRST_TRACKING_NUMBER = 1_000_000_000;
const RESOLUTION_MS = 1000;

export type Package = {
  packageId: string;
  order: BookOrder;
  itemIds: number[];
  shipmentProvider: string;
  trackingNumber: string;
  state: 'packed' | 'ready_to_ship' | 'recreated';
};

export type Fulfillment = ReturnType<typeof createFulfillment>;

/**
 * How far each order item is on its way to the carrier, which the books don't know. An order whose every item is ready
 * to ship is shipped in the books at once: the simulated carrier is always at the door.
 */
export function createFulfillment(
  deps: { now(): number },
  books: Books,
  /** told of changes that the books don't announce */
  onProgress: (parcel: Package) => void,
) {
  const packages = new Map<string, Package>();
  const packageByItem = new Map<number, Package>();
  const repacked = new Set<number>();
  /** orders of which every item went through the seller's API */
  const whole = new Set<BookOrder>();

  function progress(parcel: Package, state: Package['state']): void {
    parcel.state = state;
    const now = Math.floor(deps.now() / RESOLUTION_MS) * RESOLUTION_MS;
    parcel.order.updatedAt = Math.max(now, parcel.order.updatedAt);
    onProgress(parcel);
  }

  return {
    packages: packages as ReadonlyMap<string, Package>,

    /** The status of an order item, in Lazada's words. */
    statusOf(order: BookOrder, itemId: number): string {
      if (order.status === 'cancelled') return 'canceled';
      if (order.status !== 'placed') return order.status;
      return packageByItem.get(itemId)?.state ?? (repacked.has(itemId) ? 'repacked' : 'pending');
    },

    /** The package of an order item; undefined: it has none yet. */
    packageOf(
      order: BookOrder,
      itemId: number,
    ): Pick<Package, 'packageId' | 'shipmentProvider' | 'trackingNumber'> | undefined {
      if (!order.shipment || whole.has(order)) return packageByItem.get(itemId);
      const { carrier, trackingNumber } = order.shipment; // shipped in the books, past the seller's API
      return { packageId: `FP${order.orderId}`, shipmentProvider: carrier, trackingNumber };
    },

    pack(order: BookOrder, itemIds: number[]): Package {
      const number = packages.size + 1;
      const parcel: Package = {
        packageId: `FP${order.orderId}${number}`,
        order,
        itemIds,
        shipmentProvider: CARRIER,
        trackingNumber: `LEXSG${FIRST_TRACKING_NUMBER + number}`,
        state: 'packed',
      };
      packages.set(parcel.packageId, parcel);
      for (const itemId of itemIds) packageByItem.set(itemId, parcel);
      progress(parcel, 'packed');
      return parcel;
    },

    readyToShip(parcel: Package): void {
      progress(parcel, 'ready_to_ship');
      const { order } = parcel;
      const parcels = unitsOf(order).map(({ itemId }) => packageByItem.get(itemId));
      if (parcels.some((one) => one?.state !== 'ready_to_ship')) return;
      whole.add(order);
      const { shipmentProvider, trackingNumber } = parcels[0]!;
      books.ship(order.orderId, { carrier: shipmentProvider, trackingNumber });
    },

    /** The items may be packed anew; the package is no more. */
    recreate(parcel: Package): void {
      for (const itemId of parcel.itemIds) {
        packageByItem.delete(itemId);
        repacked.add(itemId);
      }
      progress(parcel, 'recreated');
    },
  };
}
