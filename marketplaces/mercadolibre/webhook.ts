import { hash, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import type { Delivery, Verdict, Webhook, WebhookReading } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { parseJson } from './answer.ts';
import type { MercadolibreApp } from './app.ts';
import { missed } from './missed.ts';
import { exactNotification, notification, ORDER_TOPIC, toReading } from './notification.ts';

/** https://developers.mercadolibre.com.ar/en_us/products-receive-notifications; topics are chosen by hand, in the application */
export const webhook: Webhook<MercadolibreApp> = { unsigned: true, verify, read, missed };

/**
 * Mercado Libre signs no notification. So one is taken that is whole, is of our application, holds nothing that is not
 * documented, and knows the query of our callback URL, if that has one. The proof is that the order is read again:
 * whoever invents a notification makes us read an order that is there, or find that there is none.
 */
function verify(app: MercadolibreApp, { method, query, body }: Delivery): Verdict {
  if (method !== 'POST') return { verified: false, reason: 'not a POST' };
  const differing = [...new URL(app.webhookUrl).searchParams].filter(([name, value]) => {
    // By their hashes, which are of one length, so the time tells nothing of the value.
    return !timingSafeEqual(hash('sha256', value, 'buffer'), hash('sha256', query[name] ?? '', 'buffer'));
  });
  if (differing.length > 0) return { verified: false, reason: 'the query is not that of the callback URL' };
  const { success, data, error } = exactNotification.safeParse(parse(body));
  if (!success) return { verified: false, reason: `no notification: not as documented at '${placeOf(error)}'` };
  if (data.application_id !== app.clientId) return { verified: false, reason: 'of another application' };
  return { verified: true };
}

function read(body: Uint8Array): WebhookReading {
  const { success, data, error } = notification.safeParse(parse(body));
  if (!success) throw unreadable(`not as documented at '${placeOf(error)}'`);
  const reading = toReading(data);
  if (reading.topic === ORDER_TOPIC && reading.orderIds.length === 0) throw unreadable('about an order without its id');
  return reading;
}

function parse(body: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

const placeOf = (error: z.ZodError): string => error.issues[0]?.path.map(String).join('.') ?? '';

function unreadable(why: string): Failure {
  return new Failure('permanent', `Mercado Libre's notification is ${why}`, { code: 'unreadable-notification' });
}
