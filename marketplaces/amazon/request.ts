import type { Call, CallContext, ConnectionRef } from '#marketplaces/marketplace.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import type { AmazonApp } from './app.ts';
import type { ApiOperation, TokenOperation } from './limits.ts';

/** A call of the Selling Partner API. `body` is sent as JSON. */
export function apiCall(
  { app, accessToken, now }: Pick<CallContext<AmazonApp>, 'app' | 'accessToken' | 'now'>,
  operation: ApiOperation,
  {
    method = 'GET',
    path,
    query = {},
    body,
  }: { method?: HttpRequest['method']; path: string; query?: Record<string, string>; body?: unknown },
): Call {
  const search = new URLSearchParams(query).toString();
  return {
    operation,
    request: {
      method,
      url: app.apiUrl + path + (search && `?${search}`),
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        'user-agent': app.userAgent,
        'x-amz-access-token': accessToken,
        'x-amz-date': amzDate(now),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
  };
}

/** A call of Login with Amazon's token endpoint, with the app's credentials. */
export function tokenCall(app: AmazonApp, operation: TokenOperation, grant: Record<string, string>): Call {
  return {
    operation,
    request: {
      method: 'POST',
      url: app.tokenUrl,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
        'user-agent': app.userAgent,
      },
      body: new URLSearchParams({ ...grant, client_id: app.clientId, client_secret: app.clientSecret }).toString(),
    },
  };
}

/** The store that a connection's listings are in where nothing else names one: the first of its setting. */
export function firstMarketplaceId({ settings }: ConnectionRef): string | undefined {
  return settings.marketplaceIds?.split(',')[0] || undefined;
}

/** `20261124T060000Z` */
function amzDate(now: number): string {
  return new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
