import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWebhookSender } from '#marketplaces/sandbox-kit/webhook-sender.ts';
import type { Destination } from './destinations.ts';
import { newUuid } from './notifications.ts';
import { listingId } from './order-shape.ts';
import { signatureHeader } from './signing-key.ts';
import { ORDER_CONFIRMATION, SCHEMA_VERSION, type Subscriptions } from './subscriptions.ts';

/** after 1 min, 5 min, 15 min and 1 h; eBay publishes no schedule, this is ours */
const RETRY_AFTER_MS = [60_000, 300_000, 900_000, 3_600_000];
/** how long an endpoint may take, ms; eBay publishes none, this is ours */
const TIMEOUT_MS = 3_000;

/**
 * Sends ORDER_CONFIRMATION, one message for an order with all its lines. eBay has no topic for anything that happens
 * to a seller's order after that: changes are found by asking.
 */
export function createOrderConfirmations(
  deps: Pick<SandboxDeps, 'now' | 'sleep' | 'send' | 'faults' | 'randomHex'>,
  options: {
    destinations: ReadonlyMap<string, Destination>;
    subscriptions: Subscriptions;
    usernameOf: (sellerId: string) => string;
  },
) {
  const sender = createWebhookSender(deps, { retryAfterMs: RETRY_AFTER_MS, timeoutMs: TIMEOUT_MS });
  return {
    stats: sender.stats,
    underWay: sender.underWay,
    /** Tells the seller's subscription, if there is one that listens. */
    send(order: BookOrder): void {
      const subscription = options.subscriptions.find(order.sellerId, ORDER_CONFIRMATION);
      if (subscription?.status !== 'ENABLED') return;
      const destination = options.destinations.get(subscription.destinationId);
      if (destination?.status !== 'ENABLED') return;

      const notificationId = `${newUuid(deps)}_${newUuid(deps)}`;
      const orderLineItems = order.lines.map((line) => ({
        orderLineItemId: line.lineId,
        listingId: listingId(line.sku),
        quantity: line.quantity,
      }));
      sender.deliver((attempt) => {
        const body = JSON.stringify({
          metadata: { topic: ORDER_CONFIRMATION, schemaVersion: SCHEMA_VERSION, deprecated: false },
          notification: {
            notificationId,
            eventDate: new Date(order.placedAt).toISOString(),
            publishDate: new Date(deps.now()).toISOString(),
            publishAttemptCount: attempt,
            data: {
              user: { userId: order.sellerId, username: options.usernameOf(order.sellerId) },
              order: { orderId: order.orderId, orderLineItems },
            },
          },
        });
        const headers = { 'content-type': 'application/json', 'x-ebay-signature': signatureHeader(body) };
        return { method: 'POST', url: destination.deliveryConfig.endpoint, headers, body };
      });
    },
  };
}
