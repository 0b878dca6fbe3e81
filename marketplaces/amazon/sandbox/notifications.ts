import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import { conflict, InvalidInput, notFound } from './answers.ts';
import { addDestinations, FIRST_DESTINATION_ID, USAGE_PLAN } from './destinations.ts';
import type { Gateway, OperationHandler } from './gateway.ts';
import { ORDER_CHANGE_TYPE, orderChangeBody } from './order-change.ts';
import type { Packages } from './packages.ts';
import { MARKETPLACE_ID } from './render-order.ts';
import { readBody } from './request-body.ts';
import { uuid } from './uuid.ts';

/** The one type that this sandbox sends. */
const TYPE = 'ORDER_CHANGE';
/** subscriptions on a page, same model: 30 to 100; a seller here has one at most */
const PAGE_SIZES = { min: 30, max: 100 };

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
    packages: Packages;
    deliver(queue: string, body: string): void;
  },
): { publish(order: BookOrder): void } {
  const newId = (): string => uuid(deps.randomHex(16));
  /** by seller */
  const subscriptions = new Map<string, Subscription>();

  const destinations = addDestinations(app, deps, {
    gateway: options.gateway,
    isUsed: (id) => [...subscriptions.values()].some(({ destinationId }) => destinationId === id),
  });
  for (const { sellerId } of options.sellers) {
    const subscriptionId = newId();
    subscriptions.set(sellerId, { subscriptionId, payloadVersion: '1.0', destinationId: FIRST_DESTINATION_ID });
  }

  const grantless = (name: string, handler: OperationHandler) =>
    options.gateway.operation({ name, ...USAGE_PLAN, token: 'grantless' }, handler);
  const forSeller = (name: string, handler: OperationHandler) =>
    options.gateway.operation({ name, ...USAGE_PLAN, token: 'seller' }, handler);

  app.get(
    '/notifications/v1/subscriptions',
    forSeller('getSubscriptions', (c, sellerId) => {
      const { notificationTypes, payloadVersion, pageSize = String(PAGE_SIZES.min), nextToken } = c.req.query();
      const isPage =
        /^\d{2,3}$/.test(pageSize) && Number(pageSize) >= PAGE_SIZES.min && Number(pageSize) <= PAGE_SIZES.max;
      if (notificationTypes !== TYPE || !isPage || nextToken) throw new InvalidInput('A parameter is invalid.');
      const found = subscriptions.get(sellerId);
      const isWanted = found && (payloadVersion ?? found.payloadVersion) === found.payloadVersion;
      return c.json({ payload: { subscriptions: isWanted ? [found] : [] } });
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
      const body = orderChangeBody(order, options.packages, {
        applicationId,
        subscriptionId,
        notificationId: newId(),
        now: deps.now(),
      });
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
