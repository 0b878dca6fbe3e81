import { isUtf8 } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Webhook } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { ShopeeApp } from './app.ts';
import { digits, parseBody, secondsAsMs } from './body.ts';
import { hmacHex } from './sign.ts';

/** Pushes that name an order, https://open.shopee.com/push-mechanism; any other that does is read the same way. */
const ORDER_TOPICS: Record<string, string> = {
  '3': 'order-status',
  '4': 'tracking-number',
  '15': 'shipping-document-status',
};
const TOPICS: Record<string, string> = {
  ...ORDER_TOPICS,
  '0': 'url-check',
  '1': 'shop-authorized',
  '2': 'shop-deauthorized',
  '12': 'authorization-expiring',
};

/** Longest body that may be a URL check, bytes; own choice: seen ones are under 100. */
const MAX_HANDSHAKE_BYTES = 1_024;

const SIGNATURE = /^[0-9a-f]{64}$/;

const urlCheck = z.strictObject({ code: z.literal('0'), data: z.strictObject({ verify_info: z.string() }) });

const shops = z.object({
  shop_id: digits.nullish(),
  shopid: digits.nullish(),
  shop_id_list: z.array(digits).nullish(),
  shop_expire_soon: z.array(digits).nullish(),
});

const push = shops.extend({
  code: digits,
  timestamp: secondsAsMs.nullish(),
  // Other topics put text or lists here, which concern no order.
  data: shops
    .extend({ ordersn: z.string().min(1).nullish() })
    .nullish()
    .catch(undefined),
});

export const webhook: Webhook<ShopeeApp> = {
  /**
   * Saving a push URL in the console sends a URL check, perhaps unsigned, to be answered 2xx within 3 s. As this runs
   * before `verify`, only a body of exactly the check's shape counts; anything more is a push and must be signed.
   */
  handshake(_app, { method, body }) {
    if (method !== 'POST' || body.length > MAX_HANDSHAKE_BYTES) return undefined;
    if (!Buffer.from(body.buffer, body.byteOffset, body.length).includes('verify_info')) return undefined;
    if (!urlCheck.safeParse(parseBytes(body)).success) return undefined;
    return { status: 200, headers: {}, body: '' };
  },

  /**
   * Shopee states no age at which a push is too old, and resends one hours later under the same timestamp, so
   * none is refused for its age: a replayed one has the same deduplication key, and at worst lets an order be read again.
   */
  verify(app, { headers, body }) {
    const given = headers.authorization;
    if (given === undefined) return { verified: false, reason: 'no authorization header' };
    if (!SIGNATURE.test(given)) return { verified: false, reason: 'authorization is not a hex SHA-256' };
    const signature = Buffer.from(given, 'hex');
    const lenient = app.pushSignature === 'any';
    const keys = lenient ? [...app.pushPartnerKeys, app.partnerKey] : app.pushPartnerKeys;
    const prefixes = lenient ? [`${app.webhookUrl}|`, ''] : [`${app.webhookUrl}|`];
    const candidates = keys.flatMap((key) => prefixes.map((prefix) => Buffer.from(hmacHex(key, prefix, body), 'hex')));
    // `filter`, not `some`: every candidate is compared, so the time tells nothing about which one fits.
    const verified = candidates.filter((candidate) => timingSafeEqual(candidate, signature)).length > 0;
    return verified ? { verified } : { verified, reason: 'the signature fits no push key' };
  },

  read(body) {
    const { success, data: read } = push.safeParse(parseBytes(body));
    if (!success) throw unreadable('the push is not as documented');
    const { code, data, timestamp } = read;
    if (code in ORDER_TOPICS && !data?.ordersn) throw unreadable(`a push of code ${code} names no order`);
    return {
      topic: TOPICS[code] ?? `code-${code}`,
      sellerId: onlyShop(read) ?? (data ? onlyShop(data) : undefined) ?? null,
      // Pushes carry no documented id, and a resend repeats the body byte for byte; two changes of one order differ in
      // status, update_time or timestamp.
      deduplicationKey: createHash('sha256').update(body).digest('hex'),
      orderIds: data?.ordersn ? [data.ordersn] : [],
      occurredAt: timestamp ?? undefined,
    };
  },
};

/** Undefined if it is no UTF-8 or no JSON: replaced bytes would name another order. */
function parseBytes(body: Uint8Array): unknown {
  return isUtf8(body) ? parseBody(Buffer.from(body).toString()) : undefined;
}

/** The one shop that a notice concerns; a list of several is a notice to the app as a whole. */
function onlyShop({ shop_id, shopid, shop_id_list, shop_expire_soon }: z.infer<typeof shops>): string | undefined {
  const named = [shop_id, shopid, ...(shop_id_list ?? []), ...(shop_expire_soon ?? [])];
  const ids = new Set(named.filter((id) => id && id !== '0'));
  const [first] = ids;
  return ids.size === 1 && first ? first : undefined;
}

function unreadable(message: string): Failure {
  return new Failure('permanent', message, { code: 'unreadable-webhook' });
}
