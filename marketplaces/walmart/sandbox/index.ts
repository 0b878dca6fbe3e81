import { type Context, Hono } from 'hono';
import { createBooks } from '#marketplaces/sandbox-kit/books.ts';
import { apiCalls, type Sandbox, type SandboxDeps, type SandboxOptions } from '#marketplaces/sandbox-kit/sandbox.ts';
import { GATEWAY_API, refuse, serverError } from './answers.ts';
import { addConsentRoute, addTokenRoutes } from './auth.ts';
import { feedsApi } from './feeds.ts';
import { createFulfillment } from './fulfillment.ts';
import { createGateway, type SellerEnv } from './gateway.ts';
import { inventoriesApi, inventoryApi, SHIP_NODE } from './inventory.ts';
import { createNotifications, ORDER_UPDATES } from './notifications.ts';
import { createOrderIndex } from './order-index.ts';
import { orderUpdatesApi } from './order-updates.ts';
import { ordersApi } from './orders.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRegistration, createSellers, WEBHOOK_SECRET } from './registration.ts';
import { type Subscriptions, webhooksApi } from './subscriptions.ts';
import { createTokens } from './tokens.ts';

/** spreads running numbers over twelve digits without a repetition: it shares no factor with 10^12 */
const ORDER_ID_STRIDE = 277_083_021;

/** where the signature stands in the notifications of the subscriptions that are there from the start */
const SIGNATURE_HEADER = 'WM_SEC.SIGNATURE';

/**
 * Walmart's Marketplace API (US) as far as orders, stock and webhooks go: consent of a solution provider's sellers,
 * tokens, orders with acknowledgement, shipment and cancellation, inventory by call and by feed, subscriptions and
 * notifications. Its registration and sellers are fixed and documented in `registration.ts`; every seller is subscribed
 * to ORDER_UPDATES at `webhookUrl`, signed with HMAC.
 */
export function createWalmartSandbox(deps: SandboxDeps, options: SandboxOptions): Sandbox {
  const sellers = createSellers(options.sellers);
  let lineNumber = 0;
  const books = createBooks({
    now: () => deps.now(),
    resolutionMs: 1,
    newOrderId(sequence) {
      lineNumber = 0; // an order's id is made before those of its lines, which Walmart counts from 1
      return `1${String((sequence * ORDER_ID_STRIDE) % 1e12).padStart(12, '0')}`;
    },
    newLineId: () => String(++lineNumber),
    // Both ways to write stock are in use: every other listing names its ship node.
    newReference: (sequence): Record<string, string> => (sequence % 2 === 0 ? { shipNode: SHIP_NODE } : {}),
  });
  const index = createOrderIndex(books);
  const fulfillment = createFulfillment(deps, books, index.refresh);

  const subscriptions: Subscriptions = new Map();
  for (const [number, { sellerId }] of sellers.entries()) {
    const subscriptionId = `00000000-0000-4000-8000-${String(number + 1).padStart(12, '0')}`;
    subscriptions.set(subscriptionId, {
      eventType: ORDER_UPDATES,
      subscriptionId,
      partnerId: sellerId,
      eventVersion: 'V1',
      resourceName: 'ORDER',
      eventUrl: options.webhookUrl,
      authDetails: { authMethod: 'HMAC', authHeaderName: SIGNATURE_HEADER, clientSecret: WEBHOOK_SECRET },
      status: 'ACTIVE',
    });
  }
  const notifications = createNotifications(deps, subscriptions);
  books.onChange((order, change) => {
    if (change === 'placed') notifications.announce(order, 'PO_CREATED');
    const isSellersDoing = order.lines.every((line) => fulfillment.openQuantity(order, line) === 0);
    if (change === 'cancelled' && !isSellersDoing) notifications.announce(order, 'PO_LINE_AUTOCANCELLED');
  });

  const tokens = createTokens(deps, sellers);
  const gateway = createGateway(deps, { tokens, limits: createRateLimits(() => deps.now()) });
  const calls = { made: 0, throttled: 0 };

  const app = new Hono();
  // A cut connection must reach an in-memory caller as an error, not as an answer.
  app.onError((error) => {
    throw error;
  });
  // Before the count of API calls: a browser opens it.
  addConsentRoute(app, tokens, sellers);
  app.use('/v3/*', apiCalls(deps, calls, { throttled: gateway.throttled, serverError }));
  addTokenRoutes(app, tokens, sellers);

  const api = new Hono<SellerEnv>();
  api.use(gateway.seller);
  api.route('/orders', ordersApi(deps, { gateway, books, fulfillment, index }));
  api.route('/orders', orderUpdatesApi({ gateway, books, fulfillment }));
  api.route('/inventory', inventoryApi({ gateway, books }));
  api.route('/inventories', inventoriesApi({ gateway, books }));
  api.route('/feeds', feedsApi(deps, { gateway, books }));
  api.route('/webhooks', webhooksApi(deps, { gateway, subscriptions }));
  app.route('/v3', api);
  app.all('/v3/*', (c: Context) =>
    refuse(c, 'CONTENT_NOT_FOUND', { description: 'This sandbox has no such path.' }, { api: GATEWAY_API }),
  );

  return {
    name: 'walmart',
    app,
    registration: createRegistration(options),
    sellers,
    books,
    webhooks: notifications.stats,
    webhooksUnderWay: notifications.underWay,
    calls,
  };
}
