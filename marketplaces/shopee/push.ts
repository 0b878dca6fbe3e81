import { z } from 'zod';
import type { WebhookReading } from '#marketplaces/marketplace.ts';
import { digits, secondsAsMs } from './body.ts';

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

/**
 * What a push says, as `parseBody` leaves it; undefined if it is not as documented.
 * @param deduplicationKey the hash of its body: pushes carry no documented id, and a resend repeats the body byte for byte;
 *   two changes of one order differ in status, update_time or timestamp
 */
export function readPush(value: unknown, deduplicationKey: string): WebhookReading | undefined {
  const { data: read } = push.safeParse(value);
  if (!read) return undefined;
  const { code, data, timestamp } = read;
  if (code in ORDER_TOPICS && !data?.ordersn) return undefined;
  return {
    topic: TOPICS[code] ?? `code-${code}`,
    sellerId: onlyShop(read) ?? (data ? onlyShop(data) : undefined) ?? null,
    deduplicationKey,
    orderIds: data?.ordersn ? [data.ordersn] : [],
    occurredAt: timestamp ?? undefined,
  };
}

/** The one shop that a notice concerns; a list of several is a notice to the app as a whole. */
function onlyShop({ shop_id, shopid, shop_id_list, shop_expire_soon }: z.infer<typeof shops>): string | undefined {
  const named = [shop_id, shopid, ...(shop_id_list ?? []), ...(shop_expire_soon ?? [])];
  const ids = new Set(named.filter((id) => id && id !== '0'));
  const [first] = ids;
  return ids.size === 1 && first ? first : undefined;
}
