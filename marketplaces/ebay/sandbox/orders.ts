import { type Context, Hono } from 'hono';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Access, SellerEnv } from './access.ts';
import { sellerUsername } from './accounts.ts';
import { badRequest, type EbayError, FULFILLMENT, refuse } from './answers.ts';
import type { Fulfillments } from './fulfillments.ts';
import { SCOPE_FULFILLMENT, SCOPE_FULFILLMENT_READONLY } from './grants.ts';
import { isRefusal, MAX_LOOK_BACK_MS, type OrderFilter, readFilter } from './order-filter.ts';
import { fulfillmentStatus, renderOrder } from './order-shape.ts';
import type { Quotas } from './quotas.ts';
import { addFulfillmentRoutes } from './shipping-fulfillments.ts';

/** orders in a page [eBay Fulfillment API, getOrders] */
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** order ids in one call [eBay Fulfillment API, getOrders] */
const MAX_ORDER_IDS = 50;

const ORDER_ID = /^\d{2}-\d{5}-\d{5}$/;

const refusal = (errorId: number, message: string): EbayError => badRequest(FULFILLMENT, errorId, message);

/**
 * The order resource of the Fulfillment API. Lists come newest first; eBay documents no order, and an offset into a
 * window that still grows skips or repeats orders here as it does there.
 */
export function ordersApi(
  deps: Pick<SandboxDeps, 'now' | 'faults'>,
  options: {
    /** the URL that this API is reached under */
    baseUrl: string;
    books: Books;
    access: Access;
    quotas: Quotas;
    fulfillments: Fulfillments;
  },
): Hono<SellerEnv> {
  const { access, books, baseUrl, fulfillments } = options;
  const orderUrl = (orderId: string): string => `${baseUrl}/order/${orderId}`;
  /** A seller's orders, oldest first. The books' own list is of all sellers together. */
  const ordersOf = new Map<string, BookOrder[]>();
  books.onChange((order, change) => {
    if (change !== 'placed') return;
    const orders = ordersOf.get(order.sellerId);
    if (orders) orders.push(order);
    else ordersOf.set(order.sellerId, [order]);
  });

  function select(sellerId: string, filter: OrderFilter): BookOrder[] {
    const orders = ordersOf.get(sellerId) ?? [];
    const selected: BookOrder[] = [];
    for (let index = orders.length - 1; index >= 0; index--) {
      const order = orders[index] as BookOrder;
      if (order.placedAt < filter.created.from) break;
      if (order.placedAt > filter.created.to) continue;
      if (filter.modified && (order.updatedAt < filter.modified.from || order.updatedAt > filter.modified.to)) continue;
      if (filter.statuses && !filter.statuses.has(fulfillmentStatus(order, fulfillments.of(order)))) continue;
      selected.push(order);
    }
    return selected;
  }

  function findOwn(sellerId: string, orderId: string): BookOrder | undefined {
    const order = books.orders.get(orderId);
    const isListed = order?.sellerId === sellerId && order.placedAt >= deps.now() - MAX_LOOK_BACK_MS;
    return isListed ? order : undefined;
  }

  const render = (order: BookOrder, withCancelRequests: boolean) =>
    renderOrder(order, {
      now: deps.now(),
      sellerUsername: sellerUsername(order.sellerId),
      orderUrl: orderUrl(order.orderId),
      packages: fulfillments.of(order),
      withCancelRequests,
    });

  /** The order that the path names, or the answer that there is none. */
  function named(c: Context<SellerEnv>): BookOrder | Response {
    const orderId = c.req.param('orderId') ?? '';
    if (!ORDER_ID.test(orderId)) return refuse(c, 400, refusal(32100, 'This is no order id.'));
    return findOwn(c.get('caller').sellerId, orderId) ?? refuse(c, 404, refusal(32100, 'There is no such order.'));
  }

  const app = new Hono<SellerEnv>();
  app.use('*', access.seller(SCOPE_FULFILLMENT, SCOPE_FULFILLMENT_READONLY));
  app.use('*', options.quotas.count('fulfillment'));

  app.get('/order', (c) => {
    const { sellerId } = c.get('caller');
    const query = c.req.query();
    const href = `${baseUrl}/order${new URL(c.req.url).search}`;

    if (query.orderIds !== undefined) {
      // Every other parameter is ignored now, and an id that names no order of the seller is left out.
      const ids = [...new Set(query.orderIds.split(','))];
      if (ids.length > MAX_ORDER_IDS) return refuse(c, 400, refusal(30900, 'There are more than 50 order ids.'));
      const found = ids.map((id) => findOwn(sellerId, id)).filter((order) => order !== undefined);
      const orders = found.map((order) => render(order, false));
      return c.json({ href, total: orders.length, limit: MAX_ORDER_IDS, offset: 0, orders });
    }

    if (!isKnownFieldGroup(query.fieldGroups)) return refuse(c, 400, UNKNOWN_FIELD_GROUP);
    const limit = readCount(query.limit, DEFAULT_LIMIT);
    if (limit === undefined || limit < 1 || limit > MAX_LIMIT) {
      return refuse(c, 400, refusal(31100, 'limit must be between 1 and 200.'));
    }
    const offset = readCount(query.offset, 0);
    // The offset is all the page token that eBay has.
    const isRefused = offset !== undefined && offset > 0 && deps.faults.strikes('expire-page-token', c.req.path);
    if (offset === undefined || isRefused) return refuse(c, 400, refusal(31000, 'offset must be 0 or more.'));
    const filter = readFilter(query.filter, deps.now());
    if (isRefusal(filter)) return refuse(c, 400, filter);

    const selected = select(sellerId, filter);
    const pageAt = (at: number) =>
      `${baseUrl}/order?${new URLSearchParams({ ...query, limit: String(limit), offset: String(at) })}`;
    return c.json({
      href,
      total: selected.length,
      limit,
      offset,
      ...(offset + limit < selected.length ? { next: pageAt(offset + limit) } : {}),
      ...(offset > 0 ? { prev: pageAt(Math.max(0, offset - limit)) } : {}),
      orders: selected.slice(offset, offset + limit).map((order) => render(order, false)),
    });
  });

  app.get('/order/:orderId', (c) => {
    if (!isKnownFieldGroup(c.req.query('fieldGroups'))) return refuse(c, 400, UNKNOWN_FIELD_GROUP);
    const order = named(c);
    return order instanceof Response ? order : c.json(render(order, true));
  });

  addFulfillmentRoutes(app, deps, { access, fulfillments, orderUrl, named });
  return app;
}

const UNKNOWN_FIELD_GROUP = refusal(32800, 'There is no such field group.');

const isKnownFieldGroup = (value: string | undefined): boolean => value === undefined || value === 'TAX_BREAKDOWN';

function readCount(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined) return otherwise;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
