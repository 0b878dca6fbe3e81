import { type Context, Hono } from 'hono';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import { forbidden, invalid, notFound } from './answers.ts';
import type { SellerEnv } from './gateway.ts';
import { orderIdOfPack, packIdOf, shipmentIdOf } from './ids.ts';
import type { OrderIndex } from './order-index.ts';
import { type OrderQuery, readOrderQuery } from './order-query.ts';
import { local, orderStatusOf, renderBuyer, renderOrder, tagsOf } from './order-shape.ts';
import type { Shipments } from './shipments.ts';

const SORTS = {
  date_asc: { id: 'date_asc', name: 'Date ascending' },
  date_desc: { id: 'date_desc', name: 'Date descending' },
};

/** The seller's own order of this id, or the answer that there is none. */
export function ownOrder(c: Context<SellerEnv>, books: Books, orderId: string): BookOrder | Response {
  const order = books.orders.get(orderId);
  if (!order) return notFound(c, 'Order do not exists');
  return order.sellerId === c.get('sellerId') ? order : forbidden(c, 'The user has not access to the order');
}

/**
 * The search for orders, the single order and its pack. Pages are cut from the orders in the order of their creation,
 * whatever the search asks for: an order that comes into the window between two pages moves the rest.
 */
export function ordersApi(parts: { books: Books; index: OrderIndex; shipments: Shipments }): Hono<SellerEnv> {
  const { books, index, shipments } = parts;

  function matches(order: BookOrder, query: OrderQuery): boolean {
    if (query.q !== undefined && query.q !== order.orderId) return false;
    if (query.statuses && !query.statuses.includes(orderStatusOf(order))) return false;
    if (query.shippingStatus && query.shippingStatus !== shipments.stateOf(order).status) return false;
    if (query.tags.length === 0) return true;
    const tags = tagsOf(order);
    return query.tags.every((tag) => tags.includes(tag));
  }

  const app = new Hono<SellerEnv>();

  app.get('/orders/search', (c) => {
    const query = readOrderQuery(c.req.query());
    if ('wrong' in query) return invalid(c, `${query.wrong} is invalid`);
    if (query.seller === undefined) return invalid(c, 'seller is required');
    const sellerId = c.get('sellerId');
    if (query.seller !== sellerId) return forbidden(c, 'The caller is not the seller');
    const found = index.select(sellerId, query).filter((order) => matches(order, query));
    if (query.sort === 'date_desc') found.reverse();
    return c.json({
      query: query.q ?? '',
      results: found.slice(query.offset, query.offset + query.limit).map((order) => renderOrder(order, books)),
      sort: SORTS[query.sort],
      available_sorts: Object.values(SORTS).filter(({ id }) => id !== query.sort),
      filters: [],
      available_filters: [],
      paging: { total: found.length, offset: query.offset, limit: query.limit },
      display: 'complete',
    });
  });

  app.get('/orders/:id', (c) => {
    const order = ownOrder(c, books, c.req.param('id'));
    return order instanceof Response ? order : c.json(renderOrder(order, books));
  });

  app.get('/orders/:id/discounts', (c) => {
    const order = ownOrder(c, books, c.req.param('id'));
    return order instanceof Response ? order : c.json({ order_id: Number(order.orderId), details: [] });
  });

  app.get('/packs/:id', (c) => {
    const order = ownOrder(c, books, orderIdOfPack(c.req.param('id')));
    if (order instanceof Response) return order;
    return c.json({
      id: packIdOf(order.orderId),
      status: order.status === 'cancelled' ? 'cancelled' : 'released',
      status_detail: null,
      family_pack_id: null,
      buyer: { id: renderBuyer(order).id },
      shipment: { id: shipmentIdOf(order.orderId) },
      orders: [{ id: Number(order.orderId) }],
      date_created: local(order.placedAt),
      last_updated: local(order.updatedAt),
    });
  });
  return app;
}
