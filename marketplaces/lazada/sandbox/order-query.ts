import { businessError, missingParameter, type Refusal } from './answers.ts';
import type { TimeField } from './order-index.ts';
import type { Parameters } from './parameters.ts';

// Lazada Open Platform API reference, GetOrders.
const MAX_LIMIT = 100;
const MAX_OFFSET = 5_000;
/** most orders that a list reaches: offset and limit together (E097, as clients have met it) */
const MAX_OFFSET_AND_LIMIT = 5_000;
const STATUSES = [
  'unpaid',
  'pending',
  'packed',
  'canceled',
  'ready_to_ship',
  'delivered',
  'returned',
  'shipped',
  'failed',
  'topack',
  'toship',
  'lost',
  'lost_by_3pl',
  'damaged_by_3pl',
  'failed_delivery',
  'shipped_back',
  'shipped_back_success',
  'shipped_back_failed',
  'package_scrapped',
];

const TIMES = ['created_after', 'created_before', 'updated_after', 'updated_before'] as const;
const TIME_PARAMETERS: Record<(typeof TIMES)[number], string> = {
  created_after: 'created_after',
  created_before: 'created_before',
  updated_after: 'update_after',
  updated_before: 'update_before',
};

export type OrderQuery = {
  created_at: { from: number; to: number };
  updated_at: { from: number; to: number };
  sortBy: TimeField;
  isDescending: boolean;
  status: string | undefined;
  offset: number;
  limit: number;
};

/** Reads the parameters of GetOrders. The bounds of times belong to the range. */
export function readOrderQuery(parameters: Parameters): { query: OrderQuery } | { refusal: Refusal } {
  const refuse = (number: number, message: string) => ({ refusal: businessError(number, message) });

  const times: Partial<Record<(typeof TIMES)[number], number>> = {};
  for (const name of TIMES) {
    const text = parameters[TIME_PARAMETERS[name]];
    if (!text) continue;
    const at = readTime(text);
    if (at === undefined) return refuse(17, `"${text}" Invalid Date Format`);
    times[name] = at;
  }
  if (times.created_after === undefined && times.updated_after === undefined) {
    return { refusal: missingParameter('update_after') };
  }
  const offset = readCount(parameters.offset, 0);
  if (offset === undefined || offset > MAX_OFFSET) return refuse(14, `"${parameters.offset}" Invalid Offset`);
  const limit = readCount(parameters.limit, MAX_LIMIT);
  if (!limit || limit > MAX_LIMIT) return refuse(19, `"${parameters.limit}" Invalid Limit`);
  if (offset + limit > MAX_OFFSET_AND_LIMIT) {
    return refuse(97, `Offset and limit sum ${offset + limit} must be less than ${MAX_OFFSET_AND_LIMIT}`);
  }
  const { status, sort_by: sortBy = 'created_at', sort_direction: direction = 'ASC' } = parameters;
  if (status && !STATUSES.includes(status)) return refuse(36, 'Invalid status filter');
  if (direction !== 'ASC' && direction !== 'DESC') return refuse(74, 'Invalid sort direction.');
  if (sortBy !== 'created_at' && sortBy !== 'updated_at') return refuse(75, 'Invalid sort filter.');

  const query: OrderQuery = {
    created_at: { from: times.created_after ?? 0, to: times.created_before ?? Infinity },
    updated_at: { from: times.updated_after ?? 0, to: times.updated_before ?? Infinity },
    sortBy,
    isDescending: direction === 'DESC',
    status: status || undefined,
    offset,
    limit,
  };
  return { query };
}

/** `2018-02-10T16:00:00+08:00` and nothing else. */
function readTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function readCount(text: string | undefined, fallback: number): number | undefined {
  if (!text) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
