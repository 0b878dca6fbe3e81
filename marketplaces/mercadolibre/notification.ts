import { hash } from 'node:crypto';
import { z } from 'zod';
import type { WebhookReading } from '#marketplaces/marketplace.ts';
import { epochMs, numericId } from './answer.ts';

/** Topic of orders; others are told of shipments, items, payments, and name no order. */
export const ORDER_TOPIC = 'orders_v2';
const ORDER = /^\/orders\/(\d{1,20})$/;

/** Longest id that is taken from a notification, characters, ours: the longest seen has 36. */
const MAX_ID_LENGTH = 256;
const id = z.string().min(1).max(MAX_ID_LENGTH);
/** what a word of theirs may look like, ours */
const word = z.string().regex(/^[\w-]{1,64}$/);

const fields = {
  _id: id.nullish(),
  /** some topics write it so */
  id: id.nullish(),
  /** A path of the API, or a bare id. It is not called as it stands: only an order's id is taken from it. */
  resource: z.string().regex(/^[\w./:?=&-]{1,256}$/),
  user_id: numericId,
  topic: word,
  application_id: numericId,
  attempts: z.int().min(0).nullish(),
  sent: epochMs.nullish(),
  received: epochMs.nullish(),
  /** some topics write it so */
  recieved: epochMs.nullish(),
  actions: z.array(word).nullish(),
};

/** A notification, as it is sent and as the list of missed ones holds it; that has more fields, which are left out. */
export const notification = z.object(fields);
/** A notification that holds nothing but what is documented. */
export const exactNotification = z.strictObject(fields);

export type Notification = z.infer<typeof notification>;

/** What a notification says. */
export function toReading(told: Notification): WebhookReading {
  const { topic, resource, user_id, application_id, actions } = told;
  const orderId = topic === ORDER_TOPIC ? ORDER.exec(resource)?.[1] : undefined;
  const id = told._id ?? told.id;
  const occurredAt = told.received ?? told.recieved ?? undefined;
  // A resend leaves these as they were, and changes `attempts` and `sent`.
  const lasting = [application_id, user_id, topic, resource, actions ?? null, occurredAt ?? null];
  return {
    topic,
    sellerId: user_id,
    // Anybody may send a notification: one with a known id and another resource must not stand in for the genuine one.
    deduplicationKey: id ? `${id}/${user_id}/${resource}` : hash('sha256', JSON.stringify(lasting)),
    orderIds: orderId === undefined ? [] : [orderId],
    occurredAt,
  };
}
