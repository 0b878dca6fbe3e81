import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shopify } from '#marketplaces/shopify/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { answer, context, failureOf, runSteps, variablesOf } from './support.ts';

const URL = 'https://sluice.example/webhooks/shopify';
const TOPICS = ['ORDERS_CREATE', 'ORDERS_UPDATED', 'FULFILLMENTS_UPDATE', 'APP_UNINSTALLED'];

type Subscription = { id: string; topic: string; uri: string | null; format: string; includeFields: string[] };

/** A shop that keeps subscriptions as Shopify does. */
function shop(subscriptions: Subscription[] = [], userErrors: object[] = []) {
  return (request: HttpRequest, operation: string): HttpResponse => {
    const variables = variablesOf(request) as {
      id?: string;
      topic?: string;
      subscription?: Omit<Subscription, 'id' | 'topic'>;
    };
    if (operation === 'listSubscriptions') return answer({ data: { webhookSubscriptions: { nodes: subscriptions } } });
    const isNew = operation === 'createSubscription';
    const field = isNew ? 'webhookSubscriptionCreate' : 'webhookSubscriptionUpdate';
    if (userErrors.length > 0) return answer({ data: { [field]: { webhookSubscription: null, userErrors } } });
    const id = variables.id ?? `gid://shopify/WebhookSubscription/${subscriptions.length + 1}`;
    if (isNew) subscriptions.push({ id, topic: variables.topic!, ...variables.subscription! });
    else Object.assign(subscriptions.find((each) => each.id === id)!, variables.subscription);
    return answer({ data: { [field]: { webhookSubscription: { id }, userErrors: [] } } });
  };
}
const subscribe = (reply: ReturnType<typeof shop>, callbackUrl = URL) =>
  runSteps((answers) => shopify.webhook.subscribe!(context, { callbackUrl }, answers), reply);

test('what Sluice needs to hear of is subscribed to once, and left alone then', () => {
  const subscriptions: Subscription[] = [];
  const first = subscribe(shop(subscriptions));
  assert.deepEqual(first.result, { repaired: TOPICS.length });
  assert.deepEqual(
    subscriptions.map(({ topic }) => topic),
    TOPICS,
  );
  assert.deepEqual(subscribe(shop(subscriptions)).result, { repaired: 0 });
});

test('a subscription that Shopify dropped is made anew, and no other', () => {
  const subscriptions: Subscription[] = [];
  subscribe(shop(subscriptions));
  subscriptions.splice(1, 1);
  const { result, operations } = subscribe(shop(subscriptions));
  assert.deepEqual(result, { repaired: 1 });
  assert.deepEqual(operations, ['listSubscriptions', 'createSubscription']);
});

test('a subscription that sends more than Sluice wants of it, or no JSON, is repaired', () => {
  for (const changed of [{ includeFields: [] }, { includeFields: ['id', 'email', 'updated_at'] }, { format: 'XML' }]) {
    const subscriptions: Subscription[] = [];
    subscribe(shop(subscriptions));
    Object.assign(subscriptions[0]!, changed);
    const { result, operations } = subscribe(shop(subscriptions));
    assert.deepEqual(result, { repaired: 1 });
    assert.deepEqual(operations, ['listSubscriptions', 'updateSubscription']);
    assert.deepEqual(subscribe(shop(subscriptions)).result, { repaired: 0 });
  }
});

test('subscriptions that send elsewhere are left alone', () => {
  const subscriptions: Subscription[] = [];
  subscribe(shop(subscriptions), 'https://other.example/webhooks');
  const before = structuredClone(subscriptions);
  assert.deepEqual(subscribe(shop(subscriptions)).result, { repaired: TOPICS.length });
  assert.deepEqual(subscriptions.slice(0, TOPICS.length), before);
});

test('no subscription asks for a buyer’s data', () => {
  const subscriptions: Subscription[] = [];
  subscribe(shop(subscriptions));
  const fields = new Set(subscriptions.flatMap(({ includeFields }) => includeFields));
  assert.deepEqual([...fields].sort(), ['id', 'myshopify_domain', 'order_id', 'updated_at']);
});

test('a subscription that Shopify refuses is a failure, without its words', () => {
  const failure = failureOf(() =>
    subscribe(shop([], [{ field: ['webhookSubscription', 'uri'], message: 'Ada Example' }])),
  );
  assert.deepEqual([failure.kind, failure.code], ['permanent', 'subscription-refused']);
  assert.doesNotMatch(failure.message, /Ada/);
});
