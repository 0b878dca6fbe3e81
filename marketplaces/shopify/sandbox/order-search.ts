import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { orderNumber } from './ids.ts';
import type { Range, TimeField } from './order-index.ts';
import { financialStatus, fulfillmentStatus, type OrderParts } from './order-state.ts';
import { allTerms, compares, meets, parseSearch, requiredTerms, type Term } from './search-syntax.ts';

const DAY_MS = 86_400_000;

export type Warning = { field: string; message: string };

export type OrderSearch = {
  test(order: BookOrder): boolean;
  /** bounds that every result is in */
  ranges: Record<TimeField, Range>;
  warnings: Warning[];
};

type Test = (order: BookOrder, term: Term) => boolean;

const TIMES: Record<string, (order: BookOrder) => number> = {
  created_at: (order) => order.placedAt,
  processed_at: (order) => order.placedAt,
  updated_at: (order) => order.updatedAt,
};

function testTime(timeOf: (order: BookOrder) => number): Test {
  return (order, term) => {
    const wanted = parseTime(term.value);
    const isDay = term.comparator === '' && /^\d{4}-\d\d-\d\d$/.test(term.value);
    const at = timeOf(order);
    return isDay ? at >= wanted && at < wanted + DAY_MS : compares(term, at, wanted);
  };
}

/** By the search field's name. */
function createTests(parts: OrderParts): Record<string, Test> {
  return {
    ...Object.fromEntries(Object.entries(TIMES).map(([field, timeOf]) => [field, testTime(timeOf)])),
    id: (order, term) => compares(term, Number(order.orderId), Number(term.value)),
    name: (order, { value }) => value.replace('#', '') === String(orderNumber(order.orderId)),
    email: (order, { value }) => order.buyer.email.toLowerCase() === value.toLowerCase(),
    sku: (order, { value }) => order.lines.some((line) => line.sku === value),
    status: (order, { value }) => {
      if (value === 'cancelled') return order.status === 'cancelled';
      // Nothing is archived here, so nothing is closed.
      return value === 'any' || value === 'not_closed' || (value === 'open' && order.status !== 'cancelled');
    },
    financial_status: (order, { value }) => value === 'any' || financialStatus(order).toLowerCase() === value,
    fulfillment_status: (order, { value }) => {
      const status = fulfillmentStatus(order, parts).toLowerCase();
      const names: Record<string, string> = {
        shipped: 'fulfilled',
        partial: 'partially_fulfilled',
        unshipped: 'unfulfilled',
      };
      return value === 'any' || status === (names[value] ?? value);
    },
    // A word without a field is looked for in what people know an order by.
    '': (order, { value }) =>
      [`#${orderNumber(order.orderId)}`, order.buyer.name, order.buyer.email].some((text) =>
        text.toLowerCase().includes(value.toLowerCase()),
      ),
  };
}

/** Reads the `query` of a list of orders. A term that is not understood is left out, with a warning, as Shopify does. */
export function searchOrders(query: string, parts: OrderParts): OrderSearch {
  const search = parseSearch(query);
  const tests = createTests(parts);
  const wrong = new Map<Term, Warning>();
  for (const term of allTerms(search)) {
    const { field, value } = term;
    if (!tests[field]) wrong.set(term, { field, message: 'Invalid search field for this query.' });
    else if (TIMES[field] && Number.isNaN(parseTime(value))) {
      wrong.set(term, { field, message: `Input \`${value}\` is not an accepted value.` });
    }
  }
  const ranges = { created: { from: 0, to: Infinity }, updated: { from: 0, to: Infinity } };
  for (const term of requiredTerms(search)) {
    if (!TIMES[term.field] || wrong.has(term)) continue;
    const range = ranges[term.field === 'updated_at' ? 'updated' : 'created'];
    const at = parseTime(term.value);
    if (!term.comparator.startsWith('<')) range.from = Math.max(range.from, at);
    if (term.comparator.startsWith('<')) range.to = Math.min(range.to, at);
  }
  return {
    test: (order) => meets(search, (term) => wrong.has(term) || tests[term.field]!(order, term)),
    ranges,
    warnings: [...wrong.values()],
  };
}

/** A time without a zone is in the shop's, which is UTC here. */
function parseTime(text: string): number {
  return Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text);
}
