import type { Hono } from 'hono';
import { z } from 'zod';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { type Answers, invalidParameter, readBody, readParameters } from './answers.ts';
import { userIdOf } from './buyer-shape.ts';
import type { Gateway, ShopEnv } from './gateway.ts';
import { WAREHOUSE_ID } from './listings.ts';
import type { OrderIndex } from './order-index.ts';
import { orderStatus, renderOrder } from './order-shape.ts';
import type { Packages } from './packages.ts';
import { readPageToken, writePageToken } from './page-token.ts';

// All from TikTok Shop's Open API, Get Order List and Get Order Detail.
const MAX_PAGE_SIZE = 100;
/** most ids in one detail call */
const MAX_DETAILS = 50;
const STATUSES = [
  'UNPAID',
  'ON_HOLD',
  'AWAITING_SHIPMENT',
  'PARTIALLY_SHIPPING',
  'AWAITING_COLLECTION',
  'IN_TRANSIT',
  'DELIVERED',
  'COMPLETED',
  'CANCELLED',
] as const;

const searchQuery = z.object({
  page_size: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_PAGE_SIZE)),
  page_token: z.string().default(''),
  sort_field: z.enum(['create_time', 'update_time']).default('create_time'),
  sort_order: z.enum(['ASC', 'DESC']).default('DESC'),
});

const time = z.int().min(0).optional();
const searchBody = z.object({
  create_time_ge: time,
  create_time_lt: time,
  update_time_ge: time,
  update_time_lt: time,
  order_status: z.enum(STATUSES).optional(),
  shipping_type: z.enum(['TIKTOK', 'SELLER']).optional(),
  buyer_user_id: z.string().optional(),
  is_buyer_request_cancel: z.boolean().optional(),
  warehouse_ids: z.array(z.string()).optional(),
});

const detailQuery = z.object({
  ids: z
    .string()
    .transform((text) => text.split(',').filter((id) => id !== ''))
    .pipe(z.array(z.string()).min(1).max(MAX_DETAILS)),
});

type Filter = z.output<typeof searchBody>;

/** The two order reads. */
export function addOrderRoutes(
  app: Hono<ShopEnv>,
  parts: {
    gateway: Gateway;
    answers: Answers;
    books: Books;
    index: OrderIndex;
    packages: Packages;
    faults: SandboxDeps['faults'];
  },
): void {
  const { gateway, answers, books, index, packages, faults } = parts;

  app.post('/order/202309/orders/search', gateway.shop('searchOrders'), async (c) => {
    const query = readParameters(searchQuery, c.req.query());
    if ('refusal' in query) return answers.refuse(c, query.refusal);
    const body = await readBody(c, searchBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    const { page_size, page_token, sort_field, sort_order } = query.value;
    const filter = body.value;
    const shopId = c.get('shop').sellerId;

    const list = JSON.stringify([shopId, sort_field, sort_order, filter]);
    const after = page_token === '' ? undefined : readPageToken(list, page_token);
    if (page_token !== '' && (!after || faults.strikes('expire-page-token', c.req.path))) {
      return answers.refuse(c, invalidParameter('page_token'));
    }
    const { total, found } = index.find(shopId, {
      field: sort_field,
      from: (filter[`${sort_field}_ge`] ?? 0) * 1000,
      to: (filter[`${sort_field}_lt`] ?? Infinity) * 1000,
      isDescending: sort_order === 'DESC',
      after,
      limit: page_size + 1, // one more than is shown tells whether there is a next page
      accepts: narrows(filter, sort_field) ? (order) => accepts(order, filter) : undefined,
    });
    const page = found.slice(0, page_size);
    const last = page.at(-1);
    return answers.succeed(c, {
      next_page_token: found.length > page.length && last ? writePageToken(list, last) : '',
      total_count: total,
      orders: page.map(({ order }) => renderOrder(order, { packages, books })),
    });
  });

  // Two versions of one shape: the later one adds fields that no order here has.
  for (const version of ['202309', '202507']) {
    app.get(`/order/${version}/orders`, gateway.shop('getOrders'), (c) => {
      const query = readParameters(detailQuery, { ids: c.req.queries('ids')?.join(',') });
      if ('refusal' in query) return answers.refuse(c, query.refusal);
      // An id that is not one of the shop's orders is left out and no error, as clients report it.
      const own = [...new Set(query.value.ids)].flatMap((id) => {
        const order = books.orders.get(id);
        return order?.sellerId === c.get('shop').sellerId ? [order] : [];
      });
      return answers.succeed(c, { orders: own.map((order) => renderOrder(order, { packages, books })) });
    });
  }

  function accepts(order: BookOrder, filter: Filter): boolean {
    const isBetween = (at: number, from = 0, to = Infinity): boolean => at >= from * 1000 && at < to * 1000;
    return (
      isBetween(order.placedAt, filter.create_time_ge, filter.create_time_lt) &&
      isBetween(order.updatedAt, filter.update_time_ge, filter.update_time_lt) &&
      (filter.order_status === undefined || orderStatus(order, packages) === filter.order_status) &&
      (filter.buyer_user_id === undefined || userIdOf(order.buyer) === filter.buyer_user_id) &&
      // All orders here are shipped by their seller, from the one warehouse, and cancelled without a request.
      (filter.shipping_type ?? 'SELLER') === 'SELLER' &&
      !filter.is_buyer_request_cancel &&
      (filter.warehouse_ids ?? [WAREHOUSE_ID]).includes(WAREHOUSE_ID)
    );
  }
}

/** Whether a filter says more than the times that the list is sorted by. */
function narrows(filter: Filter, sortField: string): boolean {
  return Object.keys(filter).some((name) => !name.startsWith(sortField));
}
