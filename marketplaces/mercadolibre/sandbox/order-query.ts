import { z } from 'zod';
import type { Range } from './order-index.ts';

/** most orders on a page and the default [Mercado Libre developer guide, orders/search] */
const MAX_LIMIT = 50;
/** how deep a search can be paged; Mercado Libre says to narrow the dates and gives no number: this sandbox's choice */
const MAX_DEPTH = 10_000;

/** ISO 8601 with a zone. A `+` that was not encoded arrives as a space and is refused. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:?\d\d)$/;
const time = z
  .string()
  .regex(TIME)
  .transform((text) => Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')))
  .refine((at) => !Number.isNaN(at))
  .optional();

const whole = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

const parameters = z.object({
  seller: z.string().optional(),
  q: z.string().optional(),
  tags: z.string().optional(),
  'order.status': z.string().optional(),
  'shipping.status': z.string().optional(),
  'order.date_created.from': time,
  'order.date_created.to': time,
  'order.date_last_updated.from': time,
  'order.date_last_updated.to': time,
  sort: z.enum(['date_asc', 'date_desc']).default('date_asc'),
  offset: whole.default(0),
  limit: whole.pipe(z.int().max(MAX_LIMIT)).default(MAX_LIMIT),
});

export type OrderQuery = {
  seller: string | undefined;
  /** an order's id */
  q: string | undefined;
  tags: readonly string[];
  statuses: readonly string[] | undefined;
  shippingStatus: string | undefined;
  created: Range;
  /** undefined: the search does not ask for it */
  updated: Range | undefined;
  sort: 'date_asc' | 'date_desc';
  offset: number;
  limit: number;
};

/** Reads the parameters of orders/search; `wrong` names the one that can't be right. */
export function readOrderQuery(query: Record<string, string>): OrderQuery | { wrong: string } {
  const parsed = parameters.safeParse(query);
  if (!parsed.success) return { wrong: String(parsed.error.issues[0]?.path[0]) };
  const given = parsed.data;
  if (given.offset + given.limit > MAX_DEPTH) return { wrong: 'offset' };
  const range = (from: number | undefined, to: number | undefined): Range => ({ from: from ?? 0, to: to ?? Infinity });
  const updatedFrom = given['order.date_last_updated.from'];
  const updatedTo = given['order.date_last_updated.to'];
  return {
    seller: given.seller,
    q: given.q,
    tags: given.tags?.split(',') ?? [],
    statuses: given['order.status']?.split(','),
    shippingStatus: given['shipping.status'],
    created: range(given['order.date_created.from'], given['order.date_created.to']),
    updated: updatedFrom === undefined && updatedTo === undefined ? undefined : range(updatedFrom, updatedTo),
    sort: given.sort,
    offset: given.offset,
    limit: given.limit,
  };
}
