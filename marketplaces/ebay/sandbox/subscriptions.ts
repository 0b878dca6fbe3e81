import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { CallerEnv } from './access.ts';
import { badRequest, type EbayError, NOTIFICATION, refuse } from './answers.ts';
import { type Destination, NO_CONFIG } from './destinations.ts';
import type { Caller } from './grants.ts';
import { answerList } from './notification-list.ts';
import type { Notifier } from './notifier.ts';
import { SCHEMA_VERSION, TOPIC_IDS, TOPICS, type TopicId } from './topics.ts';

const updateRequest = z.object({
  status: z.enum(['ENABLED', 'DISABLED']),
  payload: z.object({
    format: z.literal('JSON'),
    deliveryProtocol: z.literal('HTTPS'),
    schemaVersion: z.literal(SCHEMA_VERSION),
  }),
  destinationId: z.string().min(1),
});
const subscriptionRequest = z.object({ topicId: z.enum(TOPIC_IDS), ...updateRequest.shape });

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

/** A seller's topic takes the seller's token with one of the topic's scopes, an application's topic the application's. */
function maySubscribe(caller: Caller, topicId: TopicId): boolean {
  const { scope, authorizationScopes } = TOPICS[topicId];
  if (scope === 'APPLICATION') return caller.sellerId === null;
  return caller.sellerId !== null && authorizationScopes.some((one) => caller.scopes.has(one));
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
    isDestinationUsed: (destinationId: string): boolean =>
      [...ofOwner.values()].some((ones) => ones.some((one) => one.destinationId === destinationId)),
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
    notifier: Notifier;
  },
): Hono<CallerEnv> {
  const { subscriptions, destinations } = options;
  const url = `${options.baseUrl}/subscription`;

  /** The caller's own subscription that the path names, or the answer that there is none. */
  function named(c: Context<CallerEnv>): Subscription | Response {
    const found = subscriptions.list(c.get('caller').sellerId).find((one) => one.subscriptionId === c.req.param('id'));
    return found ?? refuse(c, 404, refusal(195013, 'There is no such subscription.'));
  }

  async function readRequest<T>(c: Context, schema: z.ZodType<T>): Promise<T | Response> {
    const request = schema.safeParse(await c.req.json().catch(() => undefined));
    if (request.success) return request.data;
    const field = request.error.issues[0]?.path.join('.') ?? '';
    return refuse(c, 400, FIELD_ERRORS[field] ?? refusal(195006, 'The body is no subscription.'));
  }

  function objectToDestination(c: Context, destinationId: string): Response | undefined {
    const destination = destinations.get(destinationId);
    if (!destination) return refuse(c, 400, FIELD_ERRORS.destinationId!);
    if (destination.status !== 'ENABLED') return refuse(c, 409, refusal(195015, 'The destination is disabled.'));
    return undefined;
  }

  const app = new Hono<CallerEnv>();
  app.get('/', (c) => answerList(c, url, 'subscriptions', subscriptions.list(c.get('caller').sellerId)));

  app.post('/', async (c) => {
    const caller = c.get('caller');
    const request = await readRequest(c, subscriptionRequest);
    if (request instanceof Response) return request;
    const { topicId } = request;
    if (!maySubscribe(caller, topicId)) return refuse(c, 403, refusal(195011, 'Not authorized for this topic.'));
    if (!options.isConfigured()) return refuse(c, 409, NO_CONFIG);
    const objection = objectToDestination(c, request.destinationId);
    if (objection) return objection;
    if (subscriptions.find(caller.sellerId, topicId)) {
      return refuse(c, 409, refusal(195012, 'There is a subscription to this topic already.'));
    }
    const subscriptionId = options.newId();
    const creationDate = new Date(deps.now()).toISOString();
    subscriptions.add(caller.sellerId, { subscriptionId, creationDate, ...request });
    return c.json({}, 201, { Location: `${url}/${subscriptionId}` });
  });

  app.get('/:id', (c) => {
    const subscription = named(c);
    return subscription instanceof Response ? subscription : c.json(subscription);
  });
  app.put('/:id', async (c) => {
    const subscription = named(c);
    if (subscription instanceof Response) return subscription;
    const request = await readRequest(c, updateRequest);
    if (request instanceof Response) return request;
    const objection = objectToDestination(c, request.destinationId);
    if (objection) return objection;
    Object.assign(subscription, request);
    return c.body(null, 204);
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
    const objection = objectToDestination(c, subscription.destinationId);
    if (objection) return objection;
    subscription.status = 'ENABLED';
    return c.body(null, 204);
  });
  app.post('/:id/disable', (c) => {
    const subscription = named(c);
    if (subscription instanceof Response) return subscription;
    subscription.status = 'DISABLED';
    return c.body(null, 204);
  });
  app.post('/:id/test', (c) => {
    const subscription = named(c);
    if (subscription instanceof Response) return subscription;
    const { topicId } = subscription;
    options.notifier.tell(subscription, { topicId, eventAt: deps.now(), data: TOPICS[topicId].sample });
    return c.body(null, 202);
  });
  return app;
}
