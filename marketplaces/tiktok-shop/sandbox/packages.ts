import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import { packageIdOf, unitIdsOf } from './order-ids.ts';
import type { Shop } from './registration.ts';

export type Tracking = { carrier: string; trackingNumber: string };

export type Package = {
  packageId: string;
  /** undefined until it is shipped */
  shipped: (Tracking & { shippedAt: number }) | undefined;
};

/** A package that holds a part of an order, which the books can't hold. */
type Part = { package: Package; unitIds: ReadonlySet<string> };

export type Packages = ReturnType<typeof createPackages>;

/** The packages of every order. An order whose every unit is shipped is shipped in the books. */
export function createPackages(
  deps: { now(): number; resolutionMs: number },
  books: Books,
  parts: {
    shops: ReadonlyMap<string, Shop>;
    /** told of changes that the books don't announce */
    onChange: (order: BookOrder) => void;
    onSplit: (order: BookOrder, packageId: string) => void;
  },
) {
  const partsByOrder = new Map<string, Part[]>();
  /** packages whose tracking number was corrected */
  const corrected = new Set<string>();

  const partsOf = (order: BookOrder): readonly Part[] => partsByOrder.get(order.orderId) ?? [];

  /** Units that no part holds. */
  function restUnitIds(order: BookOrder): string[] {
    const held = partsOf(order);
    return order.lines.flatMap(unitIdsOf).filter((unitId) => !held.some(({ unitIds }) => unitIds.has(unitId)));
  }

  /** The package of the units that no part holds, once there is one. */
  function restPackage(order: BookOrder): Package | undefined {
    const packageId = packageIdOf(order.orderId, partsOf(order).length + 1);
    if (order.shipment) return { packageId, shipped: order.shipment };
    return parts.shops.get(order.sellerId)?.region === 'SG' ? { packageId, shipped: undefined } : undefined;
  }

  function touch(order: BookOrder): void {
    const now = Math.floor(deps.now() / deps.resolutionMs) * deps.resolutionMs;
    order.updatedAt = Math.max(now, order.updatedAt);
    parts.onChange(order);
  }

  return {
    restUnitIds,
    isSplit: (order: BookOrder): boolean => partsOf(order).length > 0,
    /** The package of a unit, for one order's units after another. */
    finder(order: BookOrder): (unitId: string) => Package | undefined {
      const held = partsOf(order);
      const rest = restPackage(order);
      return (unitId) => held.find(({ unitIds }) => unitIds.has(unitId))?.package ?? rest;
    },
    of(order: BookOrder): Package[] {
      const held = partsOf(order);
      const rest = held.length === 0 || restUnitIds(order).length > 0 ? restPackage(order) : undefined;
      return [...held.map((part) => part.package), ...(rest ? [rest] : [])];
    },
    /** Ships some of the units that are left, in a package of their own. The package's id. */
    ship(order: BookOrder, unitIds: readonly string[], tracking: Tracking): string {
      const held = partsOf(order);
      const isLast = unitIds.length === restUnitIds(order).length;
      const packageId = packageIdOf(order.orderId, held.length + 1);
      if (isLast && held.length === 0) {
        books.ship(order.orderId, tracking);
        return packageId;
      }
      const shippedAt = Math.floor(deps.now() / deps.resolutionMs) * deps.resolutionMs;
      const part: Part = { package: { packageId, shipped: { ...tracking, shippedAt } }, unitIds: new Set(unitIds) };
      partsByOrder.set(order.orderId, [...held, part]);
      if (isLast) books.ship(order.orderId, held[0]?.package.shipped ?? tracking);
      else touch(order);
      parts.onSplit(order, packageId);
      return packageId;
    },
    /** Corrects the tracking number of a shipped package. False: that was done before, and once is all. */
    correct(order: BookOrder, { packageId, shipped }: Package, tracking: Tracking): boolean {
      if (!shipped || corrected.has(packageId)) return false;
      corrected.add(packageId);
      Object.assign(shipped, tracking);
      // Of several parts the books tell the first, as `ship` does.
      const isToldInBooks = shipped === partsOf(order)[0]?.package.shipped && restUnitIds(order).length === 0;
      if (isToldInBooks && order.shipment) Object.assign(order.shipment, tracking);
      touch(order);
      return true;
    },
  };
}
