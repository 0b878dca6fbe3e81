import { type Context, Hono } from 'hono';
import { createBooks } from '#marketplaces/sandbox-kit/books.ts';
import { apiCalls, type Sandbox, type SandboxDeps, type SandboxOptions } from '#marketplaces/sandbox-kit/sandbox.ts';
import { addConsentRoutes, addTokenRoutes } from './auth.ts';
import { createBuckets } from './buckets.ts';
import type { CallResolvers } from './call.ts';
import { fulfillmentMutations } from './fulfillment-mutations.ts';
import { fulfillmentResolvers } from './fulfillment-resolvers.ts';
import { createFulfillments } from './fulfillments.ts';
import { createGateway, notFound } from './gateway.ts';
import { addGraphqlRoutes, internalError, inventThrottle } from './graphql-api.ts';
import { idOf } from './ids.ts';
import { lineResolvers } from './line-resolvers.ts';
import { createListings } from './listings.ts';
import { createOrderIndex } from './order-index.ts';
import { orderResolvers } from './order-resolvers.ts';
import { createRegistration, createShops } from './registration.ts';
import { addRestRoutes, refuseCall } from './rest-api.ts';
import { rootResolvers } from './root-resolvers.ts';
import { setQuantities } from './set-quantities.ts';
import { shopResolvers } from './shop-resolvers.ts';
import { stockResolvers } from './stock-resolvers.ts';
import { subscriptionResolvers } from './subscription-resolvers.ts';
import { createSubscriptions } from './subscriptions.ts';
import { createTokens } from './tokens.ts';
import { createWebhooks } from './webhooks.ts';

/** Shopify tells times to the second. */
const RESOLUTION_MS = 1000;
/** of a shop on the standard plan [Shopify, GraphQL Admin API rate limits; the size as answers tell it] */
const POINTS = { size: 2000, perSecond: 100 };
/** of a shop on the standard plan [Shopify, REST Admin API rate limits] */
const REST_CALLS = { size: 40, perSecond: 2 };

/** what every shop's webhooks are subscribed to from the start */
const SUBSCRIBED = ['ORDERS_CREATE', 'ORDERS_UPDATED'];

/**
 * Shopify's Admin API as far as orders, stock, fulfillments and webhooks go, by GraphQL and by REST. A shop is the first
 * part of the path, `/sandbox-shop-1.myshopify.com/admin/…`, or the host name. Its registration and shops are fixed and
 * documented in `registration.ts`; each shop has subscriptions to ORDERS_CREATE and ORDERS_UPDATED at `webhookUrl`, and
 * the app's configuration sends `app/uninstalled` and `shop/redact` there.
 */
export function createShopifySandbox(deps: SandboxDeps, options: SandboxOptions): Sandbox {
  const now = (): number => deps.now();
  const nowInSeconds = (): number => Math.floor(deps.now() / RESOLUTION_MS) * RESOLUTION_MS;
  const shops = createShops(options.sellers);
  const tokens = createTokens(deps, shops);
  const subscriptions = createSubscriptions(nowInSeconds);
  for (const { sellerId } of shops) {
    for (const topic of SUBSCRIBED) subscriptions.create(sellerId, topic, { uri: options.webhookUrl });
  }

  const listings = createListings();
  const books = createBooks({
    now,
    resolutionMs: RESOLUTION_MS,
    newOrderId: (sequence) => String(idOf('order', sequence)),
    newLineId: (sequence) => String(idOf('line', sequence)),
    newReference: listings.newReference,
  });
  books.onChange((order, change) => {
    if (change === 'placed') listings.remember(books, order);
  });
  const index = createOrderIndex(books);
  const fulfillments = createFulfillments(nowInSeconds, books, {
    created: (fulfillment, isRest) => webhooks.fulfillmentCreated(fulfillment, isRest),
    updated: (fulfillment) => webhooks.fulfillmentUpdated(fulfillment),
    touched(order) {
      index.refresh(order);
      webhooks.orderTouched(order);
    },
  });
  const orders = { books, listings, fulfillments };
  const webhooks = createWebhooks(deps, {
    orders,
    subscriptions,
    tokens,
    shops,
    configuredUrl: options.webhookUrl,
  });
  books.onChange(webhooks.orderChanged);

  const gateway = createGateway(deps, { tokens, shops });
  const points = createBuckets(now, POINTS);
  const restCalls = createBuckets(now, REST_CALLS);
  const calls = { made: 0, throttled: 0 };
  const isGraphql = (c: Context): boolean => c.req.path.endsWith('/graphql.json');

  const app = new Hono();
  app.onError((error) => {
    // A cut connection must reach whoever serves this app; so must a bug.
    throw error;
  });
  // Before the count of API calls: a browser opens it.
  addConsentRoutes(app, { tokens, shops, now });
  app.use(
    '*',
    apiCalls(deps, calls, {
      throttled: (c) => (isGraphql(c) ? inventThrottle(c, points) : refuseCall(c, restCalls)),
      serverError: (c) => (isGraphql(c) ? internalError(c) : c.json({ errors: 'Internal Server Error' }, 500)),
    }),
  );
  addTokenRoutes(app, { tokens, shops, now }, gateway.hostOf);
  const resolvers = mergeResolvers([
    rootResolvers(deps, { ...orders, index, subscriptions }),
    orderResolvers(orders),
    lineResolvers(orders),
    fulfillmentResolvers(orders),
    fulfillmentMutations(orders),
    stockResolvers(orders),
    setQuantities(deps, { ...orders, onSet: webhooks.stockSet }),
    subscriptionResolvers(subscriptions),
    shopResolvers(),
  ]);
  addGraphqlRoutes(app, { gateway, points, resolvers, calls });
  addRestRoutes(app, {
    ...orders,
    now,
    index,
    subscriptions,
    tokens,
    gateway,
    calls: restCalls,
    onStockSet: webhooks.stockSet,
    onUninstalled: webhooks.uninstalled,
  });
  app.all('*', notFound);

  return {
    name: 'shopify',
    app,
    registration: createRegistration(options),
    sellers: shops.map(({ sellerId, refreshToken, settings }) => ({ sellerId, refreshToken, settings })),
    books,
    webhooks: webhooks.stats,
    webhooksUnderWay: webhooks.underWay,
    calls,
  };
}

/** Resolvers of one type may come from several files. */
function mergeResolvers(all: readonly CallResolvers[]): CallResolvers {
  const merged: CallResolvers = {};
  for (const resolvers of all) {
    for (const [type, fields] of Object.entries(resolvers)) merged[type] = { ...merged[type], ...fields };
  }
  return merged;
}
