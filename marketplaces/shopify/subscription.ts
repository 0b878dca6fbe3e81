import { z } from 'zod';
import type { Call, CallContext, Webhook } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readData } from './answer.ts';
import type { ShopifyApp } from './app.ts';
import { MAX_LINES } from './limits.ts';
import { graphqlCall } from './request.ts';
import { refusalAs, userErrors } from './user-errors.ts';

/** With `updated_at`: deliveries whose bodies are equal may be put together. */
const OF_ORDER = ['id', 'updated_at'];

/**
 * What Sluice needs to hear of, and the only fields that it wants of it: so no buyer's data are sent. Payments, refunds
 * and cancellations are updates of orders too. The topics of privacy laws can't be subscribed to by API: they belong
 * into the app's own configuration.
 */
const WANTED: readonly (readonly [topic: string, fields: readonly string[]])[] = [
  ['ORDERS_CREATE', OF_ORDER],
  ['ORDERS_UPDATED', OF_ORDER],
  ['FULFILLMENTS_UPDATE', ['id', 'order_id', 'updated_at']],
  ['APP_UNINSTALLED', ['id', 'myshopify_domain']],
];

const LIST = `query listSubscriptions {
  webhookSubscriptions(first: ${MAX_LINES}) {
    nodes { id topic uri format includeFields }
  }
}`;

const CREATE = `mutation createSubscription($topic: WebhookSubscriptionTopic!, $subscription: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $subscription) {
    webhookSubscription { id }
    userErrors { field message }
  }
}`;

const UPDATE = `mutation updateSubscription($id: ID!, $subscription: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $subscription) {
    webhookSubscription { id }
    userErrors { field message }
  }
}`;

const subscription = z.object({
  id: z.string().min(1),
  topic: z.string(),
  uri: z.string().nullish(),
  format: z.string().nullish(),
  includeFields: z.array(z.string()).nullish(),
});
const listed = z.object({ webhookSubscriptions: z.object({ nodes: z.array(subscription) }) });
const repairedShape = z.union([
  z.object({ webhookSubscriptionCreate: z.object({ userErrors }) }).transform((data) => data.webhookSubscriptionCreate),
  z.object({ webhookSubscriptionUpdate: z.object({ userErrors }) }).transform((data) => data.webhookSubscriptionUpdate),
]);

type Subscription = z.infer<typeof subscription>;

/** One subscription for each topic that sends to `callbackUrl`; those that send elsewhere are left alone. */
export const subscribe: NonNullable<Webhook<ShopifyApp>['subscribe']> = (context, { callbackUrl }, answers) => {
  const [list, ...repaired] = answers;
  if (!list) return { call: graphqlCall(context, 'listSubscriptions', LIST, {}) };
  const ours = readData(list, listed).webhookSubscriptions.nodes.filter(({ uri }) => uri === callbackUrl);
  const broken = WANTED.flatMap(([topic, fields]) => {
    const found = ours.filter((subscription) => subscription.topic === topic);
    return found.some((subscription) => isInOrder(subscription, fields)) ? [] : [{ topic, fields, id: found[0]?.id }];
  });
  for (const answer of repaired) {
    const [error] = readData(answer, repairedShape).userErrors;
    if (error) {
      throw new Failure('permanent', refusalAs(error, 'a subscription').message, { code: 'subscription-refused' });
    }
  }
  const next = broken[repaired.length];
  return next ? { call: repairCall(context, callbackUrl, next) } : { done: { repaired: broken.length } };
};

function isInOrder({ format, includeFields }: Subscription, fields: readonly string[]): boolean {
  return format === 'JSON' && [...(includeFields ?? [])].sort().join() === [...fields].sort().join();
}

function repairCall(
  context: CallContext<ShopifyApp>,
  uri: string,
  { topic, fields, id }: { topic: string; fields: readonly string[]; id: string | undefined },
): Call {
  const input = { uri, format: 'JSON', includeFields: fields };
  return id === undefined
    ? graphqlCall(context, 'createSubscription', CREATE, { topic, subscription: input })
    : graphqlCall(context, 'updateSubscription', UPDATE, { id, subscription: input });
}
