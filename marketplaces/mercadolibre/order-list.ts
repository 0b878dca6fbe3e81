import { z } from 'zod';
import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readAnswer, unreadable } from './answer.ts';
import type { MercadolibreApp } from './app.ts';
import { type MercadolibreOrder, mercadolibreOrder } from './order-shape.ts';
import { apiCall } from './request.ts';

/** This is no place in a list: the window begins anew. */
export const PAGE_TOKEN_EXPIRED = 'page-token-expired';
/** most orders on one page, Orders search, `limit` */
export const MAX_PAGE_SIZE = 50;
/** most orders in a window, ours: Mercado Libre asks to narrow the window rather than to page deep */
const MAX_WINDOW_ORDERS = 10_000;

const list = z.object({
  results: z.array(mercadolibreOrder),
  paging: z.object({ total: z.int().min(0), offset: z.int().min(0), limit: z.int().min(1) }),
});

type Place = { offset: number; limit: number };

/** The call for one page of the seller's orders that changed in the window. */
export function listCall(
  context: CallContext<MercadolibreApp>,
  window: { from: number; to: number; pageToken: string | undefined; pageSize?: number },
): Call {
  const first = { offset: 0, limit: Math.min(window.pageSize ?? MAX_PAGE_SIZE, MAX_PAGE_SIZE) };
  const { offset, limit } = window.pageToken === undefined ? first : readPlace(window.pageToken);
  const query = new URLSearchParams({
    seller: context.connection.sellerId,
    'order.date_last_updated.from': toIso(window.from),
    'order.date_last_updated.to': toIso(window.to),
    sort: 'date_asc',
    offset: String(offset),
    limit: String(limit),
  });
  return apiCall(context, 'searchOrders', { method: 'GET', path: `/orders/search?${query}` });
}

/**
 * Offsets count places. The window is closed, so an order that changes meanwhile leaves it, and those behind it move
 * down one place. So pages are read from the last to the first: what moves down is read twice at worst, and never slips
 * past. Where there are several, the first answer only tells how many orders there are.
 */
export function readList(
  response: HttpResponse,
  pageToken: string | undefined,
): { found: MercadolibreOrder[]; nextPageToken: string | undefined } {
  const { results, paging } = readAnswer(response, list);
  const { total, limit } = paging;
  if (pageToken === undefined) {
    if (total > MAX_WINDOW_ORDERS) {
      throw new Failure('permanent', `more than ${MAX_WINDOW_ORDERS} orders changed in one window`, {
        code: 'too-many-orders',
      });
    }
    if (results.length >= total) return { found: results, nextPageToken: undefined };
    return { found: [], nextPageToken: writePlace({ offset: Math.floor((total - 1) / limit) * limit, limit }) };
  }
  const place = readPlace(pageToken);
  if (paging.offset !== place.offset || limit !== place.limit) throw unreadable(response, 'not the page asked for');
  // What is missing on a page that is not the last would never be read.
  if (results.length < Math.min(limit, total - place.offset)) throw unreadable(response, 'a page without its orders');
  const offset = Math.max(0, place.offset - limit);
  return { found: results, nextPageToken: place.offset === 0 ? undefined : writePlace({ offset, limit }) };
}

const writePlace = ({ offset, limit }: Place): string => `${offset}+${limit}`;

function readPlace(pageToken: string): Place {
  const [, offset, limit] = /^(\d{1,6})\+(\d{1,3})$/.exec(pageToken) ?? [];
  if (offset === undefined) {
    throw new Failure('permanent', 'this is no page token of Mercado Libre orders', { code: PAGE_TOKEN_EXPIRED });
  }
  return { offset: Number(offset), limit: Number(limit) };
}

/** `2026-11-24T06:00:00.000-00:00`, the form that the documentation uses */
const toIso = (epochMs: number): string => new Date(epochMs).toISOString().replace('Z', '-00:00');
