import { z } from 'zod';
import { notFound } from './gateway.ts';
import { LATEST_VERSION } from './registration.ts';
import { type AddRoute, type RestParts, readJson, unprocessable } from './rest-api.ts';
import { restTime } from './rest-order.ts';
import { type Objection, type Subscription, subscriptionGid } from './subscriptions.ts';

const target = z.object({
  address: z.string().optional(),
  format: z.enum(['json', 'xml']).default('json'),
  fields: z.array(z.string()).optional(),
  metafield_namespaces: z.array(z.string()).optional(),
});
const creation = target.extend({ topic: z.string().regex(/^[a-z_]+\/[a-z_]+$/) });

function restWebhook(subscription: Subscription) {
  const { id, topic, uri, format, includeFields, metafieldNamespaces, createdAt, updatedAt } = subscription;
  return {
    id,
    admin_graphql_api_id: subscriptionGid(subscription),
    address: uri,
    topic: restTopic(topic),
    format: format.toLowerCase(),
    fields: includeFields,
    metafield_namespaces: metafieldNamespaces,
    api_version: LATEST_VERSION,
    created_at: restTime(createdAt),
    updated_at: restTime(updatedAt),
  };
}

/** resources whose names are of more than one word, so that the first `_` is not where the `/` was */
const RESOURCES =
  /^(FULFILLMENT_EVENTS|FULFILLMENT_ORDERS|INVENTORY_ITEMS|INVENTORY_LEVELS|ORDER_TRANSACTIONS|[A-Z]+)_/;

function restTopic(topic: string): string {
  return topic.replace(RESOURCES, (_, resource: string) => `${resource}/`).toLowerCase();
}

/** Subscriptions by REST, and the app's own removal from a shop. */
export function addRestWebhookRoutes(route: AddRoute, { subscriptions, tokens, onUninstalled }: RestParts): void {
  const inputOf = ({ address, format, fields, metafield_namespaces }: z.output<typeof target>) => ({
    uri: address ?? null,
    format: format === 'json' ? ('JSON' as const) : ('XML' as const),
    includeFields: fields ?? null,
    metafieldNamespaces: metafield_namespaces ?? null,
  });
  const isRefused = (saved: Subscription | Objection): saved is Objection => 'message' in saved;
  const idIn = (text: string | undefined): string => (text ?? '').replace('.json', '');

  route('GET', 'webhooks.json', [], (c) => {
    const { topic, address } = c.req.query();
    const found = subscriptions
      .of(c.get('caller').shop.sellerId)
      .filter((one) => (!topic || restTopic(one.topic) === topic) && (!address || one.uri === address));
    return c.json({ webhooks: found.map(restWebhook) });
  });
  route('POST', 'webhooks.json', [], async (c) => {
    const body = creation.safeParse((await readJson(c)).webhook);
    if (!body.success) return unprocessable(c, { topic: ['Invalid topic specified.'] });
    const topic = body.data.topic.replace('/', '_').toUpperCase();
    const saved = subscriptions.create(c.get('caller').shop.sellerId, topic, inputOf(body.data));
    if (isRefused(saved)) return unprocessable(c, { address: [saved.message.replace('Address ', '')] });
    return c.json({ webhook: restWebhook(saved) }, 201);
  });
  route('GET', 'webhooks/:id{\\d+\\.json}', [], (c) => {
    const found = subscriptions.find(c.get('caller').shop.sellerId, idIn(c.req.param('id')));
    return found ? c.json({ webhook: restWebhook(found) }) : notFound(c);
  });
  route('PUT', 'webhooks/:id{\\d+\\.json}', [], async (c) => {
    const found = subscriptions.find(c.get('caller').shop.sellerId, idIn(c.req.param('id')));
    if (!found) return notFound(c);
    const body = target.safeParse((await readJson(c)).webhook);
    if (!body.success) return unprocessable(c, { webhook: ['is invalid'] });
    const saved = subscriptions.update(found, inputOf(body.data));
    if (isRefused(saved)) return unprocessable(c, { address: [saved.message.replace('Address ', '')] });
    return c.json({ webhook: restWebhook(saved) });
  });
  route('DELETE', 'webhooks/:id{\\d+\\.json}', [], (c) => {
    const found = subscriptions.find(c.get('caller').shop.sellerId, idIn(c.req.param('id')));
    if (!found) return notFound(c);
    subscriptions.remove(found.id);
    return c.json({});
  });
  route('DELETE', 'api_permissions/current.json', [], (c) => {
    const { shop } = c.get('caller');
    tokens.uninstall(shop);
    onUninstalled(shop);
    return c.json({});
  });
}
