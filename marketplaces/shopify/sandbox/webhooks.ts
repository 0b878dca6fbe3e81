import type { BookChange, BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWebhookSender } from '#marketplaces/sandbox-kit/webhook-sender.ts';
import type { Fulfillment } from './fulfillments.ts';
import { gid, idOf } from './ids.ts';
import type { Item } from './listings.ts';
import { LOCATION_ID } from './location.ts';
import type { OrderParts } from './order-state.ts';
import { API_SECRET, LATEST_VERSION, type Shop } from './registration.ts';
import { restFulfillment, restOrder, restRefund, restTime } from './rest-order.ts';
import { webhookSignature } from './signature.ts';
import { levelId } from './stock-resolvers.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';
import type { Tokens } from './tokens.ts';
import { uuid } from './uuid.ts';

const HOUR_MS = 3_600_000;
/** 8 retries over 4 h, each wait twice the one before [Shopify changelog, 10 September 2024]; the waits are not published */
const RETRIES = 8;
const RETRY_SPAN_MS = 4 * HOUR_MS;
const RETRY_AFTER_MS = Array.from({ length: RETRIES }, (_, index) =>
  Math.round((RETRY_SPAN_MS * 2 ** index) / (2 ** RETRIES - 1)),
);
/** how long the receiver may take to answer, ms [Shopify, HTTPS webhook delivery] */
const TIMEOUT_MS = 5_000;
/** how long after the app is gone its data of the shop must go [Shopify, mandatory compliance webhooks] */
const SHOP_REDACT_AFTER_MS = 48 * HOUR_MS;

/** What the app is told of every shop by its own configuration, whatever a shop's subscriptions are. */
const CONFIGURED = new Set(['app/uninstalled', 'shop/redact']);

/** What is said of an order when it changes. */
const ORDER_TOPICS: Record<BookChange, string[]> = {
  placed: ['orders/create', 'orders/paid'],
  shipped: ['orders/fulfilled', 'orders/updated'],
  delivered: ['orders/updated'],
  cancelled: ['orders/cancelled', 'orders/updated'],
};

/** The topic as subscriptions write it: `ORDERS_CREATE`. */
function subscribedTopic(topic: string): string {
  return topic.replace('/', '_').toUpperCase();
}

/**
 * Tells the app what happens in shops. `customers/data_request` and `customers/redact` are never sent: nobody asks for
 * either here.
 */
export function createWebhooks(
  deps: Pick<SandboxDeps, 'now' | 'sleep' | 'send' | 'faults' | 'randomHex'>,
  parts: {
    orders: OrderParts;
    subscriptions: Subscriptions;
    tokens: Tokens;
    shops: readonly Shop[];
    configuredUrl: string;
  },
) {
  const { orders, subscriptions, tokens } = parts;
  const sender = createWebhookSender(deps, { retryAfterMs: RETRY_AFTER_MS, timeoutMs: TIMEOUT_MS });
  const shopsById = new Map(parts.shops.map((shop) => [shop.sellerId, shop]));

  function deliver(shopId: string, topic: string, url: string, body: string, eventId: string, of?: Subscription): void {
    const request = {
      method: 'POST' as const,
      url,
      headers: {
        'Content-Type': 'application/json',
        'X-Shopify-Topic': topic,
        'X-Shopify-Hmac-Sha256': webhookSignature(API_SECRET, body),
        'X-Shopify-Shop-Domain': shopId,
        'X-Shopify-API-Version': LATEST_VERSION,
        'X-Shopify-Webhook-Id': uuid(deps.randomHex(16)),
        'X-Shopify-Event-Id': eventId,
        'X-Shopify-Triggered-At': new Date(deps.now()).toISOString(),
        ...(of?.name && { 'X-Shopify-Name': of.name }),
      },
      body,
    };
    // A resend is the same to the byte, and a subscription that fails to the end is removed.
    sender.deliver(
      () => request,
      () => void (of && subscriptions.remove(of.id)),
    );
  }

  /** Sends one event to everyone who wants it. The payload is made only if somebody does. */
  function announce(shopId: string, topic: string, payload: () => Record<string, unknown>): void {
    const wanted = subscriptions.of(shopId).filter((one) => one.topic === subscribedTopic(topic));
    const isConfigured = CONFIGURED.has(topic);
    if (wanted.length === 0 && !isConfigured) return;
    const whole = payload();
    const eventId = uuid(deps.randomHex(16));
    if (isConfigured) deliver(shopId, topic, parts.configuredUrl, JSON.stringify(whole), eventId);
    for (const one of wanted) {
      const fields = Object.entries(whole).filter(
        ([name]) => one.includeFields.length === 0 || one.includeFields.includes(name),
      );
      deliver(shopId, topic, one.uri, JSON.stringify(Object.fromEntries(fields)), eventId, one);
    }
  }

  function announceOrder(order: BookOrder, topics: readonly string[]): void {
    for (const topic of topics) announce(order.sellerId, topic, () => restOrder(order, orders));
  }
  function announceFulfillment(topic: string, fulfillment: Fulfillment): void {
    announce(fulfillment.order.sellerId, topic, () => restFulfillment(fulfillment, orders));
  }

  return {
    stats: sender.stats,
    underWay: sender.underWay,
    orderChanged(order: BookOrder, change: BookChange): void {
      announceOrder(order, ORDER_TOPICS[change]);
      if (change === 'cancelled') announce(order.sellerId, 'refunds/create', () => restRefund(order, orders));
    },
    orderTouched: (order: BookOrder): void => announceOrder(order, ['orders/updated']),
    fulfillmentCreated(fulfillment: Fulfillment, isRest: boolean): void {
      announceFulfillment('fulfillments/create', fulfillment);
      if (!isRest) announceOrder(fulfillment.order, ['orders/partially_fulfilled']);
    },
    fulfillmentUpdated: (fulfillment: Fulfillment): void => announceFulfillment('fulfillments/update', fulfillment),
    stockSet(item: Item): void {
      announce(item.shopId, 'inventory_levels/update', () => ({
        inventory_item_id: idOf('item', item.sequence),
        location_id: Number(LOCATION_ID),
        available: item.listing.quantity,
        updated_at: restTime(Math.floor(deps.now() / 1000) * 1000),
        admin_graphql_api_id: levelId(item),
      }));
    },
    /** The shop's owner removes the app. */
    uninstalled(shop: Shop): void {
      const { id, name, sellerId } = shop;
      announce(sellerId, 'app/uninstalled', () => ({
        id,
        name,
        domain: sellerId,
        myshopify_domain: sellerId,
        email: `owner@${sellerId}`,
        shop_owner: 'Sandbox owner',
        currency: shop.currency,
        admin_graphql_api_id: gid('Shop', id),
      }));
      subscriptions.removeAll(sellerId);
      void deps.sleep(SHOP_REDACT_AFTER_MS).then(() => {
        if (tokens.isInstalled(shopsById.get(sellerId)!)) return;
        announce(sellerId, 'shop/redact', () => ({ shop_id: id, shop_domain: sellerId }));
      });
    },
  };
}
