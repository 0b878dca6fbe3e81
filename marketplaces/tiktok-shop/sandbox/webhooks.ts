import type { BookChange, BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWebhookSender } from '#marketplaces/sandbox-kit/webhook-sender.ts';
import { seconds } from './order-shape.ts';
import { APP_KEY, APP_SECRET, type Shop } from './registration.ts';
import { webhookSignature } from './signature.ts';
import type { EventType, Subscriptions } from './subscriptions.ts';
import type { Tokens } from './tokens.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
// TikTok Shop Partner Center, webhooks overview.
/** what was not answered with 200 is sent again after 2 min, 30 min, 3 h and 12 h */
const RETRY_AFTER_MS = [2 * MINUTE_MS, 30 * MINUTE_MS, 3 * HOUR_MS, 12 * HOUR_MS];
/** how long the receiver may take to answer, ms */
const TIMEOUT_MS = 3_000;
/** `type` of the webhooks that are sent here */
const TYPES = {
  ORDER_STATUS_CHANGE: 1,
  PACKAGE_UPDATE: 4,
  SELLER_DEAUTHORIZATION: 6,
  CANCELLATION_STATUS_CHANGE: 11,
} satisfies Partial<Record<EventType, number>>;
/** `order_status` of a webhook, which writes one status in its own way */
const STATUSES: Record<BookChange, string> = {
  placed: 'AWAITING_SHIPMENT',
  shipped: 'IN_TRANSIT',
  delivered: 'DELIVERED',
  cancelled: 'CANCEL',
};

const FIRST_NOTIFICATION_ID = 7_327_112_393_000_000_001n;
const FIRST_CANCEL_ID = 4_035_000_000_000_000_001n;

/**
 * Tells the app what happens to orders and consents. Webhooks of an authorization that is about to end (type 7) are not
 * simulated: nothing happens here by the passing of time alone.
 */
export function createWebhooks(
  deps: Pick<SandboxDeps, 'now' | 'sleep' | 'send' | 'faults'>,
  { tokens, subscriptions }: { tokens: Tokens; subscriptions: Subscriptions },
) {
  const sender = createWebhookSender(deps, { retryAfterMs: RETRY_AFTER_MS, timeoutMs: TIMEOUT_MS });
  let notifications = 0n;
  let cancellations = 0n;

  function deliver(shopId: string, type: keyof typeof TYPES, data: Record<string, unknown>): void {
    const body = JSON.stringify({
      type: TYPES[type],
      tts_notification_id: String(FIRST_NOTIFICATION_ID + notifications++),
      shop_id: shopId,
      timestamp: seconds(deps.now()),
      data,
    });
    const authorization = webhookSignature(APP_KEY, APP_SECRET, body);
    // A resend goes where the address points by then.
    sender.deliver(() => ({
      method: 'POST',
      url: subscriptions.addressOf(shopId, type),
      headers: { 'content-type': 'application/json', authorization },
      body,
    }));
  }

  return {
    stats: sender.stats,
    underWay: sender.underWay,
    announce(order: BookOrder, change: BookChange): void {
      if (!tokens.isAuthorized(order.sellerId)) return;
      deliver(order.sellerId, 'ORDER_STATUS_CHANGE', {
        order_id: order.orderId,
        order_status: STATUSES[change],
        is_on_hold_order: false,
        update_time: seconds(order.updatedAt),
      });
      if (change !== 'cancelled') return;
      deliver(order.sellerId, 'CANCELLATION_STATUS_CHANGE', {
        order_id: order.orderId,
        cancellations_role: 'BUYER',
        cancel_status: 'CANCELLATION_REQUEST_COMPLETE',
        cancel_id: String(FIRST_CANCEL_ID + cancellations++),
        create_time: seconds(order.updatedAt),
      });
    },
    /** A part of an order got a package of its own. No status is told of it. */
    announceSplit(order: BookOrder, packageId: string): void {
      if (!tokens.isAuthorized(order.sellerId)) return;
      deliver(order.sellerId, 'PACKAGE_UPDATE', {
        sc_type: 'SPLIT',
        role_type: 'SELLER',
        package_list: [{ package_id: packageId, order_id_list: [order.orderId] }],
        update_time: seconds(order.updatedAt),
      });
    },
    announceWithdrawal(shop: Shop): void {
      deliver(shop.sellerId, 'SELLER_DEAUTHORIZATION', {
        message: 'The seller withdrew the authorization of the app.',
      });
    },
  };
}
