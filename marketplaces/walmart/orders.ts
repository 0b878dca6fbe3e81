import { z } from 'zod';
import type { Call, CallContext, Orders } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readAnswer, unreadable } from './answer.ts';
import type { WalmartApp } from './app.ts';
import { isEmptyList, PAGE_TOKEN_EXPIRED } from './failure.ts';
import { type WalmartOrder, walmartOrder } from './order-shape.ts';
import { readOrder } from './read-order.ts';
import { apiCall } from './request.ts';

const ORDERS_PATH = '/v3/orders';
/** most orders on one page, Orders API v3, `limit` */
const MAX_PAGE_SIZE = 200;
/** most orders that one query gives, whatever its pages, Orders API v3 */
const MAX_QUERY_ORDERS = 10_000;
/**
 * 179 days: a list by change still holds only orders created in the last 7 days unless it is told otherwise, and none
 * older than 180 days (Orders API v3, `createdStartDate`); one day less for clocks that differ.
 */
const CREATED_SINCE_MS = 179 * 24 * 3_600_000;

/** 15 min, ours: notifications bring news first, and a poll is one of 5,000 calls a minute */
const POLL_EVERY_MS = 900_000;
/** 10 min, ours: Walmart does not say how late a change shows in a list */
const OVERLAP_MS = 600_000;
/** 60 s, ours: the newest seconds of a list may still be filling up, and a window must be closed while it is paged */
const SETTLE_MS = 60_000;
/** 6 h, ours, so that a window stays below MAX_QUERY_ORDERS for a seller of 40,000 orders a day */
const MAX_WINDOW_MS = 6 * 3_600_000;

/** A whole query string, which keeps to the path that it is put behind. */
const CURSOR = /^\?[^#\s]*$/;

const page = z.object({
  list: z
    .object({
      meta: z.object({ totalCount: z.int().min(0).nullish(), nextCursor: z.string().nullish() }),
      elements: z.object({ order: z.array(walmartOrder).nullish() }).nullish(),
      errors: z.array(z.object({ severity: z.string().nullish() })).nullish(),
    })
    // A list that is left out would pass for one without orders.
    .refine(({ meta, elements }) => elements?.order || meta.totalCount === 0, { path: ['elements'] }),
});

const detail = z.object({ order: walmartOrder });

/**
 * Orders API v3: purchase orders that the seller ships (`shipNodeType` SellerFulfilled, the default), which Walmart
 * lists whole. What Walmart's own warehouses ship is not listed.
 */
export const orders: Orders<WalmartApp> = {
  pollEveryMs: POLL_EVERY_MS,
  overlapMs: OVERLAP_MS,
  settleMs: SETTLE_MS,
  maxWindowMs: MAX_WINDOW_MS,
  detailBatch: 1,
  pageSize: MAX_PAGE_SIZE,

  pageCall(context, { from, to, pageToken, pageSize = MAX_PAGE_SIZE }) {
    if (pageToken !== undefined) {
      // Verbatim: a cursor that is parsed and encoded anew begins again at the first page.
      const path = ORDERS_PATH + readPageToken(pageToken).cursor;
      return apiCall(context, 'getOrdersNext', { method: 'GET', path });
    }
    const query = new URLSearchParams({
      createdStartDate: toSecond(context.now - CREATED_SINCE_MS),
      lastModifiedStartDate: toSecond(from),
      lastModifiedEndDate: toSecond(Math.ceil(to / 1000) * 1000),
      limit: String(Math.min(pageSize, MAX_PAGE_SIZE)),
    });
    return apiCall(context, 'getOrders', { method: 'GET', path: `${ORDERS_PATH}?${query}` });
  },

  readPage(response, connection, window) {
    const asked = window.pageToken === undefined ? undefined : readPageToken(window.pageToken);
    if (!asked && isEmptyList(response)) return { orders: [], orderIds: [], nextPageToken: undefined };
    const { meta, elements, errors } = readAnswer(response, page).list;
    // A list with errors in it is a part of one.
    if (errors?.some(({ severity }) => severity !== 'INFO' && severity !== 'WARN')) {
      throw unreadable(response, 'a list that is not whole');
    }
    const total = meta.totalCount ?? undefined;
    if (total !== undefined && total > MAX_QUERY_ORDERS) {
      throw new Failure('permanent', `more than ${MAX_QUERY_ORDERS} orders changed in one window`, {
        code: 'too-many-orders',
      });
    }
    // Cursors count places: an order that changes meanwhile leaves the closed window, and the rest moves under them.
    if (asked?.total !== undefined && total !== undefined && total !== asked.total) {
      throw new Failure('permanent', 'the list has changed between two of its pages', { code: PAGE_TOKEN_EXPIRED });
    }
    const cursor = meta.nextCursor || undefined;
    if (cursor !== undefined && cursor === asked?.cursor) throw unreadable(response, 'the page before, once more');
    if (cursor !== undefined && !CURSOR.test(cursor)) throw unreadable(response, 'no list with a usable cursor');
    return {
      orders: (elements?.order ?? []).map((order) => readOrder(order, connection)),
      orderIds: [],
      nextPageToken: cursor === undefined ? undefined : `${total ?? ''}${cursor}`,
    };
  },

  isPageTokenExpired: (failure) => failure.code === PAGE_TOKEN_EXPIRED,

  detailCall(context, orderIds) {
    const [orderId] = orderIds;
    if (orderId === undefined || orderIds.length > 1) throw new Error('getOrder reads exactly one order');
    return orderCall(context, orderId);
  },

  readDetails(response, connection) {
    return [readOrder(readDetail(response), connection)];
  },
};

/** The call that reads one purchase order. */
export function orderCall(context: CallContext<WalmartApp>, orderId: string): Call {
  return apiCall(context, 'getOrder', { method: 'GET', path: `${ORDERS_PATH}/${encodeURIComponent(orderId)}` });
}

/** The purchase order in an answer of `orderCall`, or of a write that answers with the order. */
export function readDetail(response: HttpResponse): WalmartOrder {
  return readAnswer(response, detail).order;
}

/** A page token is a cursor, which begins with `?`, behind the number of orders that the list had when it gave it. */
function readPageToken(pageToken: string): { total: number | undefined; cursor: string } {
  const total = /^\d*/.exec(pageToken)![0];
  const cursor = pageToken.slice(total.length);
  if (!CURSOR.test(cursor)) {
    throw new Failure('permanent', 'this is no page token of Walmart orders', { code: PAGE_TOKEN_EXPIRED });
  }
  return { total: total ? Number(total) : undefined, cursor };
}

/** `2026-11-24T06:00:00Z`: the documented form has no fraction of a second. */
function toSecond(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
