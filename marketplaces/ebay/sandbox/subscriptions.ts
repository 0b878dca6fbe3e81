import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { CallerEnv } from './access.ts';
import { badRequest, type EbayError, NOTIFICATION, refuse } from './answers.ts';
import { type Destination, NO_CONFIG } from './destinations.ts';
import { type Caller, SCOPE_FULFILLMENT, SCOPE_FULFILLMENT_READONLY } from './grants.ts';
import { answerList } from './notification-list.ts';

/** The topic of orders: the only one that this sandbox sends. */
export const ORDER_CONFIRMATION = 'ORDER_CONFIRMATION';
export const SCHEMA_VERSION = '1.0';

const status = z.enum(['ENABLED', 'DISABLED']);
const subscriptionRequest = z.object({
  topicId: z.enum([ORDER_CONFIRMATION, 'MARKETPLACE_ACCOUNT_DELETION']),
  status,
  payload: z.object({
    format: z.literal('JSON'),
    deliveryProtocol: z.literal('HTTPS'),
    schemaVersion: z.literal(SCHEMA_VERSION),
  }),
  destinationId: z.string().min(1),
});

export type Subscription = z.infer<typeof subscriptionRequest> & { subscriptionId: string; creationDate: string };

const refusal = (errorId: number, message: string): EbayError => badRequest(NOTIFICATION, errorId, message);

/** By field. The ids are those of createSubscription, their assignment to the fields is our guess. */
const FIELD_ERRORS: Record<string, EbayError> = {
  topicId: refusal(195006, 'There is no such topic.'),
  'payload.schemaVersion': refusal(195007, 'The topic has no such schema version.'),
  'payload.format': refusal(195008, 'The format must be JSON.'),
  'payload.deliveryProtocol': refusal(195009, 'The delivery protocol must be HTTPS.'),
  destinationId: refusal(195010, 'There is no such destination.'),
  status: refusal(195027, 'status must be ENABLED or DISABLED.'),
};

/** A seller's topic takes the seller's token with a scope for orders, an application's topic the application's. */
function maySubscribe(caller: Caller, topicId: Subscription['topicId']): boolean {
  if (topicId !== ORDER_CONFIRMATION) return caller.sellerId === null;
  if (caller.sellerId === null) return false;
  return caller.scopes.has(SCOPE_FULFILLMENT) || caller.scopes.has(SCOPE_FULFILLMENT_READONLY);
}

export type Subscriptions = ReturnType<typeof createSubscriptions>;

/** Who hears of what: one subscription for an owner (a seller, or null for the application) and topic. */
export function createSubscriptions() {
  const ofOwner = new Map<string | null, Subscription[]>();
  const list = (owner: string | null): Subscription[] => ofOwner.get(owner) ?? [];
  return {
    list,
    add: (owner: string | null, subscription: Subscription) => ofOwner.set(owner, [...list(owner), subscription]),
    remove: (owner: string | null, id: string) =>
      ofOwner.set(
        owner,
        list(owner).filter((one) => one.subscriptionId !== id),
      ),
    find: (owner: string | null, topicId: string) => list(owner).find((one) => one.topicId === topicId),
  };
}

/** The subscription resource of the Notification API. */
export function subscriptionsApi(
  deps: Pick<SandboxDeps, 'now'>,
  options: {
    baseUrl: string;
    newId: () => string;
    isConfigured: () => boolean;
    destinations: ReadonlyMap<string, Destination>;
    subscriptions: Subscriptions;
  },
): Hono<CallerEnv> {
  const { subscriptions, destinations } = options;
  const url = `${options.baseUrl}/subscription`;

  /** The caller's own subscription that the path names, or the answer that there is none. */
  function named(c: Context<CallerEnv>): Subscription | Response {
    const found = subscriptions.list(c.get('caller').sellerId).find((one) => one.subscriptionId === c.req.param('id'));
    return found ?? refuse(c, 404, refusal(195013, 'There is no such subscription.'));
  }

  const canDeliver = (destinationId: string): boolean => destinations.get(destinationId)?.status === 'ENABLED';
  const destinationDisabled = refusal(195015, 'The destination is disabled.');

  const app = new Hono<CallerEnv>();
  app.get('/', (c) => answerList(c, url, 'subscriptions', subscriptions.list(c.get('caller').sellerId)));

  app.post('/', async (c) => {
    const caller = c.get('caller');
    const request = subscriptionRequest.safeParse(await c.req.json().catch(() => undefined));
    if (!request.success) {
      const field = request.error.issues[0]?.path.join('.') ?? '';
      return refuse(c, 400, FIELD_ERRORS[field] ?? refusal(195006, 'The body is no subscription.'));
    }
    const { topicId, destinationId } = request.data;
    if (!maySubscribe(caller, topicId)) return refuse(c, 403, refusal(195011, 'Not authorized for this topic.'));
    if (!options.isConfigured()) return refuse(c, 409, NO_CONFIG);
    if (!destinations.has(destinationId)) return refuse(c, 400, FIELD_ERRORS.destinationId!);
    if (!canDeliver(destinationId)) return refuse(c, 409, destinationDisabled);
    if (subscriptions.find(caller.sellerId, topicId)) {
      return refuse(c, 409, refusal(195012, 'There is a subscription to this topic already.'));
    }
    const subscriptionId = options.newId();
    const creationDate = new Date(deps.now()).toISOString();
    subscriptions.add(caller.sellerId, { subscriptionId, creationDate, ...request.data });
    return c.json({}, 201, { Location: `${url}/${subscriptionId}` });
  });

  app.get('/:id', (c) => {
    const subscription = named(c);
    return subscription instanceof Response ? subscription : c.json(subscription);
  });
  app.delete('/:id', (c) => {
    const subscription = named(c);
    if (subscription instanceof Response) return subscription;
    subscriptions.remove(c.get('caller').sellerId, subscription.subscriptionId);
    return c.body(null, 204);
  });
  app.post('/:id/enable', (c) => {
    const subscription = named(c);
    if (subscription instanceof Response) return subscription;
    if (!canDeliver(subscription.destinationId)) return refuse(c, 409, destinationDisabled);
    subscription.status = 'ENABLED';
    return c.body(null, 204);
  });
  app.post('/:id/disable', (c) => {
    const subscription = named(c);
    if (subscription instanceof Response) return subscription;
    subscription.status = 'DISABLED';
    return c.body(null, 204);
  });
  return app;
}
