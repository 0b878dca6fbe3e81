import { Hono } from 'hono';
import { z } from 'zod';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { invalid, readJson, refuse } from './answers.ts';
import { eventTypes } from './event-types.ts';
import type { Gateway, SellerEnv } from './gateway.ts';
import { TIMEOUT_MS, writeRequest } from './notification-request.ts';
import { uuid } from './uuid.ts';

const text = z.string().min(1);

/** OAUTH is missing: the sandbox sees only the status of what it sends, so it could not read the token. */
const authDetails = z.discriminatedUnion('authMethod', [
  z.object({ authMethod: z.literal('BASIC_AUTH'), authHeaderName: text, userName: text, password: text }),
  z.object({ authMethod: z.literal('HMAC'), authHeaderName: text, clientSecret: text, clientId: text.optional() }),
]);

const target = {
  eventUrl: z.url({ protocol: /^https?$/ }),
  authDetails: authDetails.optional(),
  headers: z.record(z.string(), z.string()).optional(),
};
const kind = { eventType: text, eventVersion: z.literal('V1'), resourceName: text };
const status = z.enum(['ACTIVE', 'INACTIVE']);

const testRequest = z.object({ ...kind, ...target });
const subscriptionRequest = z.object({ ...kind, ...target, status });
const createRequest = z.object({ events: z.array(subscriptionRequest).min(1) });
const updateRequest = subscriptionRequest.partial();

/** Where events of one type go. */
export type EventTarget = z.output<typeof testRequest>;

export type Subscription = z.output<typeof subscriptionRequest> & { subscriptionId: string; partnerId: string };

/** Every seller's subscriptions by id, in the order they were made. */
export type Subscriptions = Map<string, Subscription>;

/** /v3/webhooks: subscriptions, their test, and what there is to subscribe to. */
export function webhooksApi(
  deps: Pick<SandboxDeps, 'now' | 'send' | 'randomHex'>,
  { gateway, subscriptions }: { gateway: Gateway; subscriptions: Subscriptions },
): Hono<SellerEnv> {
  const newId = (): string => uuid(deps.randomHex(16));
  const exists = ({ eventType, resourceName }: EventTarget): boolean =>
    eventTypes(deps.now()).some((one) => one.eventType === eventType && one.resourceName === resourceName);
  const fieldOf = (error: z.ZodError): string => error.issues[0]?.path.join('.') || 'body';

  function findOwn(subscriptionId: string, partnerId: string): Subscription | undefined {
    const found = subscriptions.get(subscriptionId);
    return found?.partnerId === partnerId ? found : undefined;
  }
  const unknownSubscription = { field: 'subscriptionId', description: 'There is no such subscription.' };

  const app = new Hono<SellerEnv>();

  app.get('/eventTypes', gateway.limit('eventTypes'), (c) => c.json({ events: eventTypes(deps.now()) }));

  app.get('/subscriptions', gateway.limit('listSubscriptions'), (c) => {
    const wanted = c.req.query();
    const events = [...subscriptions.values()].filter(
      (one) =>
        one.partnerId === c.get('sellerId') &&
        (['subscriptionId', 'eventType', 'resourceName', 'status'] as const).every(
          (name) => wanted[name] === undefined || wanted[name] === one[name],
        ),
    );
    return c.json({ events });
  });

  app.post('/subscriptions', gateway.limit('createSubscriptions'), async (c) => {
    const body = createRequest.safeParse(await readJson(c));
    if (!body.success) return invalid(c, fieldOf(body.error));
    if (!body.data.events.every(exists)) return invalid(c, 'eventType', 'The resource has no such event type.');
    const events = body.data.events.map((event) => {
      const subscription = { ...event, subscriptionId: newId(), partnerId: c.get('sellerId') };
      subscriptions.set(subscription.subscriptionId, subscription);
      const { eventType, subscriptionId, partnerId, eventVersion, resourceName, status } = subscription;
      return { eventType, subscriptionId, partnerId, eventVersion, resourceName, status };
    });
    return c.json({ events });
  });

  app.patch('/subscriptions/:id', gateway.limit('updateSubscription'), async (c) => {
    const found = findOwn(c.req.param('id'), c.get('sellerId'));
    if (!found) return refuse(c, 'NOT_FOUND', unknownSubscription);
    const body = updateRequest.safeParse(await readJson(c));
    if (!body.success) return invalid(c, fieldOf(body.error));
    const changed: Subscription = { ...found, ...(body.data as Partial<Subscription>) };
    if (!exists(changed)) return invalid(c, 'eventType', 'The resource has no such event type.');
    subscriptions.set(found.subscriptionId, changed);
    return c.json(changed);
  });

  app.delete('/subscriptions/:id', gateway.limit('deleteSubscription'), (c) => {
    const found = findOwn(c.req.param('id'), c.get('sellerId'));
    if (!found) return refuse(c, 'NOT_FOUND', unknownSubscription);
    subscriptions.delete(found.subscriptionId);
    return c.json({ subscriptionId: found.subscriptionId, message: 'Successfully deleted subscription' });
  });

  app.post('/test', gateway.limit('testWebhook'), async (c) => {
    const body = testRequest.safeParse(await readJson(c));
    if (!body.success) return invalid(c, fieldOf(body.error));
    if (!exists(body.data)) return invalid(c, 'eventType', 'The resource has no such event type.');
    const source = { eventType: body.data.eventType, eventTime: new Date(deps.now()).toISOString(), eventId: newId() };
    const sent = writeRequest(body.data, JSON.stringify({ source, payload: { partnerId: c.get('sellerId') } }));
    const answer = await deps.send(sent, { timeoutMs: TIMEOUT_MS }).catch(() => ({ status: 0 }));
    if (answer.status < 200 || answer.status >= 300) return invalid(c, 'eventUrl', 'The URL did not answer with 2xx.');
    return c.json({ message: 'Eventurl successfully validated' });
  });
  return app;
}
