import type { Buyer, Order } from '#events/order.ts';
import { type BookOrder, bookTotal } from '#marketplaces/sandbox-kit/books.ts';

/** What a marketplace's API does not tell, and so can't be compared. */
const NOT_TOLD: Record<string, readonly string[]> = {
  amazon: [],
  // eBay's order names neither the carrier nor that the parcel has arrived.
  ebay: ['carrier', 'delivered'],
  // Shopee's order detail holds no tracking number and no email address.
  shopee: ['trackingNumber', 'email'],
  lazada: ['email'],
  mercadolibre: ['email', 'carrier'],
};

const STATUS: Record<BookOrder['status'], Order['status']> = {
  placed: 'unshipped',
  shipped: 'shipped',
  delivered: 'delivered',
  cancelled: 'cancelled',
};

/** Decimals are compared by value: marketplaces write 4100.30 as 4100.3. */
const decimal = (text: string | null): string | null =>
  text?.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;

/** The names of the fields in which what Sluice has differs from the marketplace's own books. */
export function differences(book: BookOrder, order: Order, buyer?: Buyer): string[] {
  const untold = NOT_TOLD[order.marketplace] ?? [];
  const found: string[] = [];
  const expect = (field: string, actual: unknown, expected: unknown): void => {
    if (!untold.includes(field) && actual !== expected) found.push(field);
  };
  const status = book.status === 'delivered' && untold.includes('delivered') ? 'shipped' : STATUS[book.status];
  expect('orderId', order.orderId, book.orderId);
  expect('status', order.status, status);
  expect('currency', order.currency, book.currency);
  expect('total', decimal(order.total), decimal(bookTotal(book.lines)));
  expect('placedAt', order.placedAt, new Date(book.placedAt).toISOString());
  expect('updatedAt', order.updatedAt, new Date(book.updatedAt).toISOString());
  expect('lines', order.lines.length, book.lines.length);
  const linesById = new Map(order.lines.map((line) => [line.lineId, line]));
  for (const expected of book.lines) {
    const line = linesById.get(expected.lineId);
    expect('sku', line?.sku, expected.sku);
    expect('title', line?.title, expected.title);
    expect('quantity', line?.quantity, expected.quantity);
    expect('unitPrice', decimal(line?.unitPrice ?? null), decimal(expected.unitPrice));
  }
  if (book.shipment) {
    expect('packages', order.packages.length, 1);
    expect('carrier', order.packages[0]?.carrier, book.shipment.carrier);
    expect('trackingNumber', order.packages[0]?.trackingNumber, book.shipment.trackingNumber);
  }
  if (buyer) {
    expect('name', buyer.name, book.buyer.name);
    expect('email', buyer.email, book.buyer.email);
    expect('postalCode', buyer.postalCode, book.buyer.postalCode);
  }
  return found;
}
