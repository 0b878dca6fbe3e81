import { createHmac } from 'node:crypto';

/** what an API path begins with, wherever the sandbox is mounted: `/order/202309` */
const API_PATH = /\/(authorization|event|fulfillment|logistics|order|product)\/\d{6}\/.*$/;
const UNSIGNED = ['sign', 'access_token'];

/** An API path without what the sandbox is mounted under. */
export function apiPath(path: string): string {
  return API_PATH.exec(path)?.[0] ?? path;
}

/**
 * The `sign` that a request must carry: path, parameters in ASCII order of their names, body, wrapped in the secret.
 * A parameter that is there several times is signed as often, as clients that write lists so do it.
 */
export function requestSignature(
  secret: string,
  request: { path: string; query: URLSearchParams; body: string },
): string {
  const pairs = [...request.query]
    .filter(([name]) => !UNSIGNED.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([name, value]) => name + value);
  return hmac(secret, `${secret}${request.path}${pairs.join('')}${request.body}${secret}`);
}

/** The `Authorization` header of a webhook. */
export function webhookSignature(appKey: string, secret: string, body: string): string {
  return hmac(secret, appKey + body);
}

function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text, 'utf8').digest('hex');
}
