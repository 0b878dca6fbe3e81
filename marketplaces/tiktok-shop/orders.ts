import { z } from 'zod';
import type { Call, CallContext, Orders } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readData, unreadable } from './answer.ts';
import type { TikTokShopApp } from './app.ts';
import { PAGE_TOKEN_EXPIRED } from './failure.ts';
import { type TikTokOrder, tiktokOrder } from './order-shape.ts';
import { readOrder } from './read-order.ts';
import { shopCall } from './request.ts';

/** most orders on one page, Get Order List, `page_size` */
const MAX_PAGE_SIZE = 100;
/** most orders in one call, Get Order Detail, `ids` */
const DETAIL_BATCH = 50;
/** 15 min, ours: webhooks bring news first, so polling only bounds how late a lost one is noticed */
const POLL_EVERY_MS = 900_000;
/** 10 min, ours: TikTok does not say how late a change shows in a list */
const OVERLAP_MS = 600_000;
/** 60 s, ours: the newest seconds of a list may still be filling up, and a window must be closed while it is paged */
const SETTLE_MS = 60_000;
/** 1 day, ours: TikTok states no longest window, and one of a busy shop must end some time */
const MAX_WINDOW_MS = 24 * 3_600_000;

const page = z
  .object({
    next_page_token: z.string().nullish(),
    total_count: z.int().min(0).nullish(),
    orders: z.array(tiktokOrder).nullish(),
  })
  // A list that is left out would pass for one without orders.
  .refine(({ orders, total_count }) => orders || total_count === 0, { path: ['orders'] });
const details = z.object({ orders: z.array(tiktokOrder).nullish() });

export const orders: Orders<TikTokShopApp> = {
  pollEveryMs: POLL_EVERY_MS,
  overlapMs: OVERLAP_MS,
  settleMs: SETTLE_MS,
  maxWindowMs: MAX_WINDOW_MS,
  detailBatch: DETAIL_BATCH,
  pageSize: MAX_PAGE_SIZE,

  pageCall(context, window) {
    const { since, token } = readPlace(window);
    return shopCall(context, token === undefined ? 'searchOrders' : 'searchOrdersNext', {
      method: 'POST',
      path: '/order/202309/orders/search',
      query: {
        page_size: String(Math.min(window.pageSize ?? MAX_PAGE_SIZE, MAX_PAGE_SIZE)),
        sort_field: 'update_time',
        sort_order: 'ASC',
        ...(token !== undefined && { page_token: token }),
      },
      // The window's end is part of it, and TikTok's bound is not.
      body: { update_time_ge: since, update_time_lt: toSecond(window.to) + 1 },
    });
  },

  readPage(response, connection, window) {
    const { orders, next_page_token } = readData(response, page);
    const found = orders ?? [];
    const { since, given } = readPlace(window);
    const isGiven = ({ id, update_time }: TikTokOrder) => update_time === since && given.includes(id);
    return {
      orders: found.filter((order) => !isGiven(order)).map((order) => readOrder(order, connection)),
      orderIds: [],
      nextPageToken: next_page_token ? nextPageToken(response, found, window, next_page_token) : undefined,
    };
  },

  isPageTokenExpired: (failure) => failure.code === PAGE_TOKEN_EXPIRED,

  detailCall(context, orderIds) {
    return ordersCall(context, orderIds);
  },

  readDetails(response, connection) {
    return readOrders(response).map((order) => readOrder(order, connection));
  },
};

/** The call that reads orders by their ids. */
export function ordersCall(context: CallContext<TikTokShopApp>, orderIds: readonly string[]): Call {
  const query = { ids: orderIds.join(',') };
  return shopCall(context, 'getOrders', { method: 'GET', path: '/order/202309/orders', query });
}

/** The orders in an answer of `ordersCall`. */
export function readOrders(response: HttpResponse): TikTokOrder[] {
  return readData(response, details).orders ?? [];
}

type Window = { from: number; to: number; pageToken: string | undefined };

/** Where a page begins: a second, which of its orders pages before gave, and TikTok's own token where that goes on. */
type Place = { since: number; given: readonly string[]; token: string | undefined };

/**
 * TikTok does not say whether its page tokens count places. If they do, an order that changes meanwhile leaves the
 * window, and another slips past the edge of a page. So a page begins at the second that the last one ended in, and
 * TikTok's token serves only within a second that holds more orders than a page, or where a page is not in order.
 */
function nextPageToken(response: HttpResponse, found: readonly TikTokOrder[], window: Window, token: string): string {
  const place = readPlace(window);
  if (token === place.token) throw unreadable(response, 'the page before, once more');
  const { since } = place;
  const times = found.map((order) => order.update_time);
  const isInOrder = times.every((time, index) => time >= (times[index - 1] ?? since));
  const last = times.at(-1) ?? since;
  if (!isInOrder || last <= since || last > toSecond(window.to)) return writePlace({ ...place, token });
  const given = found.filter((order) => order.update_time === last).map(({ id }) => id);
  return writePlace({ since: last, given, token: undefined });
}

/** `1795499200+576461413000000001 6As/pmq` */
function writePlace({ since, given, token }: Place): string {
  return `${since}${given.map((id) => `+${id}`).join('')}${token === undefined ? '' : ` ${token}`}`;
}

function readPlace({ from, pageToken }: Window): Place {
  if (pageToken === undefined) return { since: toSecond(from), given: [], token: undefined };
  const [, since, given = '', token] = /^(\d{1,11})((?:\+\w+)*)(?: (.+))?$/s.exec(pageToken) ?? [];
  if (since === undefined) {
    throw new Failure('permanent', 'this is no page token of TikTok Shop orders', { code: PAGE_TOKEN_EXPIRED });
  }
  return { since: Number(since), given: given.split('+').slice(1), token };
}

const toSecond = (epochMs: number): number => Math.floor(epochMs / 1000);
