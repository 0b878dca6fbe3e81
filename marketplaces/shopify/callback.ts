import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '#platform/runtime/failure.ts';
import { type ShopifyApp, shopDomain } from './app.ts';

/** Parameters that a callback's hmac does not cover. */
const UNSIGNED: readonly string[] = ['hmac', 'signature'];

const shape = z.object({ code: z.string().min(1), shop: shopDomain });

/**
 * What a callback from consent says. Throws a permanent `Failure` where it is not signed by Shopify. Its timestamp is
 * not looked at: an exchange is tried again after a failure, and a code is good once, and not for long.
 */
export function readCallback(app: ShopifyApp, callback: Record<string, string>): { code: string; shop: string } {
  if (callback.error) throw new Failure('permanent', 'the seller did not consent', { code: 'consent-denied' });
  if (!isSigned(app, callback)) {
    throw new Failure('permanent', 'the callback from consent is not signed by Shopify', { code: 'callback-forged' });
  }
  const { success, data, error } = shape.safeParse(callback);
  if (success) return { code: data.code, shop: data.shop.toLowerCase() };
  throw new Failure(
    'permanent',
    `Shopify came back from consent without a usable ${error.issues[0]?.path.map(String).join('.') ?? ''}`,
    { code: 'callback-incomplete' },
  );
}

/** The hmac of a callback, as Shopify's own libraries compute it. */
export function hmacOf(secret: string, callback: Record<string, string>): Buffer {
  const signed = Object.entries(callback)
    .filter(([name]) => !UNSIGNED.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = new URLSearchParams(signed).toString().replaceAll('+', '%20');
  return createHmac('sha256', secret).update(text).digest();
}

function isSigned({ apiSecret, formerApiSecret }: ShopifyApp, callback: Record<string, string>): boolean {
  if (!/^[0-9a-f]{64}$/i.test(callback.hmac ?? '')) return false;
  const given = Buffer.from(callback.hmac!, 'hex');
  const secrets = [apiSecret, formerApiSecret].flatMap((secret) => secret ?? []);
  // `filter`, not `some`: every secret is tried, so the time tells nothing about which one fits.
  return secrets.filter((secret) => timingSafeEqual(hmacOf(secret, callback), given)).length > 0;
}
