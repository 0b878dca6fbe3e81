import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import { conflict, InvalidInput, notFound } from './answers.ts';
import type { Gateway, OperationHandler } from './gateway.ts';
import { ORDER_CHANGE_TYPE, orderChangeBody } from './order-change.ts';
import { MARKETPLACE_ID } from './render-order.ts';
import { uuid } from './uuid.ts';

/** The one type that this sandbox sends. */
const TYPE = 'ORDER_CHANGE';
/** 1 request a second, burst 5: usage plan of every operation in SP-API model notifications */
const USAGE_PLAN = { ratePerSecond: 1, burst: 5 };
/** The queue that every seller is subscribed to from the start, as if the developer had set it up already. */
const FIRST_ARN = 'arn:aws:sqs:eu-west-1:000000000000:amazon-notifications';

/** An EventBridge destination is refused: ORDER_CHANGE goes to SQS only. A FIFO queue is refused as Amazon does. */
const createDestinationBody = z.object({
  name: z.string().min(1).max(256),
  resourceSpecification: z.strictObject({
    sqs: z.object({
      arn: z
        .string()
        .max(1000)
        .regex(/^arn:aws:sqs:[^\s:]+:[^\s:]+:[^\s:]+$/)
        .refine((arn) => !arn.endsWith('.fifo')),
    }),
  }),
});

const eventFilter = z.object({
  eventFilterType: z.literal(TYPE),
  marketplaceIds: z.array(z.string()).optional(),
  orderChangeTypes: z.array(z.enum(['BuyerRequestedChange', 'DeliveryTipChange', 'OrderStatusChange'])).optional(),
});

/** `filterExpression` is refused: this sandbox can't evaluate it, and to ignore it would send too much. */
const createSubscriptionBody = z.object({
  payloadVersion: z.literal('1.0'),
  destinationId: z.string().min(1),
  processingDirective: z.strictObject({ eventFilter: eventFilter.optional() }).optional(),
});

type Destination = { destinationId: string; name: string; resource: { sqs: { arn: string } } };
type Subscription = z.infer<typeof createSubscriptionBody> & { subscriptionId: string };

/**
 * The Notifications API, version 1.
 * @returns publish sends one order's change to the queue of its seller's subscription, if there is one
 */
export function addNotifications(
  app: Hono,
  deps: Pick<SandboxDeps, 'now' | 'randomHex'>,
  options: {
    gateway: Gateway;
    applicationId: string;
    sellers: readonly SandboxSeller[];
    deliver(queue: string, body: string): void;
  },
): { publish(order: BookOrder): void } {
  const newId = (): string => uuid(deps.randomHex(16));
  const destinations = new Map<string, Destination>();
  /** by seller */
  const subscriptions = new Map<string, Subscription>();

  const first = addDestination('amazon-notifications', FIRST_ARN);
  for (const { sellerId } of options.sellers) {
    const { destinationId } = first;
    subscriptions.set(sellerId, { subscriptionId: newId(), payloadVersion: '1.0', destinationId });
  }

  function addDestination(name: string, arn: string): Destination {
    const destination = { destinationId: newId(), name, resource: { sqs: { arn } } };
    destinations.set(destination.destinationId, destination);
    return destination;
  }

  const grantless = (name: string, handler: OperationHandler) =>
    options.gateway.operation({ name, ...USAGE_PLAN, token: 'grantless' }, handler);
  const forSeller = (name: string, handler: OperationHandler) =>
    options.gateway.operation({ name, ...USAGE_PLAN, token: 'seller' }, handler);

  const destinationsPath = '/notifications/v1/destinations';
  app.post(
    destinationsPath,
    grantless('createDestination', async (c) => {
      const { name, resourceSpecification } = await readBody(c, createDestinationBody);
      const { arn } = resourceSpecification.sqs;
      const exists = [...destinations.values()].some((destination) => destination.resource.sqs.arn === arn);
      if (exists) return conflict(c, 'A destination with this resource already exists.');
      return c.json({ payload: addDestination(name, arn) });
    }),
  );
  app.get(
    destinationsPath,
    grantless('getDestinations', (c) => c.json({ payload: [...destinations.values()] })),
  );
  app.get(
    `${destinationsPath}/:destinationId`,
    grantless('getDestination', (c) => {
      const destination = destinations.get(c.req.param('destinationId') ?? '');
      return destination ? c.json({ payload: destination }) : notFound(c, 'The destination was not found.');
    }),
  );

  const subscriptionsPath = '/notifications/v1/subscriptions/:notificationType';
  app.post(
    subscriptionsPath,
    forSeller('createSubscription', async (c, sellerId) => {
      requireType(c);
      const body = await readBody(c, createSubscriptionBody);
      if (!destinations.has(body.destinationId)) throw new InvalidInput('The destinationId is unknown.');
      if (subscriptions.has(sellerId)) return conflict(c, 'A subscription to this notification type already exists.');
      const subscription = { subscriptionId: newId(), ...body };
      subscriptions.set(sellerId, subscription);
      return c.json({ payload: subscription });
    }),
  );
  app.get(
    subscriptionsPath,
    forSeller('getSubscription', (c, sellerId) => {
      requireType(c);
      const subscription = subscriptions.get(sellerId);
      return subscription ? c.json({ payload: subscription }) : notFound(c, 'The subscription was not found.');
    }),
  );

  const byId = (c: Context): [string, Subscription] | undefined =>
    [...subscriptions].find(([, subscription]) => subscription.subscriptionId === c.req.param('subscriptionId'));
  app.get(
    `${subscriptionsPath}/:subscriptionId`,
    grantless('getSubscriptionById', (c) => {
      requireType(c);
      const found = byId(c);
      return found ? c.json({ payload: found[1] }) : notFound(c, 'The subscription was not found.');
    }),
  );
  app.delete(
    `${subscriptionsPath}/:subscriptionId`,
    grantless('deleteSubscriptionById', (c) => {
      requireType(c);
      const found = byId(c);
      if (!found) return notFound(c, 'The subscription was not found.');
      subscriptions.delete(found[0]);
      return c.json({});
    }),
  );

  return {
    publish(order) {
      const subscription = subscriptions.get(order.sellerId);
      if (!subscription || !wants(subscription)) return;
      const { subscriptionId, destinationId } = subscription;
      const { applicationId } = options;
      const body = orderChangeBody(order, { applicationId, subscriptionId, notificationId: newId(), now: deps.now() });
      options.deliver(destinations.get(destinationId)!.resource.sqs.arn.split(':').at(-1)!, body);
    },
  };
}

function wants({ processingDirective }: Subscription): boolean {
  const filter = processingDirective?.eventFilter;
  return (
    (filter?.orderChangeTypes?.includes(ORDER_CHANGE_TYPE) ?? true) &&
    (filter?.marketplaceIds?.includes(MARKETPLACE_ID) ?? true)
  );
}

function requireType(c: Context): void {
  if (c.req.param('notificationType') !== TYPE) throw new InvalidInput('The notificationType is not available here.');
}

async function readBody<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  const body: unknown = await c.req.json().catch(() => undefined);
  const result = schema.safeParse(body);
  if (!result.success) throw new InvalidInput(`The body is invalid at ${result.error.issues[0]?.path.join('.')}.`);
  return result.data;
}
