import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Delivery, Verdict, Webhook, WebhookReading } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { type ShopifyApp, shopDomain } from './app.ts';
import { subscribe } from './subscription.ts';

const SIGNATURE_HEADER = 'x-shopify-hmac-sha256';

/** TypeScript does not know the third argument yet: https://github.com/tc39/proposal-json-parse-with-source */
type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

/** Webhooks write ids as JSON numbers, some too long for a float; kept as their own text, they pass through none. */
const keepIds: Reviver = (key, value, { source }) =>
  typeof value === 'number' && /^(id|order_id|\d+)$/.test(key) ? source : value;

/** Topics of which the order's id is the body's own; of an order that is deleted there is nothing to read. */
const ORDER_TOPIC = /^orders\/(?!delete$)/;
/** By law, not about orders: what they name must be erased, or told to the shop, and not be read anew. */
const PRIVACY_TOPICS: readonly string[] = ['customers/data_request', 'customers/redact', 'shop/redact'];
/** Topics that are told of one order, which must be named. */
const NEEDS_ORDER =
  /^(orders\/(create|updated|paid|partially_fulfilled|fulfilled|cancelled)|(fulfillments|refunds)\/\w+)$/;

const headersShape = z.object({
  'x-shopify-topic': z.string().regex(/^[a-z_]{1,64}(\/[a-z_]{1,64}){1,3}$/),
  'x-shopify-shop-domain': shopDomain,
  'x-shopify-webhook-id': z.string().regex(/^[\w-]{1,128}$/),
  'x-shopify-triggered-at': z.iso.datetime({ offset: true }).optional().catch(undefined),
});

/** It becomes a part of a GraphQL id. */
const orderId = z.string().regex(/^\d{1,20}$/);

const bodyShape = z.object({
  id: orderId.nullish().catch(undefined),
  order_id: orderId.nullish().catch(undefined),
  /** of the privacy topics, and of `app/uninstalled` */
  shop_domain: z.string().nullish().catch(undefined),
  myshopify_domain: z.string().nullish().catch(undefined),
});

/** A notice that can't be read whole is refused: what it names would not be erased. */
const redactShape = z.object({
  customer: z.object({ email: z.string().nullish() }).nullish(),
  orders_to_redact: z.array(orderId).nullish(),
});
const dataRequestShape = z.object({
  data_request: z.object({ id: orderId.nullish() }).nullish(),
  orders_requested: z.array(orderId).nullish(),
});

/** Shopify keeps no list of what it could not deliver, and checks no URL: the poll finds what is lost. */
export const webhook = { verify, read, subscribe } satisfies Webhook<ShopifyApp>;

/**
 * HMAC-SHA256 of the body. Shopify states no age at which a delivery is too old, and resends one for four hours, so none
 * is refused for its age: a replayed one at worst lets an order be read again.
 */
function verify(app: ShopifyApp, { headers, body }: Delivery): Verdict {
  const given = headers[SIGNATURE_HEADER];
  if (given === undefined) return { verified: false, reason: `no ${SIGNATURE_HEADER} header` };
  if (!/^[A-Za-z0-9+/]{43}=$/.test(given)) {
    return { verified: false, reason: `${SIGNATURE_HEADER} is not a SHA-256 in base64` };
  }
  const signature = Buffer.from(given, 'base64');
  const secrets = [app.apiSecret, app.formerApiSecret].flatMap((secret) => secret ?? []);
  // `filter`, not `some`: every secret is tried, so the time tells nothing about which one fits.
  const fitting = secrets.filter((secret) => {
    return timingSafeEqual(createHmac('sha256', secret).update(body).digest(), signature);
  });
  return fitting.length > 0 ? { verified: true } : { verified: false, reason: 'the signature fits no app secret' };
}

/**
 * Topic, shop and id of a delivery stand in its headers alone, which the signature does not cover: whoever holds one
 * signed body may send it under others. So a reading is only a hint, and a body that names its shop must agree.
 */
function read(body: Uint8Array, headers: Record<string, string> = {}): WebhookReading {
  const told = parse(headersShape, headers, 'header');
  const json = parseJson(body);
  const named = parse(bodyShape, json, 'body');
  const topic = told['x-shopify-topic'];
  const sellerId = told['x-shopify-shop-domain'].toLowerCase();
  const ofBody = named.shop_domain ?? named.myshopify_domain;
  if (ofBody && ofBody.toLowerCase() !== sellerId) throw unreadable('of another shop than its headers say');
  const triggeredAt = told['x-shopify-triggered-at'];
  return {
    topic,
    sellerId,
    deduplicationKey: told['x-shopify-webhook-id'],
    orderIds: orderIdsOf(topic, named),
    occurredAt: triggeredAt ? Date.parse(triggeredAt) : undefined,
    ...wishOf(topic, json),
  };
}

/**
 * What a privacy law lets a customer or a shop ask for. Orders are named, and the customer by the e-mail address that they
 * hold; the customer's id they don't.
 */
function wishOf(topic: string, json: unknown): Pick<WebhookReading, 'erasure' | 'dataRequest'> {
  switch (topic) {
    case 'shop/redact':
      return { erasure: { ofSeller: true } };
    case 'customers/redact': {
      const { customer, orders_to_redact } = parse(redactShape, json, 'body');
      return { erasure: { buyerAccounts: customer?.email ? [customer.email] : [], orderIds: orders_to_redact ?? [] } };
    }
    case 'customers/data_request': {
      const { data_request, orders_requested } = parse(dataRequestShape, json, 'body');
      return { dataRequest: { requestId: data_request?.id ?? null, orderIds: orders_requested ?? [] } };
    }
    default:
      return {};
  }
}

function orderIdsOf(topic: string, { id, order_id }: z.infer<typeof bodyShape>): string[] {
  if (PRIVACY_TOPICS.includes(topic)) return [];
  const found = order_id ?? (ORDER_TOPIC.test(topic) ? id : undefined);
  if (!found && NEEDS_ORDER.test(topic)) throw unreadable('about an order without its id');
  return found ? [found] : [];
}

function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw unreadable(`not as documented at ${what} '${error.issues[0]?.path.map(String).join('.') ?? ''}'`);
}

function parseJson(body: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return JSON.parse(text, keepIds as (key: string, value: unknown) => unknown);
  } catch {
    // The parser's own message quotes the body, so it goes no further.
    throw unreadable('no JSON in UTF-8');
  }
}

function unreadable(why: string): Failure {
  return new Failure('permanent', `Shopify's webhook is ${why}`, { code: 'unreadable-notification' });
}
