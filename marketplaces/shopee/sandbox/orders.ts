import type { Hono, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { type Answers, readParameters, wrongParameter } from './answers.ts';
import type { Arrangements } from './arrangements.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { OrderIndex } from './order-index.ts';
import { orderDetail, orderStatus } from './order-shape.ts';

// All from Shopee's API reference, v2.order.get_order_list and v2.order.get_order_detail.
/** longest window of a list, s: 15 days */
const MAX_WINDOW_SECONDS = 15 * 86_400;
const MAX_PAGE_SIZE = 100;
/** most order_sn in one detail call */
const MAX_DETAILS = 50;
const LIST_STATUSES = [
  'UNPAID',
  'PENDING',
  'READY_TO_SHIP',
  'PROCESSED',
  'RETRY_SHIP',
  'SHIPPED',
  'TO_CONFIRM_RECEIVE',
  'IN_CANCEL',
  'CANCELLED',
  'TO_RETURN',
  'COMPLETED',
  'INVOICE_PENDING',
] as const;

const count = z
  .string()
  .regex(/^\d{1,10}$/)
  .transform(Number);
const commaList = z.string().transform((text) => text.split(',').filter((part) => part !== ''));

const listQuery = z.object({
  shop_id: z.string(),
  time_range_field: z.enum(['create_time', 'update_time']),
  time_from: count,
  time_to: count,
  page_size: count.pipe(z.int().min(1).max(MAX_PAGE_SIZE)),
  cursor: z.string().default(''),
  order_status: z.enum(LIST_STATUSES).optional(),
  response_optional_fields: commaList.optional(),
});

const detailQuery = z.object({
  shop_id: z.string(),
  order_sn_list: commaList.pipe(z.array(z.string()).min(1).max(MAX_DETAILS)),
  response_optional_fields: commaList.optional(),
});

/** The two order reads. */
export function addOrderRoutes(
  app: Hono,
  parts: {
    shopApi: MiddlewareHandler;
    answers: Answers;
    books: Books;
    index: OrderIndex;
    arrangements: Arrangements;
    faults: SandboxDeps['faults'];
  },
): void {
  const { shopApi, answers, books, index, arrangements, faults } = parts;
  const statusOf = (order: BookOrder): string => orderStatus(order, arrangements.isProcessed(order));

  app.get('/api/v2/order/get_order_list', shopApi, (c) => {
    const parsed = readParameters(listQuery, c.req.query());
    if ('refusal' in parsed) return answers.refuse(c, parsed.refusal);
    const query = parsed.value;
    if (query.time_from >= query.time_to || query.time_to - query.time_from > MAX_WINDOW_SECONDS) {
      return answers.refuse(c, {
        error: 'order.order_list_invalid_time',
        message: 'Start time must be earlier than end time and diff in 15days.',
      });
    }

    const field = query.time_range_field;
    const list = [query.shop_id, field, query.time_from, query.time_to, query.order_status].join(' ');
    // Both bounds are taken as inclusive; Shopee does not say.
    const start = { at: query.time_to * 1000 + 1, orderId: '' };
    const before = query.cursor === '' ? start : readCursor(list, query.cursor);
    if (!before || (query.cursor !== '' && faults.strikes('expire-page-token', c.req.path))) {
      return answers.refuse(c, wrongParameter('cursor is invalid'));
    }

    const found = index.page(query.shop_id, {
      field,
      from: query.time_from * 1000,
      before,
      limit: query.page_size + 1, // one more than is shown tells whether there is a next page
      accepts: (order) => query.order_status === undefined || statusOf(order) === query.order_status,
    });
    const page = found.slice(0, query.page_size);
    const last = page.at(-1);
    const more = found.length > page.length;
    const showsStatus = query.response_optional_fields?.includes('order_status');
    return answers.response(c, {
      more,
      next_cursor: more && last ? writeCursor(list, last) : '',
      order_list: page.map(({ order }) =>
        showsStatus ? { order_sn: order.orderId, order_status: statusOf(order) } : { order_sn: order.orderId },
      ),
    });
  });

  app.get('/api/v2/order/get_order_detail', shopApi, (c) => {
    const parsed = readParameters(detailQuery, c.req.query());
    if ('refusal' in parsed) return answers.refuse(c, parsed.refusal);
    const { shop_id, order_sn_list, response_optional_fields } = parsed.value;
    const orderIds = [...new Set(order_sn_list)];
    const own = orderIds.flatMap((orderId) => {
      const order = books.orders.get(orderId);
      return order?.sellerId === shop_id ? [order] : [];
    });
    // One unknown order fails the whole call; so does one of another shop.
    if (own.length < orderIds.length) {
      return answers.refuse(c, {
        error: 'error_not_found',
        message: 'Wrong parameters, detail: the order is not found.',
      });
    }
    return answers.response(c, {
      order_list: own.map((order) =>
        orderDetail(order, response_optional_fields ?? [], arrangements.isProcessed(order)),
      ),
    });
  });
}
