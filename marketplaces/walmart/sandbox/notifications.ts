import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWebhookSender } from '#marketplaces/sandbox-kit/webhook-sender.ts';
import { eventTypes } from './event-types.ts';
import { TIMEOUT_MS, writeRequest } from './notification-request.ts';
import { customerOrderId, shipBy } from './order-shape.ts';
import type { Subscriptions } from './subscriptions.ts';
import { uuid } from './uuid.ts';

/** 5, 15 and 45 min, each after the attempt before [Walmart Marketplace developer portal, webhook retries] */
const RETRY_AFTER_MS = [300_000, 900_000, 2_700_000];

export const ORDER_UPDATES = 'ORDER_UPDATES';

export type OrderEvent = 'PO_CREATED' | 'PO_LINE_AUTOCANCELLED';

/**
 * Tells sellers of new and automatically cancelled orders: as ORDER_UPDATES with the event inside it, and as the legacy
 * event of the same name until that is removed. Walmart has no event for a shipment or a delivery, nor for what the
 * seller does: such changes are found by asking. The payload of ORDER_UPDATES is not published as a whole.
 */
export function createNotifications(
  deps: Pick<SandboxDeps, 'now' | 'sleep' | 'send' | 'faults' | 'randomHex'>,
  subscriptions: Subscriptions,
) {
  const sender = createWebhookSender(deps, { retryAfterMs: RETRY_AFTER_MS, timeoutMs: TIMEOUT_MS });

  function deliver(order: BookOrder, eventType: string, payload: unknown): void {
    const isSent = eventTypes(deps.now()).some((one) => one.eventType === eventType);
    const targets = [...subscriptions.values()].filter(
      (one) => one.partnerId === order.sellerId && one.eventType === eventType && one.status === 'ACTIVE',
    );
    if (!isSent || targets.length === 0) return;
    const eventTime = new Date(order.updatedAt).toISOString();
    const source = { eventType, eventTime, eventId: uuid(deps.randomHex(16)) };
    const body = JSON.stringify({ source, payload });
    for (const subscription of targets) {
      // A resend goes where the subscription points by then.
      sender.deliver(() => writeRequest(subscriptions.get(subscription.subscriptionId) ?? subscription, body));
    }
  }

  return {
    stats: sender.stats,
    underWay: sender.underWay,
    announce(order: BookOrder, event: OrderEvent): void {
      const partnerId = order.sellerId;
      const summary = renderSummary(order);
      deliver(order, ORDER_UPDATES, { subEventType: event, partnerId, order: summary });
      deliver(order, event, { partnerId, ...summary });
    },
  };
}

/** What an event says of an order: nothing of its buyer. */
function renderSummary(order: BookOrder) {
  return {
    purchaseOrderId: order.orderId,
    customerOrderId: customerOrderId(order),
    orderDate: new Date(order.placedAt).toISOString(),
    estimatedShipDate: new Date(shipBy(order)).toISOString(),
    orderLines: order.lines.map(({ lineId, sku, title, quantity }) => ({
      lineNumber: lineId,
      sku,
      productName: title,
      quantity: { unitOfMeasure: 'EACH', measurementValue: quantity },
    })),
  };
}
