import type { Orders } from '#marketplaces/marketplace.ts';
import type { LazadaApp } from './app.ts';
import { PAGE_TOKEN_EXPIRED } from './failure.ts';
import { DETAIL_BATCH, itemsCall, readItems } from './order-items.ts';
import { listCall, readList } from './order-list.ts';
import { readOrder } from './read-order.ts';
import { readWholeOrders, readWholePage } from './whole-orders.ts';

/** 15 min, ours: pushes bring news first, so polling only bounds how late a lost one is noticed */
const POLL_EVERY_MS = 900_000;
/** 10 min, ours: Lazada does not say how late a change shows in a list */
const OVERLAP_MS = 600_000;
/** 60 s, ours: the newest seconds of a list may still be filling up, and a window must be closed while it is paged */
const SETTLE_MS = 60_000;
/** 1 day, ours: Lazada states no longest window, and one of a busy seller must end some time */
const MAX_WINDOW_MS = 24 * 3_600_000;

/** A list names the orders, and their units tell the rest, but the buyer. */
export const orders: Orders<LazadaApp> = {
  pollEveryMs: POLL_EVERY_MS,
  overlapMs: OVERLAP_MS,
  settleMs: SETTLE_MS,
  maxWindowMs: MAX_WINDOW_MS,
  detailBatch: DETAIL_BATCH,

  pageCall: listCall,

  readPage(response, _connection, window) {
    const { heads, nextPageToken } = readList(response, window);
    return { orders: [], orderIds: heads.map(({ order_id }) => order_id), nextPageToken };
  },

  isPageTokenExpired: (failure) => failure.code === PAGE_TOKEN_EXPIRED,

  /** One unknown order fails the whole call with 'order-not-found': ask again with smaller batches to find which. */
  detailCall: itemsCall,

  readDetails(response, connection) {
    return readItems(response).map((items) => readOrder(items, undefined, connection));
  },

  whole: { page: readWholePage, details: readWholeOrders },
};
