import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';

/** a list may lack what has changed within this time, ms */
export const LISTING_LAG_MS = 480_000;

/** the lists of orders of all marketplaces, without the reads of single orders */
const LIST = /\/orders\?|\/order\?(?!.*orderIds=)|get_order_list/;

type Listed = { orderId?: string; order_sn?: string };

/** Whether an answer to this request is a list of orders by their time of change. */
export const isListing = ({ method, url }: HttpRequest): boolean => method === 'GET' && LIST.test(url);

/**
 * The list without the orders that have changed after `since`: as marketplaces show what comes from a late index.
 * undefined: it is all the same.
 */
export function withoutLatest(
  response: HttpResponse,
  changedAt: (orderId: string) => number,
  since: number,
): HttpResponse | undefined {
  if (response.status !== 200) return undefined;
  let json: { orders?: Listed[]; response?: { order_list?: Listed[] } };
  try {
    json = JSON.parse(response.body) as typeof json;
  } catch {
    return undefined; // no list
  }
  const isShown = ({ orderId, order_sn: orderSn }: Listed): boolean => changedAt(orderId ?? orderSn ?? '') <= since;
  const orders = json.orders ?? json.response?.order_list ?? [];
  if (orders.every(isShown)) return undefined;
  if (json.orders) json.orders = json.orders.filter(isShown);
  if (json.response?.order_list) json.response.order_list = json.response.order_list.filter(isShown);
  return { ...response, body: JSON.stringify(json) };
}
