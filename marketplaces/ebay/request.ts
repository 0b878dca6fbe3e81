import type { Call } from '#marketplaces/marketplace.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import type { Operation } from './limits.ts';

/** A call of a REST API. `accessToken` is a seller's or the application's own; `body` is sent as JSON. */
export function apiCall(
  operation: Operation,
  request: { accessToken: string; method?: HttpRequest['method']; url: string; body?: unknown },
): Call {
  const { accessToken, method = 'GET', url, body } = request;
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
  if (body === undefined) return { operation, request: { method, url, headers } };
  return {
    operation,
    request: {
      method,
      url,
      // eBay wants a language with whatever is written to an inventory, and minds it nowhere else.
      headers: { ...headers, 'content-type': 'application/json', 'content-language': 'en-US' },
      body: JSON.stringify(body),
    },
  };
}
