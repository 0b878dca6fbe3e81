import { z } from 'zod';
import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { digits, readData, unreadable } from './answer.ts';
import type { LazadaApp } from './app.ts';
import { PAGE_TOKEN_EXPIRED } from './failure.ts';
import { type OrderHead, orderHead, toEpochMs } from './order-shape.ts';
import { sellerCall } from './request.ts';

/** most orders on one page, GetOrders, `limit` */
const MAX_PAGE_SIZE = 100;
/** furthest place that a page may begin at, GetOrders, `offset` */
const MAX_OFFSET = 5_000;
/** 1 s, ours: Lazada does not say whether the bounds of a list are part of it, and counts whole seconds */
const EDGE_MS = 1_000;

const list = z.object({ countTotal: digits.transform(Number).nullish(), orders: z.array(orderHead) });

type Window = { from: number; to: number; pageToken: string | undefined };

/** Where a page begins: a second, how many places behind its first order, and which orders of it pages before gave. */
type Place = { since: number; offset: number; given: readonly string[] };

/** The call for one page of the orders that changed in the window. */
export function listCall(context: CallContext<LazadaApp>, window: Window & { pageSize?: number }): Call {
  const { since, offset } = readPlace(window);
  return sellerCall(context, 'getOrders', {
    method: 'GET',
    path: '/orders/get',
    parameters: {
      update_after: toIso(since - EDGE_MS),
      update_before: toIso(toSecond(window.to) + EDGE_MS),
      sort_by: 'updated_at',
      sort_direction: 'ASC',
      offset: String(offset),
      limit: String(Math.min(window.pageSize ?? MAX_PAGE_SIZE, MAX_PAGE_SIZE)),
    },
  });
}

/** The orders of a page that are in the window, but their units, and the token of the next page. */
export function readList(response: HttpResponse, window: Window) {
  const { orders, countTotal } = readData(response, list);
  const place = readPlace(window);
  const found = orders.map((head) => ({ head, at: toEpochMs(head.updated_at) }));
  return {
    heads: found
      .filter(({ head, at }) => at >= place.since && at <= window.to && !isGiven(place, head, at))
      .map(({ head }) => head),
    nextPageToken: nextPageToken(response, found, countTotal, place),
  };
}

const isGiven = ({ since, given }: Place, { order_id }: OrderHead, at: number): boolean =>
  at === since && given.includes(order_id);

/**
 * Lazada's offsets count places, and stop at 5,000: an order that changes meanwhile leaves its place, and another slips
 * past the edge of a page. So a page begins at the second that the last one ended in, and an offset serves only within
 * seconds that hold more orders than a page.
 */
function nextPageToken(
  response: HttpResponse,
  found: readonly { head: OrderHead; at: number }[],
  countTotal: number | null | undefined,
  place: Place,
): string | undefined {
  const offset = place.offset + found.length;
  // A page that is empty before the end would pass for the last.
  if (found.length === 0 && offset < (countTotal ?? 0)) throw unreadable(response, 'a page without its orders');
  if (offset >= (countTotal ?? Number.POSITIVE_INFINITY) || found.length === 0) return undefined;
  const last = found.at(-1)!.at;
  const isInOrder = found.every(({ at }, index) => index === 0 || at >= found[index - 1]!.at);
  if (isInOrder && last > place.since) {
    const given = found.filter(({ at }) => at === last).map(({ head }) => head.order_id);
    return writePlace({ since: last, offset: 0, given });
  }
  if (offset > MAX_OFFSET) {
    throw new Failure('permanent', `more than ${MAX_OFFSET} orders changed in one second`, { code: 'window-too-full' });
  }
  return writePlace({ ...place, offset });
}

function writePlace({ since, offset, given }: Place): string {
  return `${since / 1000}.${offset}.${given.join(',')}`;
}

function readPlace({ from, pageToken }: Window): Place {
  if (pageToken === undefined) return { since: toSecond(from), offset: 0, given: [] };
  const [, since, offset, given = ''] = /^(\d{1,11})\.(\d{1,4})\.((?:\d+(?:,\d+)*)?)$/.exec(pageToken) ?? [];
  if (since === undefined) {
    throw new Failure('permanent', 'this is no page token of Lazada orders', { code: PAGE_TOKEN_EXPIRED });
  }
  return { since: Number(since) * 1000, offset: Number(offset), given: given.split(',') };
}

/** Lazada counts whole seconds; epoch ms of the second. */
const toSecond = (epochMs: number): number => Math.floor(epochMs / 1000) * 1000;

/** `2018-02-10T16:00:00+00:00` */
const toIso = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 19)}+00:00`;
