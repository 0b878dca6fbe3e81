import type { Hono } from 'hono';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { InvalidInput, notFound } from './answers.ts';
import type { Gateway } from './gateway.ts';
import { createIssued } from './issued.ts';
import { type OrderIndex, type Place, placeOf } from './order-index.ts';
import type { Packages } from './packages.ts';
import { fulfillmentStatus, iso, MARKETPLACE_ID, ORDER_ID, renderOrder } from './render-order.ts';
import { type Filter, parseDatasets, parseSearch } from './search-query.ts';

/** 24 h, `pagination` in SP-API model orders_2026-01-01 */
const PAGINATION_TOKEN_LIFETIME_MS = 24 * 3_600_000;
const PAGINATION_TOKEN_BYTES = 24;

/** usage plans in SP-API model orders_2026-01-01 */
const SEARCH_ORDERS = { name: 'searchOrders', ratePerSecond: 0.0056, burst: 20, token: 'seller' } as const;
const GET_ORDER = { name: 'getOrder', ratePerSecond: 0.5, burst: 30, token: 'seller' } as const;

/** Where a page goes on: only for the seller and the filter that it was given to. */
type Continuation = { sellerId: string; filter: string; to: number; after: Place };

/** The Orders API, version 2026-01-01. */
export function addOrders(
  app: Hono,
  deps: Pick<SandboxDeps, 'now' | 'randomHex' | 'faults'>,
  { gateway, books, index, packages }: { gateway: Gateway; books: Books; index: OrderIndex; packages: Packages },
): void {
  const continuations = createIssued<Continuation>({ now: deps.now, lifetimeMs: PAGINATION_TOKEN_LIFETIME_MS });

  function continuation(token: string, sellerId: string, filter: Filter, path: string): Continuation {
    const found = continuations.find(token);
    if (found && !found.ended && deps.faults.strikes('expire-page-token', path)) continuations.revoke(token);
    const good = continuations.find(token);
    if (!good || good.ended || good.value.sellerId !== sellerId || good.value.filter !== JSON.stringify(filter)) {
      throw new InvalidInput('The paginationToken is expired, unknown, or not of this request.');
    }
    return good.value;
  }

  app.get(
    '/orders/2026-01-01/orders',
    gateway.operation(SEARCH_ORDERS, (c, sellerId) => {
      const { filter, paginationToken, maxResultsPerPage, datasets } = parseSearch(c.req.queries(), deps.now());
      const goesOn =
        paginationToken === undefined ? undefined : continuation(paginationToken, sellerId, filter, c.req.path);
      const to = goesOn?.to ?? filter.before ?? deps.now();

      const page: BookOrder[] = [];
      let more = false;
      for (const order of index.between(sellerId, filter.by, { from: filter.after, to, after: goesOn?.after })) {
        if (!passes(order, filter, packages)) continue;
        more = page.length === maxResultsPerPage;
        if (more) break;
        page.push(order);
      }

      const nextToken = more ? deps.randomHex(PAGINATION_TOKEN_BYTES) : undefined;
      if (nextToken) {
        const after = placeOf(page.at(-1)!, filter.by);
        continuations.issue(nextToken, { sellerId, filter: JSON.stringify(filter), to, after });
      }
      return c.json({
        orders: page.map((order) => renderOrder(order, packages, datasets)),
        ...(nextToken && { pagination: { nextToken } }),
        [filter.by === 'created' ? 'createdBefore' : 'lastUpdatedBefore']: iso(to),
      });
    }),
  );

  app.get(
    '/orders/2026-01-01/orders/:orderId',
    gateway.operation(GET_ORDER, (c, sellerId) => {
      const orderId = c.req.param('orderId') ?? '';
      if (!ORDER_ID.test(orderId)) throw new InvalidInput('The orderId is invalid.');
      const datasets = parseDatasets(c.req.queries());
      const order = books.orders.get(orderId);
      if (order?.sellerId !== sellerId) return notFound(c, 'The requested order was not found.');
      return c.json({ order: renderOrder(order, packages, datasets) });
    }),
  );
}

function passes(order: BookOrder, filter: Filter, packages: Packages): boolean {
  return (
    (filter.fulfillmentStatuses?.includes(fulfillmentStatus(order, packages)) ?? true) &&
    (filter.marketplaceIds?.includes(MARKETPLACE_ID) ?? true) &&
    (filter.fulfilledBy?.includes('MERCHANT') ?? true)
  );
}
