import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import type { TikTokShopApp } from './app.ts';
import type { Operation } from './limits.ts';
import { signatureOf } from './sign.ts';

type Request = { method: HttpRequest['method']; path: string; query?: Record<string, string>; body?: unknown };

/** A signed call that concerns no single shop. `body` is sent as JSON. */
export function apiCall(
  { app, accessToken, now }: { app: TikTokShopApp; accessToken: string; now: number },
  operation: Operation,
  { method, path, query: parameters, body }: Request,
): Call {
  const query = { ...parameters, app_key: app.appKey, timestamp: String(Math.floor(now / 1000)) };
  const text = body === undefined ? '' : JSON.stringify(body);
  const sign = signatureOf(app.appSecret, { path, query, body: text });
  return {
    operation,
    request: {
      method,
      url: `${app.apiUrl}${path}?${new URLSearchParams({ ...query, sign })}`,
      headers: { 'content-type': 'application/json', 'x-tts-access-token': accessToken },
      ...(body !== undefined && { body: text }),
    },
  };
}

/** A signed call for a shop. Its cipher tells which of the shops of one consent is meant. */
export function shopCall(context: CallContext<TikTokShopApp>, operation: Operation, request: Request): Call {
  const { shopCipher } = context.connection.settings;
  if (!shopCipher) {
    throw new Failure('permanent', 'the connection does not know the cipher of its shop', {
      code: 'shop-cipher-missing',
    });
  }
  return apiCall(context, operation, { ...request, query: { ...request.query, shop_cipher: shopCipher } });
}
