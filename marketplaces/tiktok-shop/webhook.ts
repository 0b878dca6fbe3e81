import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Delivery, Verdict, Webhook, WebhookReading } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { TikTokShopApp } from './app.ts';
import { subscribe } from './subscription.ts';

/** TikTok numbers what the subscriptions API calls by these names. */
const TOPICS: Readonly<Record<number, string>> = {
  1: 'ORDER_STATUS_CHANGE',
  2: 'REVERSE_STATUS_UPDATE',
  3: 'RECIPIENT_ADDRESS_UPDATE',
  4: 'PACKAGE_UPDATE',
  5: 'PRODUCT_STATUS_CHANGE',
  6: 'SELLER_DEAUTHORIZATION',
  7: 'UPCOMING_AUTHORIZATION_EXPIRATION',
  11: 'CANCELLATION_STATUS_CHANGE',
  12: 'RETURN_STATUS_CHANGE',
  36: 'INVOICE_STATUS_CHANGE',
};
/** Topics that are told of one order, which must be named. */
const ORDER_TYPES: readonly number[] = [1, 3, 11];

/** Latest instant that is read, seconds; ours, the year 5138. */
const MAX_INSTANT_SECONDS = 99_999_999_999;
/** Longest id that is taken from a notification, characters, ours: the longest seen has 19. */
const MAX_ID_LENGTH = 64;
const id = z.string().min(1).max(MAX_ID_LENGTH);
/** It becomes a part of a URL. */
const orderId = z.string().regex(/^\d{1,32}$/);

const notification = z.object({
  type: z.int(),
  tts_notification_id: id.nullish().catch(undefined),
  shop_id: id.nullish(),
  timestamp: z.int().positive().max(MAX_INSTANT_SECONDS).nullish().catch(undefined),
  // Other topics put other things here, which concern no order.
  data: z
    .object({
      order_id: orderId.nullish(),
      order_ids: z.array(orderId).nullish(),
      package_list: z.array(z.object({ order_id_list: z.array(orderId).nullish() })).nullish(),
    })
    .nullish()
    .catch(undefined),
});

/** TikTok keeps no list of what it could not deliver, and checks no URL: the poll finds what is lost. */
export const webhook: Webhook<TikTokShopApp> = { verify, read, subscribe };

/**
 * HMAC-SHA256 of the app key and the body, as the clients of the API compute it. TikTok states no age at which a
 * notification is too old, and resends one hours later, so none is refused for its age: a replayed one has the same
 * deduplication key, and at worst lets an order be read again.
 */
function verify(app: TikTokShopApp, { headers, body }: Delivery): Verdict {
  const given = headers.authorization;
  if (given === undefined) return { verified: false, reason: 'no authorization header' };
  if (!/^[0-9a-f]{64}$/i.test(given)) return { verified: false, reason: 'authorization is not a hex SHA-256' };
  const signature = Buffer.from(given, 'hex');
  const secrets = [app.appSecret, app.formerAppSecret].flatMap((secret) => secret ?? []);
  // `filter`, not `some`: every secret is tried, so the time tells nothing about which one fits.
  const fitting = secrets.filter((secret) => {
    return timingSafeEqual(createHmac('sha256', secret).update(app.appKey).update(body).digest(), signature);
  });
  return fitting.length > 0 ? { verified: true } : { verified: false, reason: 'the signature fits no app secret' };
}

function read(body: Uint8Array): WebhookReading {
  const { success, data: told, error } = notification.safeParse(parse(body));
  if (!success) throw unreadable(`not as documented at '${error.issues[0]?.path.map(String).join('.') ?? ''}'`);
  const { type, data } = told;
  const named = [data?.order_id, data?.order_ids, data?.package_list?.map(({ order_id_list }) => order_id_list)];
  const orderIds = [...new Set(named.flat(2).flatMap((orderId) => orderId ?? []))];
  if (orderIds.length === 0 && ORDER_TYPES.includes(type)) throw unreadable('about an order without its id');
  return {
    topic: TOPICS[type] ?? `type-${type}`,
    sellerId: told.shop_id ?? null,
    // Some topics have no id; a resend repeats the body, and two changes of one order differ in their times.
    deduplicationKey: told.tts_notification_id ?? hash('sha256', body),
    orderIds,
    occurredAt: told.timestamp ? told.timestamp * 1000 : undefined,
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes the body, so it goes no further.
    return undefined;
  }
}

function unreadable(why: string): Failure {
  return new Failure('permanent', `the notification is ${why}`, { code: 'unreadable-notification' });
}
