import { type Context, Hono } from 'hono';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { invalid, refuse } from './answers.ts';
import type { Fulfillment } from './fulfillment.ts';
import type { Gateway, SellerEnv } from './gateway.ts';
import type { OrderIndex } from './order-index.ts';
import { isIn, MAX_ORDERS, nextCursor, type OrderQuery, readOrderQuery } from './order-query.ts';
import { customerOrderId, lineStatuses, renderOrder, shipBy } from './order-shape.ts';

export type OrderParts = {
  gateway: Gateway;
  books: Books;
  fulfillment: Fulfillment;
};

/** The seller's own purchase order that the path names, or the answer that there is none. */
export function namedOrder(c: Context<SellerEnv>, books: Books): BookOrder | Response {
  const order = books.orders.get(c.req.param('purchaseOrderId') ?? '');
  if (order?.sellerId === c.get('sellerId')) return order;
  return refuse(c, 'NOT_FOUND', { field: 'purchaseOrderId', description: 'There is no such purchase order.' });
}

/**
 * The lists of purchase orders and the single one. A list comes newest first by the time it is asked for; Walmart
 * documents no order, and an order that changes between two pages moves the rest here as it may there.
 */
export function ordersApi(
  deps: Pick<SandboxDeps, 'now' | 'faults'>,
  parts: OrderParts & { index: OrderIndex },
): Hono<SellerEnv> {
  const { gateway, books, fulfillment, index } = parts;

  function matches(order: BookOrder, query: OrderQuery): boolean {
    const { status, sku } = query;
    if (!isIn(query.created, order.placedAt) || !isIn(query.modified, order.updatedAt)) return false;
    if (!isIn(query.shipBy, shipBy(order))) return false;
    // All orders of the sandbox are regular ones that the seller ships in no hurry.
    if (query.shipNodeType !== 'SellerFulfilled' || query.shippingProgramType) return false;
    if (query.orderType && query.orderType !== 'REGULAR') return false;
    if (query.purchaseOrderId && query.purchaseOrderId !== order.orderId) return false;
    if (query.customerOrderId && query.customerOrderId !== customerOrderId(order)) return false;
    if (sku && !order.lines.some((line) => line.sku === sku)) return false;
    return (
      !status ||
      order.lines.some((line) => lineStatuses(order, line, fulfillment).some((part) => part.status === status))
    );
  }

  /** @param released only orders that nobody has acknowledged yet, whose empty list is a 404 as clients have met it */
  function list(c: Context<SellerEnv>, released: boolean): Response {
    const sellerId = c.get('sellerId');
    const read = readOrderQuery(searchOf(c), { now: deps.now(), sellerId });
    if ('field' in read) return invalid(c, read.field);
    const query: OrderQuery = released ? { ...read.query, status: 'Created' } : read.query;
    if (query.isCursor && deps.faults.strikes('expire-page-token', c.req.path)) {
      return invalid(c, 'nextCursor', 'The cursor is no longer valid.');
    }
    const selected: BookOrder[] = [];
    const range = query.listedBy === 'modified' ? query.modified : query.created;
    for (const order of index.between(sellerId, query.listedBy, range)) if (matches(order, query)) selected.push(order);
    const total = selected.length;
    if (released && total === 0) {
      return refuse(c, 'CONTENT_NOT_FOUND', { description: 'There are no released orders.' });
    }
    const end = Math.min(query.offset + query.limit, MAX_ORDERS);
    const options = { withProductInfo: query.productInfo === 'true' };
    return c.json({
      list: {
        meta: {
          totalCount: total,
          limit: query.limit,
          nextCursor: nextCursor(query, { total, offset: end, sellerId }),
        },
        elements: {
          order: selected.slice(query.offset, end).map((order) => renderOrder(order, fulfillment, options)),
        },
      },
    });
  }

  const app = new Hono<SellerEnv>();
  app.get('/', gateway.limit('listOrders'), (c) => list(c, false));
  app.get('/released', gateway.limit('releasedOrders'), (c) => list(c, true));
  app.get('/:purchaseOrderId', gateway.limit('getOrder'), (c) => {
    const order = namedOrder(c, books);
    if (order instanceof Response) return order;
    return c.json({
      order: renderOrder(order, fulfillment, { withProductInfo: c.req.query('productInfo') === 'true' }),
    });
  });
  return app;
}

/** The query string as it came: a cursor is compared with what was given out. */
function searchOf(c: Context): string {
  const start = c.req.url.indexOf('?');
  return start < 0 ? '' : c.req.url.slice(start);
}
