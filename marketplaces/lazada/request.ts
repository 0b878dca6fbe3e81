import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { LazadaApp } from './app.ts';
import type { Operation } from './limits.ts';
import { signatureOf } from './sign.ts';

type Request = { method: 'GET' | 'POST'; path: string; parameters?: Record<string, string> };

/** A signed call of no single seller. The parameters of a POST go as a form, so that no secret stands in its URL. */
export function signedCall(
  { app, baseUrl, now }: { app: LazadaApp; baseUrl: string; now: number },
  operation: Operation,
  { method, path, parameters }: Request,
): Call {
  // Whole milliseconds, which a simulated clock does not keep to.
  const timestamp = String(Math.floor(now));
  const whole = { ...parameters, app_key: app.appKey, timestamp, sign_method: 'sha256' };
  const sent = String(new URLSearchParams({ ...whole, sign: signatureOf(app.appSecret, path, whole) }));
  const url = baseUrl + path;
  if (method === 'GET') return { operation, request: { method, url: `${url}?${sent}`, headers: {} } };
  const headers = { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' };
  return { operation, request: { method, url, headers, body: sent } };
}

/** A signed call for a seller, at the host of the seller's country. */
export function sellerCall(context: CallContext<LazadaApp>, operation: Operation, request: Request): Call {
  const { app, connection, accessToken, now } = context;
  const { country = '' } = connection.settings;
  if (!Object.hasOwn(app.apiUrls, country)) {
    throw new Failure('permanent', 'the registration has no API host for the country of the seller', {
      code: 'country-unknown',
    });
  }
  const parameters = { ...request.parameters, access_token: accessToken };
  return signedCall({ app, baseUrl: app.apiUrls[country]!, now }, operation, { ...request, parameters });
}
