import { z } from 'zod';
import type { Call, CallContext, Orders } from '#marketplaces/marketplace.ts';
import type { ShopeeApp } from './app.ts';
import { readBody } from './body.ts';
import { orderDetail, toReadOrder } from './order-detail.ts';
import { shopQuery, toSeconds } from './sign.ts';

/** Longest window of get_order_list: 15 days, Shopee Open Platform v2.order.get_order_list */
const MAX_WINDOW_MS = 15 * 24 * 3_600_000;
/** Most orders a page (`page_size`), v2.order.get_order_list */
const MAX_PAGE_SIZE = 100;
/** Most orders in `order_sn_list`, v2.order.get_order_detail */
const DETAIL_BATCH = 50;

/** Fields that get_order_detail only gives on request: no more than the normal form and the buyer's record hold. */
const DETAIL_FIELDS = [
  'buyer_username',
  'item_list',
  'package_list',
  'pickup_done_time',
  'recipient_address',
  'shipping_carrier',
  'total_amount',
];

const page = z.object({
  error: z.literal(''),
  response: z
    .object({
      more: z.boolean(),
      next_cursor: z.string().nullish(),
      order_list: z.array(z.object({ order_sn: z.string().min(1) })),
    })
    // A page that announces more without a cursor would pass for the last one.
    .refine(({ more, next_cursor }) => !more || next_cursor, { path: ['next_cursor'] }),
});

const details = z.object({ error: z.literal(''), response: z.object({ order_list: z.array(orderDetail) }) });

export const orders: Orders<ShopeeApp> = {
  /** own choice: pushes bring news first, so polling only has to bound how late a lost one is noticed */
  pollEveryMs: 10 * 60_000,
  /** own choice: Shopee does not say whether a window's bounds are inclusive, nor how late an update shows */
  overlapMs: 10 * 60_000,
  /** own choice: the newest seconds of a list may still be filling up */
  settleMs: 45_000,
  maxWindowMs: MAX_WINDOW_MS,
  detailBatch: DETAIL_BATCH,

  pageCall(context, { from, to, pageToken, pageSize = MAX_PAGE_SIZE }) {
    return shopCall(context, 'getOrderList', '/api/v2/order/get_order_list', {
      time_range_field: 'update_time',
      time_from: String(toSeconds(from)),
      time_to: String(toSeconds(to)),
      page_size: String(Math.min(pageSize, MAX_PAGE_SIZE)),
      cursor: pageToken ?? '',
      response_optional_fields: 'order_status',
      // Without it a PENDING order shows an older status.
      request_order_status_pending: 'true',
    });
  },

  readPage(response) {
    const { more, next_cursor, order_list } = readBody(response, page).response;
    return {
      orders: [],
      orderIds: order_list.map(({ order_sn }) => order_sn),
      nextPageToken: more ? (next_cursor ?? undefined) : undefined,
    };
  },

  isPageTokenExpired: (failure) => failure.code === 'page-token-expired',

  /** One unknown order fails the whole call with 'order-not-found': ask again with smaller batches to find which. */
  detailCall(context, orderIds) {
    return shopCall(context, 'getOrderDetail', '/api/v2/order/get_order_detail', {
      order_sn_list: orderIds.join(','),
      request_order_status_pending: 'true',
      response_optional_fields: DETAIL_FIELDS.join(','),
    });
  },

  readDetails(response, connection) {
    const { order_list } = readBody(response, details).response;
    return order_list.map((detail) => toReadOrder(detail, connection.connectionId));
  },
};

function shopCall(
  context: CallContext<ShopeeApp>,
  operation: string,
  path: string,
  parameters: Record<string, string>,
): Call {
  const query = shopQuery(context, path);
  for (const [name, value] of Object.entries(parameters)) query.set(name, value);
  return { operation, request: { method: 'GET', url: `${context.app.apiUrl}${path}?${query}`, headers: {} } };
}
