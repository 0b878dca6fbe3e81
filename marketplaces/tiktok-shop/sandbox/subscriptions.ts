import type { Hono } from 'hono';
import { z } from 'zod';
import { type Answers, readBody } from './answers.ts';
import type { Gateway, ShopEnv } from './gateway.ts';
import { seconds } from './order-shape.ts';

/** TikTok Shop's Open API, Update Shop Webhook: what an address can be set for. */
const EVENT_TYPES = [
  'CANCELLATION_STATUS_CHANGE',
  'INVOICE_STATUS_CHANGE',
  'NEW_CONVERSATION',
  'NEW_MESSAGE',
  'NEW_MESSAGE_LISTENER',
  'ORDER_STATUS_CHANGE',
  'PACKAGE_UPDATE',
  'PRODUCT_AUDIT_STATUS_CHANGE',
  'PRODUCT_CATEGORY_CHANGE',
  'PRODUCT_CREATION',
  'PRODUCT_INFORMATION_CHANGE',
  'PRODUCT_STATUS_CHANGE',
  'RECIPIENT_ADDRESS_UPDATE',
  'RETURN_STATUS_CHANGE',
  'REVERSE_STATUS_UPDATE',
  'SELLER_DEAUTHORIZATION',
  'UPCOMING_AUTHORIZATION_EXPIRATION',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

const eventType = z.enum(EVENT_TYPES);
/** TikTok Shop wants HTTPS and a domain; a sandbox must reach a laptop too. */
const putBody = z.object({ address: z.url({ protocol: /^https?$/ }), event_type: eventType });
const deleteBody = z.object({ event_type: eventType });

type Subscription = { address: string; createdAt: number; updatedAt: number };

export type Subscriptions = ReturnType<typeof createSubscriptions>;

/**
 * Where webhooks go: to the address that the app set for this shop and event, else to the one that its developer set
 * in Partner Center for all. How the two go together at TikTok Shop is not documented.
 */
export function createSubscriptions(now: () => number, partnerCenterAddress: string) {
  const shops = new Map<string, Map<EventType, Subscription>>();
  return {
    addressOf: (shopId: string, type: EventType): string =>
      shops.get(shopId)?.get(type)?.address ?? partnerCenterAddress,
    of: (shopId: string): ReadonlyMap<EventType, Subscription> => shops.get(shopId) ?? new Map(),
    set(shopId: string, type: EventType, address: string): void {
      const own = shops.get(shopId) ?? new Map<EventType, Subscription>();
      shops.set(shopId, own);
      own.set(type, { address, createdAt: own.get(type)?.createdAt ?? now(), updatedAt: now() });
    },
    remove(shopId: string, type: EventType): void {
      shops.get(shopId)?.delete(type);
    },
  };
}

/** A shop's own webhook addresses. */
export function addSubscriptionRoutes(
  app: Hono<ShopEnv>,
  { gateway, answers, subscriptions }: { gateway: Gateway; answers: Answers; subscriptions: Subscriptions },
): void {
  const path = '/event/202309/webhooks';

  app.get(path, gateway.shop('getWebhooks'), (c) => {
    const webhooks = [...subscriptions.of(c.get('shop').sellerId)].map(([type, { address, createdAt, updatedAt }]) => ({
      event_type: type,
      address,
      create_time: seconds(createdAt),
      update_time: seconds(updatedAt),
    }));
    return answers.succeed(c, { webhooks, total_count: webhooks.length });
  });

  app.put(path, gateway.shop('updateWebhook'), async (c) => {
    const body = await readBody(c, putBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    subscriptions.set(c.get('shop').sellerId, body.value.event_type, body.value.address);
    return answers.succeed(c, {});
  });

  app.delete(path, gateway.shop('deleteWebhook'), async (c) => {
    const body = await readBody(c, deleteBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    subscriptions.remove(c.get('shop').sellerId, body.value.event_type);
    return answers.succeed(c, {});
  });
}
