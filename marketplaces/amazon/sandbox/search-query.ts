import { z } from 'zod';
import { InvalidInput } from './answers.ts';

/** searchOrders' parameters, SP-API model orders_2026-01-01 */

/** how far `*Before` must lie behind the request, ms: 2 min, same model */
const BEFORE_DELAY_MS = 2 * 60_000;
/** most marketplaces in one request, same model */
const MARKETPLACE_LIMIT = 50;
/** most orders on a page and the default, same model */
const PAGE_LIMIT = 100;

export const FULFILLMENT_STATUSES = [
  'PENDING_AVAILABILITY',
  'PENDING',
  'UNSHIPPED',
  'PARTIALLY_SHIPPED',
  'SHIPPED',
  'CANCELLED',
  'UNFULFILLABLE',
] as const;

export const DATASETS = [
  'BUYER',
  'RECIPIENT',
  'PROCEEDS',
  'EXPENSE',
  'PROMOTION',
  'CANCELLATION',
  'FULFILLMENT',
  'PACKAGES',
  'TAX',
  'PAYMENT',
  'FULFILLMENT_ORDERS',
] as const;

export type Dataset = (typeof DATASETS)[number];

const list = <Item extends z.ZodType>(item: Item) => z.array(item).optional();
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const one = <Item extends z.ZodType>(item: Item) => z.tuple([item]).transform(([value]) => value as z.output<Item>);

const includedData = list(z.enum(DATASETS));

const parameters = z.object({
  createdAfter: one(time).optional(),
  createdBefore: one(time).optional(),
  lastUpdatedAfter: one(time).optional(),
  lastUpdatedBefore: one(time).optional(),
  fulfillmentStatuses: list(z.enum(FULFILLMENT_STATUSES)),
  marketplaceIds: list(z.string().min(1)).refine((ids) => !ids || ids.length <= MARKETPLACE_LIMIT),
  fulfilledBy: list(z.enum(['MERCHANT', 'AMAZON'])),
  maxResultsPerPage: one(
    z
      .string()
      .regex(/^\d{1,3}$/)
      .transform(Number)
      .pipe(z.int().min(1).max(PAGE_LIMIT)),
  ).optional(),
  paginationToken: one(z.string().min(1)).optional(),
  includedData,
});

/** What the pages of one search have in common: a pagination token is good only with the same of all this. */
export type Filter = {
  by: 'created' | 'updated';
  /** epoch ms */
  after: number;
  /** epoch ms */
  before: number | undefined;
  fulfillmentStatuses: readonly string[] | undefined;
  marketplaceIds: readonly string[] | undefined;
  fulfilledBy: readonly string[] | undefined;
};

export type Search = {
  filter: Filter;
  paginationToken: string | undefined;
  maxResultsPerPage: number;
  datasets: ReadonlySet<Dataset>;
};

/** @param query every value of every parameter; lists are comma-separated, repeated, or both */
export function parseSearch(query: Record<string, string[]>, now: number): Search {
  const given = parse(parameters, query);
  const created = given.createdAfter !== undefined;
  const after = given.createdAfter ?? given.lastUpdatedAfter;
  if (after === undefined || (created && given.lastUpdatedAfter !== undefined)) {
    throw new InvalidInput('Exactly one of createdAfter and lastUpdatedAfter must be provided.');
  }
  const [before, other] = created
    ? [given.createdBefore, given.lastUpdatedBefore]
    : [given.lastUpdatedBefore, given.createdBefore];
  if (other !== undefined)
    throw new InvalidInput('createdBefore goes with createdAfter, lastUpdatedBefore with lastUpdatedAfter.');
  if (before !== undefined && before < after) throw new InvalidInput('The end of the period is before its start.');
  if (before !== undefined && before > now - BEFORE_DELAY_MS) {
    throw new InvalidInput('The end of the period must be at least two minutes before the request.');
  }
  return {
    filter: {
      by: created ? 'created' : 'updated',
      after,
      before,
      fulfillmentStatuses: given.fulfillmentStatuses?.toSorted(),
      marketplaceIds: given.marketplaceIds?.toSorted(),
      fulfilledBy: given.fulfilledBy?.toSorted(),
    },
    paginationToken: given.paginationToken,
    maxResultsPerPage: given.maxResultsPerPage ?? PAGE_LIMIT,
    datasets: new Set(given.includedData),
  };
}

/** The datasets that a getOrder call asks for. */
export function parseDatasets(query: Record<string, string[]>): ReadonlySet<Dataset> {
  return new Set(parse(z.object({ includedData }), query).includedData);
}

function parse<Schema extends z.ZodType>(schema: Schema, query: Record<string, string[]>): z.output<Schema> {
  const values = Object.entries(query).map(([name, given]) => [name, given.flatMap((value) => value.split(','))]);
  const result = schema.safeParse(Object.fromEntries(values));
  if (!result.success) throw new InvalidInput(`The parameter ${String(result.error.issues[0]?.path[0])} is invalid.`);
  return result.data;
}
