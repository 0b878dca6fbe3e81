import type { Orders } from '#marketplaces/marketplace.ts';
import { readAnswer } from './answer.ts';
import type { MercadolibreApp } from './app.ts';
import { orderCall } from './order-call.ts';
import { listCall, MAX_PAGE_SIZE, PAGE_TOKEN_EXPIRED, readList } from './order-list.ts';
import { mercadolibreOrder } from './order-shape.ts';
import { readOrder } from './read-order.ts';
import { readWholeOrder, readWholePage } from './whole-orders.ts';

/** 15 min, ours: notifications bring news first, so polling only bounds how late a lost one is noticed */
const POLL_EVERY_MS = 900_000;
/** 10 min, ours: Mercado Libre does not say how late a change shows in a list */
const OVERLAP_MS = 600_000;
/** 60 s, ours: the newest seconds of a list may still be filling up, and a window must be closed while it is paged */
const SETTLE_MS = 60_000;
/** 6 h, ours: Mercado Libre states no longest window, and asks to keep them narrow where much is read */
const MAX_WINDOW_MS = 6 * 3_600_000;

/** An order alone says neither how far its parcel is nor who gets it: its shipment does. */
export const orders: Orders<MercadolibreApp> = {
  pollEveryMs: POLL_EVERY_MS,
  overlapMs: OVERLAP_MS,
  settleMs: SETTLE_MS,
  maxWindowMs: MAX_WINDOW_MS,
  detailBatch: 1,
  pageSize: MAX_PAGE_SIZE,

  pageCall: listCall,

  readPage(response, connection, window) {
    const { found, nextPageToken } = readList(response, window.pageToken);
    return { orders: found.map((order) => readOrder(order, undefined, connection)), orderIds: [], nextPageToken };
  },

  isPageTokenExpired: (failure) => failure.code === PAGE_TOKEN_EXPIRED,

  detailCall(context, orderIds) {
    const [orderId] = orderIds;
    if (orderId === undefined || orderIds.length > 1) throw new Error('getOrder reads exactly one order');
    return orderCall(context, orderId);
  },

  readDetails(response, connection) {
    return [readOrder(readAnswer(response, mercadolibreOrder), undefined, connection)];
  },

  whole: {
    page: readWholePage,
    details: (context, [orderId = ''], answers) => readWholeOrder(context, orderId, answers),
  },
};
