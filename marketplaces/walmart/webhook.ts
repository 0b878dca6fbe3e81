import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Delivery, Verdict, Webhook, WebhookReading } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { WalmartApp } from './app.ts';
import { SIGNATURE_HEADER, subscribe } from './subscription.ts';

const HEADER = SIGNATURE_HEADER.toLowerCase();
const TIMESTAMP_HEADER = 'wm_sec.timestamp';
/** how old a delivery with a timestamp may be, and how far ahead of our clock, ms; developer.walmart.com, "Security and authenticity" */
const MAX_AGE_MS = 300_000;
const MAX_AHEAD_MS = 120_000;

/** Longest id that is taken from a notification, characters, ours: the longest seen has 36. */
const MAX_ID_LENGTH = 256;
const id = z.string().min(1).max(MAX_ID_LENGTH);
/** JSON numbers of this many digits pass through a float unharmed. */
const partnerId = id.or(z.int().positive().transform(String));
/** It becomes a part of a URL. */
const purchaseOrderId = z.string().regex(/^[\w-]{1,64}$/);

/** Topics that are told of one purchase order; the last three end on 15 December 2026. */
const ORDER_TOPICS: readonly string[] = ['ORDER_UPDATES', 'PO_CREATED', 'PO_LINE_AUTOCANCELLED', 'INTENT_TO_CANCEL'];

const notification = z.object({
  source: z.object({
    eventType: id,
    eventId: id.nullish(),
    eventTime: z.iso.datetime({ offset: true }).nullish().catch(undefined),
  }),
  payload: z
    .object({
      partnerId: partnerId.nullish().catch(undefined),
      purchaseOrderId: purchaseOrderId.nullish().catch(undefined),
      order: z
        .object({ purchaseOrderId: purchaseOrderId.nullish().catch(undefined) })
        .nullish()
        .catch(undefined),
    })
    .nullish()
    .catch(undefined),
});

/** Walmart Notifications API. It keeps no list of what it could not deliver: the poll finds that. */
export const webhook: Webhook<WalmartApp> = { verify, read, subscribe };

/**
 * HMAC-SHA256 of the body, as subscriptions by `HMAC` have it. Walmart does not say how the digest is written, so hex
 * and base64 are taken. With `WM_SEC.TIMESTAMP` it covers method, path and time besides, as the page on performance
 * notifications has it.
 */
function verify(app: WalmartApp, delivery: Delivery): Verdict {
  const signature = readSignature(delivery.headers[HEADER]);
  if (!signature) return { verified: false, reason: `no signature of SHA-256 in ${HEADER}` };
  const timestamp = delivery.headers[TIMESTAMP_HEADER];
  if (timestamp !== undefined && !isRecent(timestamp, delivery.receivedAt)) {
    return { verified: false, reason: `${TIMESTAMP_HEADER} is too old, too far ahead or no time` };
  }
  const signed = timestamp === undefined ? delivery.body : canonicalForm(delivery, timestamp);
  const secrets = [app.webhookSecret, app.formerWebhookSecret].flatMap((secret) => secret ?? []);
  // `filter`, not `some`: every secret is tried, so the time tells nothing about which one fits.
  const fitting = secrets.filter((secret) => {
    return timingSafeEqual(createHmac('sha256', secret).update(signed).digest(), signature);
  });
  return fitting.length > 0 ? { verified: true } : { verified: false, reason: 'the signature fits no webhook secret' };
}

function readSignature(written: string | undefined): Buffer | undefined {
  if (written === undefined) return undefined;
  if (/^[0-9a-f]{64}$/i.test(written)) return Buffer.from(written, 'hex');
  return /^[A-Za-z0-9+/]{43}=$/.test(written) ? Buffer.from(written, 'base64') : undefined;
}

function isRecent(timestamp: string, receivedAt: number): boolean {
  if (!/^\d{1,11}$/.test(timestamp)) return false;
  const ageMs = receivedAt - Number(timestamp) * 1000;
  return ageMs <= MAX_AGE_MS && ageMs >= -MAX_AHEAD_MS;
}

function canonicalForm({ method, url, body }: Delivery, timestamp: string): string {
  // Cut out, not parsed: a parser may write the path in another form than Walmart signed.
  const pathAndQuery = /^https?:\/\/[^/]+(\/[^#]*)/.exec(url)?.[1] ?? '/';
  return [method.toUpperCase(), pathAndQuery, timestamp, hash('sha256', body)].join('\n');
}

function read(body: Uint8Array): WebhookReading {
  const { success, data, error } = notification.safeParse(parse(body));
  if (!success) throw unreadable(`not as documented at '${error.issues[0]?.path.map(String).join('.') ?? ''}'`);
  const { source, payload } = data;
  const orderId = payload?.order?.purchaseOrderId ?? payload?.purchaseOrderId ?? undefined;
  if (orderId === undefined && ORDER_TOPICS.includes(source.eventType))
    throw unreadable('about an order without its id');
  return {
    topic: source.eventType,
    sellerId: payload?.partnerId ?? null,
    // A resend keeps the event's id.
    deduplicationKey: source.eventId ?? hash('sha256', body),
    orderIds: orderId === undefined ? [] : [orderId],
    occurredAt: source.eventTime ? Date.parse(source.eventTime) : undefined,
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes the body, so it goes no further.
    throw unreadable('no JSON in UTF-8');
  }
}

function unreadable(why: string): Failure {
  return new Failure('permanent', `Walmart's notification is ${why}`, { code: 'unreadable-notification' });
}
