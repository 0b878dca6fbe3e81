import { z } from 'zod';
import type { Webhook } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { AmazonApp } from './app.ts';
import { subscribe } from './subscription.ts';

// Amazon writes ORDER_CHANGE in PascalCase and feed and report notices in camelCase, so keys are found in any casing.
const envelope = inAnyCase({
  notificationtype: z.string().min(1),
  eventtime: z.iso.datetime({ offset: true }).optional().catch(undefined),
  payload: z.unknown(),
  notificationmetadata: inAnyCase({ notificationid: z.string().min(1) }),
});

const orderChange = inAnyCase({
  orderchangenotification: inAnyCase({
    sellerid: z.string().min(1),
    // It becomes a part of a URL, so a word of dots or slashes is none.
    amazonorderid: z.string().regex(/^[\w-]+$/),
  }),
});

const seller = inAnyCase({ sellerid: z.string().min(1) });

/**
 * Notifications API: Amazon sends to the developer's own SQS queue and signs nothing. `read` takes the body of a
 * message from that queue. https://developer-docs.amazon.com/sp-api/docs/notifications-api-v1-use-case-guide
 */
export const webhook: Webhook<AmazonApp> = {
  verify() {
    return {
      verified: false,
      reason: 'Amazon sends no webhooks over HTTP: its notifications come through an SQS queue, which vouches for them',
    };
  },

  read(body) {
    const notification = read(envelope, parseJson(body), 'notification');
    const reading = {
      topic: notification.notificationtype,
      deduplicationKey: notification.notificationmetadata.notificationid,
      occurredAt: notification.eventtime === undefined ? undefined : Date.parse(notification.eventtime),
    };
    if (notification.notificationtype !== 'ORDER_CHANGE') {
      return { ...reading, sellerId: sellerIn(notification.payload), orderIds: [] };
    }
    const change = read(orderChange, notification.payload, 'ORDER_CHANGE payload').orderchangenotification;
    return { ...reading, sellerId: change.sellerid, orderIds: [change.amazonorderid] };
  },

  subscribe,
};

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes the body, so it goes no further.
    throw unreadable('notification is not JSON');
  }
}

function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unreadable(`${what} lacks '${parsed.error.issues[0]?.path.map(String).join('.') ?? ''}'`);
  return parsed.data;
}

/** Most types name their seller in the payload or in an object directly inside it; some concern none. */
function sellerIn(payload: unknown): string | null {
  if (!isRecord(payload)) return null;
  for (const part of [payload, ...Object.values(payload)]) {
    const parsed = seller.safeParse(part);
    if (parsed.success) return parsed.data.sellerid;
  }
  return null;
}

function inAnyCase<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(lowerCaseKeys, z.object(shape));
}

function lowerCaseKeys(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key.toLowerCase(), held]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(message: string): Failure {
  return new Failure('permanent', `Amazon's ${message}`, { code: 'unreadable-notification' });
}
