import { z } from 'zod';
import type { Orders } from '#marketplaces/marketplace.ts';
import { readData, unreadable } from './answer.ts';
import type { ShopifyApp } from './app.ts';
import { PAGE_TOKEN_EXPIRED } from './failure.ts';
import { PAGE_SIZE } from './limits.ts';
import { orderCall, readOrders } from './order-call.ts';
import { LIST_ORDERS } from './order-query.ts';
import { shopifyOrder } from './order-shape.ts';
import { isCut, readOrder } from './read-order.ts';
import { graphqlCall } from './request.ts';
import { readWholeOrders } from './whole-orders.ts';

/** One, ours: points are counted by what is asked of each order, so several cost no less together than apart. */
const DETAIL_BATCH = 1;
/** 15 min, ours: webhooks bring news first, so polling only bounds how late a lost one is noticed */
const POLL_EVERY_MS = 900_000;
/** 10 min, ours: Shopify does not say how late a change shows in a search */
const OVERLAP_MS = 600_000;
/** 60 s, ours: the newest seconds of a list may still be filling up, and a window must be closed while it is paged */
const SETTLE_MS = 60_000;
/** 6 h, ours, so that a window stays below the 25,000 objects that can be paged through for 100,000 orders a day */
const MAX_WINDOW_MS = 6 * 3_600_000;

const page = z.object({
  orders: z.object({
    nodes: z.array(shopifyOrder),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
  }),
});

/**
 * Order ids are Shopify's numeric ones (`legacyResourceId`), which its webhooks and its pages for sellers write too.
 * Without the scope `read_all_orders`, only orders of the last 60 days are there.
 */
export const orders: Orders<ShopifyApp> = {
  pollEveryMs: POLL_EVERY_MS,
  overlapMs: OVERLAP_MS,
  settleMs: SETTLE_MS,
  maxWindowMs: MAX_WINDOW_MS,
  detailBatch: DETAIL_BATCH,
  pageSize: PAGE_SIZE,

  pageCall(context, { from, to, pageToken, pageSize = PAGE_SIZE }) {
    return graphqlCall(context, pageToken === undefined ? 'listOrders' : 'listOrdersNext', LIST_ORDERS, {
      first: Math.min(pageSize, PAGE_SIZE),
      after: pageToken ?? null,
      query: `updated_at:>='${toSecond(from)}' AND updated_at:<='${toSecond(Math.ceil(to / 1000) * 1000)}'`,
    });
  },

  /**
   * A cursor is a place in the order of changes, so an order that changes meanwhile moves no other. An order that is too
   * long for one answer is only named.
   */
  readPage(response, connection, { pageToken }) {
    const { nodes, pageInfo } = readData(response, page).orders;
    const cursor = pageInfo.endCursor ?? undefined;
    if (pageInfo.hasNextPage && !cursor) throw unreadable(response, 'no list with a usable cursor');
    if (pageInfo.hasNextPage && cursor === pageToken) throw unreadable(response, 'the page before, once more');
    return {
      orders: nodes.filter((order) => !isCut(order)).map((order) => readOrder(order, connection)),
      orderIds: nodes.filter(isCut).map(({ legacyResourceId }) => legacyResourceId),
      nextPageToken: pageInfo.hasNextPage ? cursor : undefined,
    };
  },

  isPageTokenExpired: (failure) => failure.code === PAGE_TOKEN_EXPIRED,

  detailCall: orderCall,

  readDetails: (response, connection) => readOrders(response).map((order) => readOrder(order, connection)),

  whole: { details: readWholeOrders },
};

/** `2026-11-24T06:00:00Z`: Shopify's times have no fraction of a second. */
function toSecond(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
