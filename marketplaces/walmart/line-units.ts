import type { Order } from '#events/order.ts';
import type { WalmartLine } from './order-shape.ts';

const KNOWN = ['Created', 'Acknowledged', 'Shipped', 'Delivered', 'Cancelled', 'Refund'];

/** How many units of a line are in which state. */
export type Units = {
  ordered: number;
  /** to be acknowledged before they may ship */
  created: number;
  acknowledged: number;
  shipped: number;
  delivered: number;
  cancelled: number;
  /** paid back after they were sent */
  refunded: number;
  /** in a state that Walmart has named since, or in none */
  unknown: number;
};

/**
 * `Refund` is told of money: Walmart also pays back a part of what is still to be shipped, and says so besides the
 * state of the same units (GeekSeller, "Discounts on Orders shown as Refunds"). So only units that are in no other
 * state count as refunded, the nearest that an order comes to telling of a return.
 */
export function unitsOf(line: WalmartLine): Units {
  const count = (...statuses: string[]): number =>
    line.orderLineStatuses.orderLineStatus
      .filter(({ status }) => statuses.includes(status))
      .reduce((total, { statusQuantity }) => total + statusQuantity.amount, 0);
  const ordered = line.orderLineQuantity.amount;
  const created = count('Created');
  const acknowledged = count('Acknowledged');
  const shipped = count('Shipped');
  const delivered = count('Delivered');
  const cancelled = count('Cancelled');
  const rest = Math.max(0, ordered - created - acknowledged - shipped - delivered - cancelled);
  const isUnderstood = line.orderLineStatuses.orderLineStatus.every(({ status }) => KNOWN.includes(status));
  const refunded = isUnderstood ? Math.min(rest, count('Refund')) : 0;
  return { ordered, created, acknowledged, shipped, delivered, cancelled, refunded, unknown: rest - refunded };
}

/** A purchase order has no status of its own; this is what its lines come to. */
export function statusOf(lines: readonly Units[]): Order['status'] {
  const all = (state: keyof Units): number => lines.reduce((total, units) => total + units[state], 0);
  // A state that is new to Sluice must not make anyone ship.
  if (all('ordered') === 0 || all('unknown') > 0) return 'pending';
  const left = all('ordered') - all('cancelled');
  if (left <= 0) return 'cancelled';
  const refunded = all('refunded');
  const isSent = all('shipped') + all('delivered') + refunded > 0;
  if (all('created') + all('acknowledged') > 0) return isSent ? 'partially-shipped' : 'unshipped';
  if (refunded === left) return 'returned';
  return all('shipped') > 0 ? 'shipped' : 'delivered';
}
