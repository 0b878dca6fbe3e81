import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createWebhookSender } from '#marketplaces/sandbox-kit/webhook-sender.ts';
import { createLostPushes } from './lost-pushes.ts';
import { packageNumber, seconds } from './order-shape.ts';
import { createPushHealth } from './push-health.ts';
import { PARTNER_ID } from './registration.ts';
import { pushSignature } from './signature.ts';

// All from Shopee Open Platform's guide, push mechanism.
/** a failed push is sent again after 300 s, 1 800 s and 10 800 s, then it is lost */
const RETRY_AFTER_MS = [300_000, 1_800_000, 10_800_000];
/** how long the callback may take to answer, ms */
const TIMEOUT_MS = 3_000;
/** codes of pushes */
const VERIFY = 0;
const AUTHORIZATION_CANCELLED = 2;
const ORDER_STATUS = 3;
const TRACKING_NUMBER = 4;
export const PUSH_CODES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16];
/** length of msg_id and verify_info, bytes */
const ID_BYTES = 16;

type PushRequest = Parameters<SandboxDeps['send']>[0];

export type Pushes = ReturnType<typeof createPushes>;

/** Tells the app what happens to orders, as its push settings say. */
export function createPushes(
  deps: Pick<SandboxDeps, 'now' | 'sleep' | 'send' | 'faults' | 'randomHex'>,
  options: { callbackUrl: string },
) {
  const now = (): number => deps.now();
  const config = { callbackUrl: options.callbackUrl, on: new Set(PUSH_CODES), blockedShopIds: new Set<number>() };
  const health = createPushHealth(now);
  const lost = createLostPushes(now);
  const sender = createWebhookSender(
    { now, sleep: (ms) => deps.sleep(ms), send: sendAndRecord, faults: deps.faults },
    { retryAfterMs: RETRY_AFTER_MS, timeoutMs: TIMEOUT_MS },
  );

  async function sendAndRecord(request: PushRequest, settings: { timeoutMs: number }): Promise<{ status: number }> {
    const response = await deps.send(request, settings).catch(() => ({ status: 0 }));
    health.record(isAccepted(response.status));
    return response;
  }

  /** @param shopId undefined: the push is to the app as a whole */
  function push(shopId: number | undefined, code: number, data: Record<string, unknown>): void {
    // What is missed while pushes are suspended is not sent later, nor kept as lost; retries under way still go out.
    if (!config.on.has(code) || config.blockedShopIds.has(shopId ?? 0) || health.suspendedAt() !== undefined) return;
    const about = shopId === undefined ? { partner_id: PARTNER_ID } : { shop_id: shopId };
    const message = { msg_id: deps.randomHex(ID_BYTES), data, ...about, code, timestamp: seconds(now()) };
    const body = JSON.stringify(message);
    sender.deliver(
      () => signed(config.callbackUrl, body),
      () => lost.keep({ shopId, code, body }),
    );
  }

  return {
    config,
    health,
    lost,
    stats: sender.stats,
    underWay: sender.underWay,
    /** An order has another status. */
    announceStatus(order: BookOrder, status: string): void {
      push(Number(order.sellerId), ORDER_STATUS, {
        items: [],
        ordersn: order.orderId,
        status,
        completed_scenario: order.status === 'delivered' ? 'NORMAL' : '',
        update_time: seconds(order.updatedAt),
      });
    },
    /** An order's package has a tracking number. */
    announceTrackingNumber(order: BookOrder, trackingNumber: string): void {
      push(Number(order.sellerId), TRACKING_NUMBER, {
        ordersn: order.orderId,
        forder_id: packageNumber(order),
        package_number: packageNumber(order),
        tracking_no: trackingNumber,
      });
    },
    /** A seller has taken back their consent. The shop is named in the data only. */
    announceCancelledAuthorization(shopId: number): void {
      const data = { authorize_type: 'user cancel shop authorization', extra: '', shop_id: shopId, success: 1 };
      push(undefined, AUTHORIZATION_CANCELLED, data);
    },
    /** Sends the test push to a new callback URL. False: it was not answered as it must be. */
    async verifies(callbackUrl: string): Promise<boolean> {
      const body = JSON.stringify({ code: VERIFY, data: { verify_info: deps.randomHex(ID_BYTES) } });
      const request = signed(callbackUrl, body);
      const response = await deps.send(request, { timeoutMs: TIMEOUT_MS }).catch(() => ({ status: 0 }));
      return isAccepted(response.status);
    },
  };
}

function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

function signed(url: string, body: string): PushRequest {
  const headers = { 'content-type': 'application/json', authorization: pushSignature(url, body) };
  return { method: 'POST', url, headers, body };
}
