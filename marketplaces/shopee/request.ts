import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import type { ShopeeApp } from './app.ts';
import type { Operation } from './limits.ts';
import { publicQuery, shopQuery } from './sign.ts';

type What = {
  operation: Operation;
  /** from `/api/v2/` on */
  path: string;
  /** for the query */
  parameters?: Record<string, string>;
  /** sent as JSON by POST; without one it is a GET. Shopee signs neither. */
  body?: object;
};

/** A call for the shop of a connection. */
export function shopCall(context: CallContext<ShopeeApp>, what: What): Call {
  return toCall(context.app, what, shopQuery(context, what.path));
}

/** A call of the app itself: for tokens, or about its pushes. */
export function appCall(app: ShopeeApp, now: number, what: What): Call {
  return toCall(app, what, publicQuery(app, what.path, now));
}

function toCall(app: ShopeeApp, { operation, path, parameters = {}, body }: What, query: URLSearchParams): Call {
  for (const [name, value] of Object.entries(parameters)) query.set(name, value);
  const url = `${app.apiUrl}${path}?${query}`;
  if (!body) return { operation, request: { method: 'GET', url, headers: {} } };
  const headers = { 'content-type': 'application/json' };
  return { operation, request: { method: 'POST', url, headers, body: JSON.stringify(body) } };
}
