import type { Call } from '#marketplaces/marketplace.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import type { MercadolibreApp } from './app.ts';
import type { Operation } from './limits.ts';

/** A call of the API with a seller's token. `body` is sent as JSON. */
export function apiCall(
  { app, accessToken }: { app: MercadolibreApp; accessToken: string },
  operation: Operation,
  request: { method: HttpRequest['method']; path: string; headers?: Record<string, string>; body?: unknown },
): Call {
  const { method, path, headers, body } = request;
  return {
    operation,
    request: {
      method,
      url: app.apiUrl + path,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${accessToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
  };
}
