import { z } from 'zod';
import { instant } from './envelope.ts';

/** Money is never a float: a decimal string as the marketplace wrote it, next to an ISO 4217 currency. */
export const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

export const ORDER_STATUSES = [
  'pending', // placed, not yet free to ship (unpaid, or under the marketplace's check)
  'unshipped',
  'partially-shipped',
  'shipped',
  'delivered',
  'cancelled',
  'returned',
] as const;

export const orderLine = z.object({
  lineId: z.string(),
  sku: z.string(),
  title: z.string(),
  quantity: z.int().min(0),
  /** price of one unit, before tax and shipping; null where the marketplace gives none */
  unitPrice: decimal.nullable(),
  /** how many of them were cancelled, and how many came back; absent where the marketplace does not tell */
  cancelledQuantity: z.int().min(0).optional(),
  returnedQuantity: z.int().min(0).optional(),
});

export const orderPackage = z.object({
  packageId: z.string(),
  carrier: z.string().nullable(),
  trackingNumber: z.string().nullable(),
  shippedAt: instant.nullable(),
});

/** One order in Sluice's own form, the same for every marketplace. It holds no personal data of the buyer. */
export const order = z.object({
  marketplace: z.string(),
  connectionId: z.string(),
  orderId: z.string(),
  status: z.enum(ORDER_STATUSES),
  marketplaceStatus: z.string(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** what the buyer pays; null where the marketplace does not say yet */
  total: decimal.nullable(),
  placedAt: instant,
  updatedAt: instant,
  lines: z.array(orderLine),
  packages: z.array(orderPackage),
});

export type Order = z.infer<typeof order>;
export type OrderLine = z.infer<typeof orderLine>;
export type OrderPackage = z.infer<typeof orderPackage>;

/** A buyer's personal data: kept apart from the order, encrypted, with an end date; never in an event. */
export type Buyer = {
  name: string | null;
  email: string | null;
  phone: string | null;
  addressLines: string[];
  city: string | null;
  region: string | null;
  postalCode: string | null;
  countryCode: string | null;
};

export const exampleOrder: Order = {
  marketplace: 'ebay',
  connectionId: 'ebay-1',
  orderId: '01-03955-36441',
  status: 'unshipped',
  marketplaceStatus: 'NOT_STARTED',
  currency: 'GBP',
  total: '15.30',
  placedAt: '2026-11-24T05:59:00.000Z',
  updatedAt: '2026-11-24T05:59:30.000Z',
  lines: [
    { lineId: '100', sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 6, unitPrice: '2.55' },
  ],
  packages: [],
};
