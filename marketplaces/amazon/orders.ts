import { z } from 'zod';
import type { Call, CallContext, Orders } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readAnswer } from './answer.ts';
import type { AmazonApp } from './app.ts';
import { PAGE_TOKEN_EXPIRED } from './failure.ts';
import { type AmazonOrder, amazonOrder, readOrder } from './read-order.ts';
import { apiCall } from './request.ts';

const ORDERS_PATH = '/orders/2026-01-01/orders';
/** The data sets that `readOrder` reads, and no more. */
const INCLUDED_DATA = 'BUYER,RECIPIENT,PROCEEDS,FULFILLMENT,PACKAGES';
/** most orders on one page, Orders API v2026-01-01 model, "maxResultsPerPage" */
const MAX_PAGE_SIZE = 100;

/** 15 min; searchOrders gains one call in 179 s, so this leaves four of five calls to longer pages and backfill */
const POLL_EVERY_MS = 900_000;
/** 10 min; orders show up about 2 min after a change, and nobody promises more */
const OVERLAP_MS = 600_000;
/** 3 min: lastUpdatedBefore must be 2 min in the past by Amazon's clock (Orders API v2026-01-01 model), 1 min for skew */
const SETTLE_MS = 180_000;
/** 30 days, chosen, as Amazon sets none: the two years it keeps then cost about one burst of searchOrders (20 calls) */
const MAX_WINDOW_MS = 2_592_000_000;

const page = z.object({
  orders: z.array(amazonOrder),
  pagination: z.object({ nextToken: z.string().nullish() }).nullish(),
});

const detail = z.object({ order: amazonOrder });

/** Orders API v2026-01-01. It needs no restricted data token: buyers' data shows if the app holds the roles for it. */
export const orders: Orders<AmazonApp> = {
  pollEveryMs: POLL_EVERY_MS,
  overlapMs: OVERLAP_MS,
  settleMs: SETTLE_MS,
  maxWindowMs: MAX_WINDOW_MS,
  detailBatch: 1,
  pageSize: MAX_PAGE_SIZE,

  pageCall(context, { from, to, pageToken, pageSize = MAX_PAGE_SIZE }) {
    const { marketplaceIds } = context.connection.settings;
    // A page token is taken only together with the parameters of the call that gave it.
    const query = {
      lastUpdatedAfter: new Date(from).toISOString(),
      lastUpdatedBefore: new Date(to).toISOString(),
      ...(marketplaceIds ? { marketplaceIds } : {}),
      includedData: INCLUDED_DATA,
      maxResultsPerPage: String(Math.min(pageSize, MAX_PAGE_SIZE)),
      ...(pageToken === undefined ? {} : { paginationToken: pageToken }),
    };
    return apiCall(context, 'searchOrders', { path: ORDERS_PATH, query });
  },

  readPage(response, connection) {
    const answer = readAnswer(response, page);
    return {
      orders: answer.orders.map((order) => readOrder(order, connection)),
      orderIds: [],
      nextPageToken: answer.pagination?.nextToken || undefined,
    };
  },

  isPageTokenExpired: (failure) => failure.code === PAGE_TOKEN_EXPIRED,

  detailCall(context, orderIds) {
    const [orderId] = orderIds;
    if (orderId === undefined || orderIds.length > 1) throw new Error('getOrder reads exactly one order');
    return orderCall(context, orderId, INCLUDED_DATA);
  },

  readDetails(response, connection) {
    return [readOrder(readDetail(response), connection)];
  },
};

/** The call for one order with some of its data sets. */
export function orderCall(context: CallContext<AmazonApp>, orderId: string, includedData: string): Call {
  const path = `${ORDERS_PATH}/${encodeURIComponent(orderId)}`;
  return apiCall(context, 'getOrder', { path, query: { includedData } });
}

/** What an answer of `orderCall` holds. */
export function readDetail(response: HttpResponse): AmazonOrder {
  return readAnswer(response, detail).order;
}
