import { z } from 'zod';
import type { TimeField } from './order-index.ts';

// All from Walmart's Marketplace API, Get all orders.
const DAY_MS = 86_400_000;
/** how far back orders can be read, ms: 180 days */
const HISTORY_MS = 180 * DAY_MS;
/** where the list starts if it is not told, ms before now: 7 days */
const DEFAULT_LOOK_BACK_MS = 7 * DAY_MS;
const DEFAULT_LIMIT = '100';
const MAX_LIMIT = 200;
/** most orders that the pages of one query hold together */
export const MAX_ORDERS = 10_000;

/** A day, or a time of day with a zone; Walmart's own cursors write milliseconds too. */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:?\d\d))?$/;
const time = z
  .string()
  .regex(TIME)
  .transform((text) => Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')))
  .refine((at) => !Number.isNaN(at));

const parameters = z.object({
  status: z.enum(['Created', 'Acknowledged', 'Shipped', 'Delivered', 'Cancelled']).optional(),
  createdStartDate: time.optional(),
  createdEndDate: time.optional(),
  lastModifiedStartDate: time.optional(),
  lastModifiedEndDate: time.optional(),
  fromExpectedShipDate: time.optional(),
  toExpectedShipDate: time.optional(),
  sku: z.string().optional(),
  customerOrderId: z.string().optional(),
  purchaseOrderId: z.string().optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .default(DEFAULT_LIMIT)
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_LIMIT)),
  productInfo: z.enum(['true', 'false']).default('false'),
  shipNodeType: z.enum(['SellerFulfilled', 'WFSFulfilled', '3PLFulfilled']).default('SellerFulfilled'),
  shippingProgramType: z.enum(['TWO_DAY', 'ONE_DAY']).optional(),
  orderType: z.enum(['REGULAR', 'REPLACEMENT', 'PREORDER']).optional(),
  // of cursors only
  hasMoreElements: z.literal('true').optional(),
  partnerId: z.string().optional(),
  poIndex: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .optional(),
});

type Range = { from: number; to: number };

export type OrderQuery = z.output<typeof parameters> & {
  created: Range;
  modified: Range;
  shipBy: Range;
  /** the index that holds the fewest orders to look at */
  listedBy: TimeField;
  offset: number;
  isCursor: boolean;
  /** the parameters as they came, for the cursor of the next page */
  given: Record<string, string>;
};

/** Reads the query string of a list of orders; `field` names a wrong parameter. */
export function readOrderQuery(
  search: string,
  options: { now: number; sellerId: string },
): { query: OrderQuery } | { field: string } {
  const given = Object.fromEntries(new URLSearchParams(search));
  const parsed = parameters.safeParse(given);
  if (!parsed.success) return { field: String(parsed.error.issues[0]?.path[0]) };
  const query = parsed.data;
  const isCursor = query.hasMoreElements !== undefined;
  if (isCursor && query.partnerId !== options.sellerId) return { field: 'partnerId' };
  const isModifiedGiven = query.lastModifiedStartDate !== undefined || query.lastModifiedEndDate !== undefined;
  const created = {
    from: Math.max(query.createdStartDate ?? options.now - DEFAULT_LOOK_BACK_MS, options.now - HISTORY_MS),
    to: query.createdEndDate ?? options.now,
  };
  return {
    query: {
      ...query,
      created,
      modified: { from: query.lastModifiedStartDate ?? 0, to: query.lastModifiedEndDate ?? Infinity },
      shipBy: { from: query.fromExpectedShipDate ?? 0, to: query.toExpectedShipDate ?? Infinity },
      listedBy: isModifiedGiven ? 'modified' : 'created',
      // A cursor must come back as it was written: one that was parsed and encoded anew starts at the first page.
      offset: isCursor && search === encode(given) ? (query.poIndex ?? 0) : 0,
      isCursor,
      given,
    },
  };
}

/** The cursor of the page that starts at `offset`: a whole query string; '' if there is no such page. */
export function nextCursor(query: OrderQuery, page: { total: number; offset: number; sellerId: string }): string {
  if (page.offset >= Math.min(page.total, MAX_ORDERS)) return '';
  return encode({
    ...query.given,
    limit: String(query.limit),
    hasMoreElements: 'true',
    soIndex: String(page.total),
    poIndex: String(page.offset),
    partnerId: page.sellerId,
    sellerId: page.sellerId,
    // The end stays where the first page put it, so that later orders don't move the pages.
    createdStartDate: new Date(query.created.from).toISOString(),
    createdEndDate: new Date(query.created.to).toISOString(),
  });
}

/** A query string as Walmart's cursors write it: colons stand as they are. */
function encode(given: Record<string, string>): string {
  const pairs = Object.entries(given).map(
    ([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%3A', ':')}`,
  );
  return `?${pairs.join('&')}`;
}

export function isIn({ from, to }: Range, at: number): boolean {
  return at >= from && at <= to;
}
