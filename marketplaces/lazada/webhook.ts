import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Delivery, Verdict, Webhook, WebhookReading } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { digits, parseJson } from './answer.ts';
import type { LazadaApp } from './app.ts';

/** Lazada Open Platform, push mechanism, `message_type` */
const TOPICS: ReadonlyMap<string, string> = new Map([
  ['0', 'trade-order'],
  ['1', 'product-quality-control'],
  ['3', 'product-created'],
  ['4', 'product-edited'],
  ['5', 'product-deleted'],
  ['6', 'shallow-stock'],
  ['8', 'token-expiring'],
  ['10', 'reverse-order'],
  ['11', 'promotion'],
  ['12', 'category-changed'],
  ['13', 'seller-status'],
  ['14', 'fulfillment-package'],
  ['21', 'review'],
  ['35', 'just-in-time-purchase-order'],
]);
/** Topics that are told of one order, which must be named. */
const ORDER_TYPES = ['0', '14'];

/** A time below this is in seconds (until the year 5138), not in ms (until 1973): the guide has both. */
const LEAST_MS = 100_000_000_000;
/** An instant, epoch ms. */
const instant = z
  .string()
  .regex(/^\d{1,14}$/)
  .transform((text) => (Number(text) < LEAST_MS ? Number(text) * 1000 : Number(text)));

const push = z.object({
  seller_id: digits.nullish(),
  message_type: z.string().regex(/^\d{1,6}$/),
  site: z.string().nullish().catch(undefined),
  timestamp: instant.nullish().catch(undefined),
  // Other topics put other things here, which concern no order.
  data: z
    .looseObject({
      trade_order_id: digits.nullish(),
      status_update_time: instant.nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
});

type Push = z.infer<typeof push>;

/** Pushes are switched on in the console; what is lost no API tells, and the poll finds it. */
export const webhook: Webhook<LazadaApp> = { verify, read };

/**
 * HMAC-SHA256 of the app key and the body. Lazada states no age at which a push is too old, and resends one for six
 * hours, so none is refused for its age: a replayed one has the same deduplication key, and at worst lets an order be
 * read again.
 */
function verify(app: LazadaApp, { headers, body }: Delivery): Verdict {
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
  const { success, data: told, error } = push.safeParse(parse(body));
  if (!success) throw unreadable(`not as documented at '${error.issues[0]?.path.map(String).join('.') ?? ''}'`);
  const orderId = told.data?.trade_order_id;
  if (!orderId && ORDER_TYPES.includes(told.message_type)) throw unreadable('about an order without its id');
  return {
    topic: TOPICS.get(told.message_type) ?? `type-${told.message_type}`,
    sellerId: told.seller_id ?? null,
    deduplicationKey: deduplicationKey(told, body),
    orderIds: orderId ? [orderId] : [],
    occurredAt: told.data?.status_update_time ?? told.timestamp ?? undefined,
  };
}

/**
 * Pushes have no id. Lazada looks at an order anew before it resends a push, and does not say whether the time of the
 * envelope stays; ids, status and its time tell two pushes apart where there is such a time, else the whole body does.
 */
function deduplicationKey({ seller_id, message_type, site, data }: Push, body: Uint8Array): string {
  if (!data?.status_update_time) return hash('sha256', body);
  const values = Object.entries(data).filter(([, value]) => typeof value !== 'object');
  return hash('sha256', JSON.stringify([seller_id, message_type, site, ...values.sort()]));
}

function parse(body: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function unreadable(why: string): Failure {
  return new Failure('permanent', `the push is ${why}`, { code: 'unreadable-push' });
}
