import { z } from 'zod';
import type { Call, CallContext, ConnectionRef, OrderPage, Orders } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readAnswer } from './answer.ts';
import type { EbayApp } from './app.ts';
import { type EbayOrder, ebayOrder } from './order-shape.ts';
import { readOrder } from './read-order.ts';
import { apiCall } from './request.ts';

/** Most orders in one page, Fulfillment API getOrders `limit`; 201 is an error. */
const MAX_PAGE_SIZE = 200;
/** Most ids in one call, Fulfillment API getOrders `orderIds`. */
const MAX_ORDER_IDS = 50;

const orderList = z.object({ orders: z.array(ebayOrder) });
const orderPage = orderList.extend({
  total: z.int().min(0),
  offset: z.int().min(0),
  next: z.string().nullish(),
});

/** https://developer.ebay.com/api-docs/sell/fulfillment/resources/order/methods/getOrders */
export const orders: Orders<EbayApp> = {
  /** 10 min, ours: 144 of the 100,000 calls a day for each seller, so that a keyset carries more than 600 sellers */
  pollEveryMs: 600_000,
  /** 10 min, ours: an order that eBay lists late is found by the next polls */
  overlapMs: 600_000,
  /** 60 s, ours: a window must be closed, and its last changes listed, before it is paged by offset */
  settleMs: 60_000,
  /** 30 days, ours, so that a scan stays short; eBay takes up to two years */
  maxWindowMs: 2_592_000_000,
  detailBatch: MAX_ORDER_IDS,
  pageSize: MAX_PAGE_SIZE,

  pageCall(context, { from, to, pageToken, pageSize = MAX_PAGE_SIZE }) {
    const window = `${new Date(from).toISOString()}..${new Date(to).toISOString()}`;
    const offset = pageToken === undefined ? 0 : parsePageToken(pageToken).offset;
    const limit = Math.min(pageSize, MAX_PAGE_SIZE);
    return getOrders(context, `filter=lastmodifieddate:%5B${window}%5D&limit=${limit}&offset=${offset}`);
  },

  readPage,

  isPageTokenExpired(failure) {
    return failure.code === 'page-token-refused';
  },

  detailCall(context, orderIds) {
    return getOrders(context, `orderIds=${orderIds.map(encodeURIComponent).join(',')}`);
  },

  readDetails(response, connection) {
    return readOrders(response).map((order) => readOrder(order, connection));
  },
};

/**
 * Reads one page. eBay pages by offset and has no cursor: an order that changes during a scan leaves the closed window
 * and moves all behind it one place forward, under an offset that was counted before. So a page token carries, with
 * its offset, the `total` it was made under. When that fell by n, the scan goes n places back; when it rose, an order
 * was listed late, perhaps before this offset, and the scan begins again. Orders read twice are stored once.
 */
function readPage(
  response: HttpResponse,
  connection: ConnectionRef,
  window?: { pageToken: string | undefined },
): OrderPage {
  const page = readAnswer(response, orderPage, 'orders');
  const expected = window?.pageToken === undefined ? undefined : parsePageToken(window.pageToken);
  if (expected && expected.offset !== page.offset) throw partialPage();
  const offset = nextOffset(page, expected?.total ?? page.total);
  return {
    orders: page.orders.map((order) => readOrder(order, connection)),
    orderIds: [],
    nextPageToken: offset === undefined ? undefined : `${offset}:${page.total}`,
  };
}

function nextOffset(page: z.infer<typeof orderPage>, expectedTotal: number): number | undefined {
  if (page.total > expectedTotal) return 0;
  if (page.total < expectedTotal) return Math.max(0, page.offset - (expectedTotal - page.total));
  const end = page.offset + page.orders.length;
  if (end >= page.total && !page.next) return undefined;
  if (page.orders.length === 0) throw partialPage();
  return end;
}

function parsePageToken(pageToken: string): { offset: number; total: number } {
  const match = /^(\d{1,9}):(\d{1,9})$/.exec(pageToken);
  if (!match) throw new Failure('permanent', 'this is no page token of eBay orders', { code: 'page-token-refused' });
  return { offset: Number(match[1]), total: Number(match[2]) };
}

function partialPage(): Failure {
  return new Failure('retryable', "eBay's page is not the one asked for, or not whole", { code: 'unreadable-answer' });
}

/** The orders that an answer to `detailCall` holds, in eBay's form. */
export function readOrders(response: HttpResponse): EbayOrder[] {
  return readAnswer(response, orderList, 'orders').orders;
}

function getOrders({ app, accessToken }: CallContext<EbayApp>, query: string): Call {
  return apiCall('getOrders', { accessToken, url: `${app.apiUrl}/sell/fulfillment/v1/order?${query}` });
}
