import { z } from 'zod';
import type { Orders } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import type { ShopeeApp } from './app.ts';
import { readBody } from './body.ts';
import { type OrderDetail, orderDetail } from './order-shape.ts';
import { readOrder } from './read-order.ts';
import { shopCall } from './request.ts';
import { toSeconds } from './sign.ts';

/** Longest window of get_order_list: 15 days, Shopee Open Platform v2.order.get_order_list */
const MAX_WINDOW_MS = 15 * 24 * 3_600_000;
/** Most orders a page (`page_size`), v2.order.get_order_list */
const MAX_PAGE_SIZE = 100;
/** Most orders in `order_sn_list`, v2.order.get_order_detail */
const DETAIL_BATCH = 50;

/** Fields that get_order_detail only gives on request: no more than is kept of an order and of its buyer. */
const DETAIL_FIELDS = [
  'buyer_user_id',
  'buyer_username',
  'cancel_by',
  'cancel_reason',
  'fulfillment_flag',
  'item_list',
  'package_list',
  'pay_time',
  'payment_method',
  'pickup_done_time',
  'recipient_address',
  'shipping_carrier',
  'split_up',
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
    const parameters = {
      time_range_field: 'update_time',
      time_from: String(toSeconds(from)),
      time_to: String(toSeconds(to)),
      page_size: String(Math.min(pageSize, MAX_PAGE_SIZE)),
      cursor: pageToken ?? '',
      response_optional_fields: 'order_status',
      // Without it a PENDING order shows an older status.
      request_order_status_pending: 'true',
    };
    return shopCall(context, { operation: 'getOrderList', path: '/api/v2/order/get_order_list', parameters });
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
    const parameters = {
      order_sn_list: orderIds.join(','),
      request_order_status_pending: 'true',
      response_optional_fields: DETAIL_FIELDS.join(','),
    };
    return shopCall(context, { operation: 'getOrderDetail', path: '/api/v2/order/get_order_detail', parameters });
  },

  readDetails(response, connection) {
    return readOrders(response).map((detail) => readOrder(detail, connection.connectionId));
  },
};

/** The orders that an answer to `detailCall` holds, in Shopee's form. */
export function readOrders(response: HttpResponse): OrderDetail[] {
  return readBody(response, details).response.order_list;
}
