import { createHmac } from 'node:crypto';

/** The `hmac` of an OAuth redirect's parameters: sorted by name, percent-encoded, in hex. */
export function querySignature(secret: string, parameters: Record<string, string>): string {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const text = new URLSearchParams(sorted).toString().replaceAll('+', '%20');
  return createHmac('sha256', secret).update(text).digest('hex');
}

/** The `X-Shopify-Hmac-Sha256` of a webhook's body. */
export function webhookSignature(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body, 'utf8').digest('base64');
}
