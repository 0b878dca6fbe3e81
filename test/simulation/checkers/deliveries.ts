import { hash } from 'node:crypto';
import type { DataOf } from '#events/index.ts';
import type { Inside } from '#test/simulation/simulation.ts';
import type { Checker, Posted } from '#test/simulation/watch.ts';
import { UNSIGNED } from './forgeries.ts';

const RULE = 'what was answered 2xx ends in exactly one effect';
/** a mark that stands this long was there when the repeat came, ms, unless the process stood still meanwhile */
const MARKED_SINCE_MS = 50_000;
const STANDS_STILL_MS = 660_000;

type Event = { id: string; type: string; data: DataOf<'webhook.received'> };
type Hint = {
  /** copies of its message that are still to be handled */
  copies: number;
  /** the orders that it names, and how new they were when it was sent first, epoch ms */
  orders: { key: string; marketplace: string; changedAt: number }[];
  connectionId: string | null;
};

/**
 * Every accepted notification becomes one event, whatever is resent, and its message is done with only when its orders
 * are stored as they were then, or newer.
 */
export function checkDeliveries(inside: Inside): Checker {
  const violate = (text: string): void => inside.violate(RULE, text);
  /** the notifications that a body belongs to: resends may differ in their bytes, and Shopify names them in headers only */
  const notifications = new Map<string, Set<string>>();
  const accepted = new Set<string>();
  /** those of which somebody sent a copy that can't be told from it */
  const copied = new Set<string>();
  const eventOf = new Map<string, string>();
  const hints = new Map<string, Hint>();
  const storedAt = new Map<string, number>();
  const inactive = new Set<string>();
  const markedAt = new Map<string, number>();
  const stoodStillAt = new Map<string, number>();

  function received(event: Event, by: string): void {
    const { connectionId, marketplace, orderIds, bodySha256 } = event.data;
    if (bodySha256 === null) return; // of a body that is about a person no hash tells which it was
    const mayBe = [...(notifications.get(bodySha256) ?? [])];
    if (mayBe.length === 0 && !UNSIGNED.has(marketplace)) {
      violate(`${by} queued ${event.id}, of a body that no marketplace sent`);
      return;
    }
    const isNew = !mayBe.some((notification) => eventOf.get(notification) === event.id);
    const itself = mayBe.find((notification) => !eventOf.has(notification));
    if (isNew && itself === undefined && mayBe.length > 0)
      violate(`${mayBe[0]} became the events ${eventOf.get(mayBe[0]!)} and ${event.id}`);
    if (isNew && itself !== undefined) eventOf.set(itself, event.id);
    const marked = markedAt.get(event.id);
    const now = inside.clock.now();
    const mayBeLate = now - (stoodStillAt.get(by) ?? Number.NEGATIVE_INFINITY) < STANDS_STILL_MS;
    if (marked !== undefined && now - marked > MARKED_SINCE_MS && !mayBeLate) {
      violate(`${by} queued ${event.id} again, which was marked as queued long before`);
    }
    // Only who signs nothing names orders that there are not, or that are another seller's.
    const sandbox = inside.sandboxes.find(({ name }) => name === marketplace);
    const seller = sandbox?.sellers.find((_, index) => connectionId === `${marketplace}-${index + 1}`);
    const orders = orderIds.flatMap((orderId) => {
      const book = sandbox?.books.orders.get(orderId);
      const isTheirs = book !== undefined && book.sellerId === seller?.sellerId;
      return isTheirs ? [{ key: `${connectionId}/${orderId}`, marketplace, changedAt: book.updatedAt }] : [];
    });
    // A repeat tells of the same change; what the order has become since, another hint tells.
    if (!hints.has(event.id)) hints.set(event.id, { copies: 0, orders, connectionId });
  }

  function handled(event: Event, by: string): void {
    const hint = hints.get(event.id);
    if (!hint) return;
    hint.copies -= 1;
    if (hint.copies > 0 || hint.connectionId === null || inactive.has(hint.connectionId)) return;
    for (const { key, changedAt } of hint.orders) {
      if ((storedAt.get(key) ?? -1) < changedAt) violate(`${by} was done with ${event.id}, and ${key} is not stored`);
    }
  }

  return {
    rule: RULE,
    posted(posted) {
      if (posted.isForged) {
        if (UNSIGNED.has(posted.marketplace)) copied.add(notificationOf(posted));
        return;
      }
      const key = sha256(posted.body);
      notifications.set(key, (notifications.get(key) ?? new Set()).add(notificationOf(posted)));
    },
    arrived({ status, ...posted }) {
      if (!posted.isForged && status >= 200 && status < 300) accepted.add(notificationOf(posted));
    },
    sent({ queue, body, attributes }, by) {
      if (queue !== 'sync' || !body.includes('"webhook.received"')) return;
      const event = JSON.parse(body) as Event;
      if (event.type !== 'webhook.received') return;
      // A copy that a consumer sent is no new event.
      if (attributes.attempt === undefined) received(event, by);
      const hint = hints.get(event.id);
      if (hint) hint.copies += 1;
    },
    acknowledged({ queue, body }, by) {
      if (queue !== 'sync' || !body.includes('"webhook.received"')) return;
      const event = JSON.parse(body) as Event;
      if (event.type === 'webhook.received') handled(event, by);
    },
    wrote({ table, partition, sort, after }) {
      if (table === 'deliveries' && !markedAt.has(partition)) markedAt.set(partition, inside.clock.now());
      if (table === 'orders' && after !== undefined) {
        const { order } = JSON.parse(after) as { order: { updatedAt: string } };
        storedAt.set(`${partition}/${sort}`, Date.parse(order.updatedAt));
      }
      if (table === 'connections' && sort === 'connection' && after !== undefined) {
        if ((JSON.parse(after) as { status: string }).status === 'active') inactive.delete(partition);
        else inactive.add(partition);
      }
    },
    struck(kind, worker) {
      if (kind === 'pause') stoodStillAt.set(worker, inside.clock.now());
    },
    finish() {
      for (const notification of accepted) {
        if (!eventOf.has(notification) && !copied.has(notification))
          violate(`${notification} was answered 2xx and never queued`);
      }
      for (const [id, { copies }] of hints) {
        if (copies > 0) violate(`${copies} copies of ${id} were never done with`);
      }
    },
  };
}

const sha256 = (text: string): string => hash('sha256', text);

/** an id of the notification in its body: eBay and Amazon, Mercado Libre, TikTok Shop, Walmart */
const ID = /"(?:notificationId|_id|tts_notification_id|eventId)":\s*"([^"]+)"/i;
/** Lazada has no id, and a resend has another time of sending. */
const TIME_OF_SENDING = /"timestamp":\d+(\.\d+)?/;

/** What a marketplace calls one notification: its id where it has one, else its bytes. */
function notificationOf({ marketplace, headers, body }: Pick<Posted, 'marketplace' | 'headers' | 'body'>): string {
  const id = new Headers(headers).get('x-shopify-webhook-id') ?? ID.exec(body)?.[1];
  return `${marketplace}/${id ?? sha256(marketplace === 'lazada' ? body.replace(TIME_OF_SENDING, '') : body)}`;
}
