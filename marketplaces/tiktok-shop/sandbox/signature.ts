import { createHmac } from 'node:crypto';

/** what an API path begins with, wherever the sandbox is mounted: `/order/202309` */
const API_PATH = /\/(authorization|event|fulfillment|logistics|order|product)\/\d{6}\/.*$/;
const UNSIGNED = ['sign', 'access_token'];

/** An API path without what the sandbox is mounted under. */
export function apiPath(path: string): string {
  return API_PATH.exec(path)?.[0] ?? path;
}

/** The `sign` that a request must carry: path, parameters in ASCII order of their names, body, wrapped in the secret. */
export function requestSignature(
  secret: string,
  request: { path: string; query: Record<string, string>; body: string },
): string {
  const pairs = Object.keys(request.query)
    .filter((name) => !UNSIGNED.includes(name))
    .sort()
    .map((name) => name + request.query[name]);
  return hmac(secret, `${secret}${request.path}${pairs.join('')}${request.body}${secret}`);
}

/** The `Authorization` header of a webhook. */
export function webhookSignature(appKey: string, secret: string, body: string): string {
  return hmac(secret, appKey + body);
}

function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text, 'utf8').digest('hex');
}
