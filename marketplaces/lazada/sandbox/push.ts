import type { BookChange, BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWebhookSender } from '#marketplaces/sandbox-kit/webhook-sender.ts';
import type { Fulfillment, Package } from './fulfillment.ts';
import { reverseId } from './item-shape.ts';
import { buyerId } from './order-shape.ts';
import { APP_KEY, APP_SECRET, COUNTRY } from './registration.ts';
import { pushSignature } from './signature.ts';
import type { Tokens } from './tokens.ts';
import { firstOfLines, unitsOf } from './units.ts';

// All from Lazada Open Platform's guide, Lazada push mechanism.
const MINUTE_MS = 60_000;
/** the callback must answer within 500 ms */
const TIMEOUT_MS = 500;
/** a refused push comes again 12 times, 30 min apart */
const RETRY_AFTER_MS = Array.from({ length: 12 }, () => 30 * MINUTE_MS);
/** message types */
const TRADE_ORDER = 0;
const FULFILLMENT_PACKAGE = 14;

const OK = 200;
const APP = { appKey: APP_KEY, appSecret: APP_SECRET };

/** What a package's push calls its states. */
const PACKAGE_STATUS = { ready_to_ship: 'READY_TO_SHIP', delivered: 'DELIVERED' };

export type Pushes = ReturnType<typeof createPushes>;

/**
 * Tells the app's one URL what happens to orders: a push for each line, and one for a package that is ready or has
 * arrived. Lazada pushes each piece of a line, of which the demo's wholesale orders have thousands. Not simulated: the
 * stop when more than half fail, which only the console lifts, and the warnings of tokens that end.
 */
export function createPushes(
  deps: Pick<SandboxDeps, 'now' | 'sleep' | 'send' | 'faults'>,
  parts: { callbackUrl: string; tokens: Tokens; fulfillment: Fulfillment },
) {
  const { callbackUrl, tokens, fulfillment } = parts;
  const sender = createWebhookSender(
    {
      now: () => deps.now(),
      sleep: (ms) => deps.sleep(ms),
      async send(request, options) {
        const { status } = await deps.send(request, options);
        return { status: status === OK || status >= 300 ? status : 0 }; // another 2xx does not do
      },
      faults: deps.faults,
    },
    { retryAfterMs: RETRY_AFTER_MS, timeoutMs: TIMEOUT_MS },
  );

  /** @param data read anew before each attempt, so that a retry tells the newest state */
  function push(sellerId: string, messageType: number, data: () => Record<string, unknown>): void {
    if (!tokens.isAuthorized(sellerId)) return;
    sender.deliver(() => {
      const body = JSON.stringify({
        seller_id: sellerId,
        message_type: messageType,
        data: data(),
        timestamp: deps.now(),
        site: `lazada_${COUNTRY}`,
      });
      const headers = { 'content-type': 'application/json', authorization: pushSignature(APP, body) };
      return { method: 'POST', url: callbackUrl, headers, body };
    });
  }

  function announceItem(order: BookOrder, itemId: number): void {
    push(order.sellerId, TRADE_ORDER, () => {
      const orderStatus = fulfillment.statusOf(order, itemId);
      return {
        order_status: orderStatus,
        ...(orderStatus === 'canceled' && {
          reverse_order_id: String(reverseId(Number(order.orderId))),
          reverse_order_line_id: String(reverseId(itemId)),
        }),
        trade_order_id: order.orderId,
        trade_order_line_id: String(itemId),
        status_update_time: Math.floor(order.updatedAt / 1000),
      };
    });
  }

  function announcePackage(order: BookOrder, packageId: string, state: keyof typeof PACKAGE_STATUS): void {
    push(order.sellerId, FULFILLMENT_PACKAGE, () => ({
      trade_order_id: order.orderId,
      buyer_id: buyerId(order),
      fulfillment_package_id: packageId,
      status: PACKAGE_STATUS[order.status === 'delivered' ? 'delivered' : state],
      status_update_time: Math.floor(order.updatedAt / 1000),
    }));
  }

  return {
    stats: sender.stats,
    underWay: sender.underWay,
    /** The pushes that a change in the books causes. */
    announce(order: BookOrder, change: BookChange): void {
      for (const { lineId } of order.lines) announceItem(order, Number(lineId));
      if (change !== 'delivered') return;
      const packageIds = new Set(unitsOf(order).map(({ itemId }) => fulfillment.packageOf(order, itemId)?.packageId));
      for (const packageId of packageIds) if (packageId) announcePackage(order, packageId, 'delivered');
    },
    /** The pushes that a step of the seller causes. */
    announceProgress({ order, itemIds, packageId, state }: Package): void {
      for (const itemId of firstOfLines(itemIds)) announceItem(order, itemId);
      if (state === 'ready_to_ship') announcePackage(order, packageId, state);
    },
  };
}
