import { type BookLine, type BookOrder, type Books, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import type { Fulfillments } from './fulfillments.ts';
import { orderNumber } from './ids.ts';
import type { Item, Listings } from './listings.ts';

/** What orders are read from. */
export type OrderParts = { books: Books; fulfillments: Fulfillments; listings: Listings };

/** The order's name, which people know it by. */
export function orderName(order: BookOrder): string {
  return `#${orderNumber(order.orderId)}`;
}

/** Every buyer has paid; a cancelled order's money went back. */
export function financialStatus(order: BookOrder): 'PAID' | 'REFUNDED' {
  return order.status === 'cancelled' ? 'REFUNDED' : 'PAID';
}

export function fulfillmentStatus(
  order: BookOrder,
  { fulfillments }: OrderParts,
): 'FULFILLED' | 'PARTIALLY_FULFILLED' | 'UNFULFILLED' {
  if (order.status === 'shipped' || order.status === 'delivered') return 'FULFILLED';
  return fulfillments.of(order).length > 0 ? 'PARTIALLY_FULFILLED' : 'UNFULFILLED';
}

/** Of the order's one fulfillment order. A cancelled order's is closed, as nothing in it is left. */
export function fulfillmentOrderStatus(order: BookOrder, { fulfillments }: OrderParts): string {
  if (order.status !== 'placed') return 'CLOSED';
  return fulfillments.of(order).length > 0 ? 'IN_PROGRESS' : 'OPEN';
}

/** When an order was cancelled: the last change that a cancelled order has. */
export function cancelledAt(order: BookOrder): number | null {
  return order.status === 'cancelled' ? order.updatedAt : null;
}

/** How many units of a line are still part of the order. */
export function currentQuantity(order: BookOrder, line: BookLine): number {
  return order.status === 'cancelled' ? 0 : line.quantity;
}

export function itemOf(order: BookOrder, line: BookLine, { books, listings }: OrderParts): Item {
  return listings.ofSku(books, order.sellerId, line.sku)!;
}

/** A date as Shopify writes it: to the second, in UTC. */
export function isoTime(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/** The lines' total of an order; of one that was cancelled nothing is left. */
export function totals(order: BookOrder): { ordered: string; current: string; refunded: string } {
  const ordered = bookTotal(order.lines);
  return order.status === 'cancelled'
    ? { ordered, current: '0.00', refunded: ordered }
    : { ordered, current: ordered, refunded: '0.00' };
}

export function sumQuantity(lines: readonly { quantity: number }[]): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}
