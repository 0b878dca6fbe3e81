import { hash } from 'node:crypto';
import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import type { WalmartApp } from './app.ts';
import type { Operation } from './limits.ts';

/** A call of the Marketplace API for a seller. `path` begins with `/v3/`; `body` is sent as JSON. */
export function apiCall(
  { app, connection, accessToken, now }: CallContext<WalmartApp>,
  operation: Operation,
  { method, path, body }: { method: HttpRequest['method']; path: string; body?: unknown },
): Call {
  const url = app.apiUrl + path;
  return {
    operation,
    request: {
      method,
      url,
      headers: {
        ...serviceHeaders(`${now} ${connection.connectionId} ${method} ${url}`),
        'WM_SEC.ACCESS_TOKEN': accessToken,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
  };
}

/** What every call carries; without `Accept` the answer is XML. `seed` is what tells this call from others. */
export function serviceHeaders(seed: string): Record<string, string> {
  return {
    Accept: 'application/json',
    'WM_SVC.NAME': 'Walmart Marketplace',
    'WM_QOS.CORRELATION_ID': uuidOf(seed),
  };
}

/** The app's credentials, for the calls that want them. */
export function basicAuthorization({ clientId, clientSecret }: WalmartApp): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
}

/** Walmart asks for a new UUID in each call; a connector has no random source, so it is derived (RFC 9562, version 8). */
function uuidOf(seed: string): string {
  const digits = hash('sha256', seed);
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`];
  return [...parts, digits.slice(20, 32)].join('-');
}
