import type { Call, CallResolvers } from './call.ts';
import { pageOf } from './connections.ts';
import { typed } from './graphql/execute.ts';
import type { Inputs } from './graphql/inputs.ts';
import { idIn } from './ids.ts';
import { isoTime } from './order-state.ts';
import { LATEST_VERSION } from './registration.ts';
import { apiVersion } from './shop-resolvers.ts';
import {
  type Objection,
  type Subscription,
  type SubscriptionInput,
  type Subscriptions,
  subscriptionGid,
} from './subscriptions.ts';

/** A shop's webhook subscriptions; those of the app's own configuration are not seen here, as in Shopify. */
export function subscriptionResolvers(subscriptions: Subscriptions): CallResolvers {
  const find = (args: Inputs, { shop }: Call): Subscription | undefined =>
    subscriptions.find(shop.sellerId, idIn('WebhookSubscription', args.id as string) ?? '');
  const UNKNOWN = [{ field: ['id'], message: 'Webhook subscription does not exist' }];

  function payload(saved: Subscription | Objection) {
    if (!('message' in saved)) return { webhookSubscription: saved, userErrors: [] };
    const userErrors = [{ field: ['webhookSubscription', saved.field], message: saved.message }];
    return { webhookSubscription: null, userErrors };
  }

  const QueryRoot: CallResolvers[string] = {
    webhookSubscription: (_: never, args, call: Call) => find(args, call),
    webhookSubscriptions: (_: never, args, { shop }: Call) => {
      const topics = args.topics as string[] | null | undefined;
      const address = args.uri ?? args.callbackUrl;
      const found = subscriptions
        .of(shop.sellerId)
        .filter(
          (one) =>
            (!topics || topics.includes(one.topic)) &&
            (!args.format || one.format === args.format) &&
            (!address || one.uri === address),
        );
      return pageOf(found, args, ({ id, createdAt }) => ({ id, value: createdAt }));
    },
    webhookSubscriptionsCount: (_: never, _args, { shop }: Call) => ({
      count: subscriptions.of(shop.sellerId).length,
      precision: 'EXACT',
    }),
  };

  const Mutation: CallResolvers[string] = {
    webhookSubscriptionCreate: (_: never, args, { shop }: Call) =>
      payload(subscriptions.create(shop.sellerId, args.topic as string, args.webhookSubscription as SubscriptionInput)),
    webhookSubscriptionUpdate: (_: never, args, call: Call) => {
      const found = find(args, call);
      if (!found) return { webhookSubscription: null, userErrors: UNKNOWN };
      return payload(subscriptions.update(found, args.webhookSubscription as SubscriptionInput));
    },
    webhookSubscriptionDelete: (_: never, args, call: Call) => {
      const found = find(args, call);
      if (!found) return { deletedWebhookSubscriptionId: null, userErrors: UNKNOWN };
      subscriptions.remove(found.id);
      return { deletedWebhookSubscriptionId: args.id, userErrors: [] };
    },
  };

  const WebhookSubscription: CallResolvers[string] = {
    id: subscriptionGid,
    legacyResourceId: ({ id }: Subscription) => String(id),
    callbackUrl: ({ uri }: Subscription) => uri,
    endpoint: ({ uri }: Subscription) => typed('WebhookHttpEndpoint', { callbackUrl: uri }),
    filter: () => null,
    apiVersion: () => apiVersion(LATEST_VERSION),
    createdAt: ({ createdAt }: Subscription) => isoTime(createdAt),
    updatedAt: ({ updatedAt }: Subscription) => isoTime(updatedAt),
  };

  return { QueryRoot, Mutation, WebhookSubscription };
}
