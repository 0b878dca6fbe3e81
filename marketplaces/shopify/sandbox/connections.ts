import { badRequest } from './graphql/errors.ts';
import type { Inputs } from './graphql/inputs.ts';

/** most items of a page, and of a list in a request [Shopify, API limits] */
export const MAX_PAGE = 250;

const BULK = 'To query larger amounts of data with fewer limits, bulk operations should be used instead.';
const BULK_GUIDE = 'See https://shopify.dev/api/usage/bulk-operations/queries for usage details.';

/** A place in a sorted list. */
type Key = { id: number; value: number };

export type Connection<T> = {
  nodes: readonly T[];
  edges(): { node: T; cursor: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};

/**
 * The page of a list that a connection's arguments ask for.
 * @param items sorted by `keyOf`, ascending
 * @param keyOf what the list is sorted by: a value, then an id
 */
export function pageOf<T>(items: readonly T[], args: Inputs, keyOf: (item: T) => Key): Connection<T> {
  const { first, last, after, before, reverse } = args as {
    first?: number | null;
    last?: number | null;
    after?: string | null;
    before?: string | null;
    reverse?: boolean;
  };
  const size = readSize(first, last);
  const sorted = reverse ? [...items].reverse() : items;
  /** How many items stand before a cursor's place, or at it. */
  const countTo = (cursor: string, isAtIncluded: boolean): number => {
    const place = readCursor(cursor);
    return countWhile(sorted, (item) => {
      const order = reverse ? compare(place, keyOf(item)) : compare(keyOf(item), place);
      return order < 0 || (isAtIncluded && order === 0);
    });
  };
  const start = typeof after === 'string' ? countTo(after, true) : 0;
  const end = typeof before === 'string' ? countTo(before, false) : sorted.length;
  const from = typeof last === 'number' ? Math.max(start, end - size) : start;
  const to = typeof last === 'number' ? end : Math.min(end, start + size);
  const nodes = sorted.slice(from, Math.max(from, to));
  const cursorOf = (item: T | undefined): string | null => (item === undefined ? null : writeCursor(keyOf(item)));
  return {
    nodes,
    edges: () => nodes.map((node) => ({ node, cursor: writeCursor(keyOf(node)) })),
    pageInfo: {
      hasNextPage: from + nodes.length < sorted.length,
      hasPreviousPage: from > 0,
      startCursor: cursorOf(nodes[0]),
      endCursor: cursorOf(nodes.at(-1)),
    },
  };
}

/** Cuts a list that is no connection. */
export function firstOf<T>(items: readonly T[], first: unknown): readonly T[] {
  return typeof first === 'number' ? items.slice(0, first) : items;
}

function readSize(first: number | null | undefined, last: number | null | undefined): number {
  const size = first ?? last;
  const name = typeof first === 'number' ? 'first' : 'last';
  if (typeof size !== 'number') throw badRequest('you must provide one of first or last');
  if (typeof first === 'number' && typeof last === 'number') {
    throw badRequest('providing both first and last is not supported');
  }
  if (size < 0) throw badRequest(`${name} must be a non-negative integer`);
  if (size > MAX_PAGE) throw badRequest(`${name} cannot exceed ${MAX_PAGE}. ${BULK}\n${BULK_GUIDE}\n`);
  return size;
}

function compare(a: Key, b: Key): number {
  return a.value - b.value || a.id - b.id;
}

/** How many items at the beginning of a sorted list pass the test. */
function countWhile<T>(items: readonly T[], test: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(items[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function writeCursor({ id, value }: Key): string {
  return Buffer.from(JSON.stringify({ last_id: id, last_value: String(value) })).toString('base64');
}

function readCursor(cursor: string): Key {
  try {
    const { last_id, last_value } = JSON.parse(Buffer.from(cursor, 'base64').toString()) as Record<string, unknown>;
    const key = { id: Number(last_id), value: Number(last_value) };
    if (Number.isFinite(key.id) && Number.isFinite(key.value)) return key;
  } catch {
    // not JSON: none of ours
  }
  throw invalidCursor();
}

/** The refusal of a cursor that is not one of this list. */
export function invalidCursor(): Error {
  return badRequest('Invalid cursor for current pagination sort.');
}
