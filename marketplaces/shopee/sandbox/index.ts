import { Hono } from 'hono';
import { createBooks } from '#marketplaces/sandbox-kit/books.ts';
import { apiCalls, type Sandbox, type SandboxDeps, type SandboxOptions } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createAnswers, RATE_LIMITED, SERVER_ERROR } from './answers.ts';
import { createArrangements } from './arrangements.ts';
import { addConsentRoute, addTokenRoutes } from './auth.ts';
import { type Channel, channelAt } from './channels.ts';
import { createGateway } from './gateway.ts';
import { createListings } from './listings.ts';
import { addLogisticsRoutes } from './logistics.ts';
import { createOrderIndex } from './order-index.ts';
import { orderStatus } from './order-shape.ts';
import { orderSn } from './order-sn.ts';
import { addOrderRoutes } from './orders.ts';
import { createPushes } from './push.ts';
import { addPushRoutes } from './push-settings.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRegistration, createShops } from './registration.ts';
import { addStockRoutes } from './stock.ts';
import { createTokens } from './tokens.ts';

/** Shopee counts time in seconds. */
const RESOLUTION_MS = 1000;
/** line ids count upwards from here */
const FIRST_LINE_ID = 2_600_000_000;

export type ShopeeSandbox = Sandbox & {
  /** A promotion holds so much of a shop's SKU: its stock can't be set below. */
  reserveStock(shopId: string, sku: string, quantity: number): void;
  /** A shop takes back its consent: its tokens are dead, and the app is told. */
  revokeAuthorization(shopId: string): void;
};

/**
 * Shopee Open Platform v2, simulated: consent and tokens, order reads, shipping, stock, push settings and pushes. Its
 * registration and shops are fixed and documented in `registration.ts`, how each shop ships in `channels.ts`.
 */
export function createShopeeSandbox(deps: SandboxDeps, options: SandboxOptions): ShopeeSandbox {
  const now = (): number => deps.now();
  const shops = createShops(options.sellers);
  const listings = createListings();
  const books = createBooks({
    now,
    resolutionMs: RESOLUTION_MS,
    newOrderId: (sequence) => orderSn(sequence, now()),
    newLineId: (sequence) => String(FIRST_LINE_ID + sequence),
    newReference: listings.newReference,
  });
  const index = createOrderIndex(books);
  const tokens = createTokens(deps, shops);
  const pushes = createPushes(deps, { callbackUrl: options.webhookUrl });
  const arrangements = createArrangements(deps, {
    now: () => Math.floor(now() / RESOLUTION_MS) * RESOLUTION_MS,
    books,
    onArranged(order) {
      index.refresh(order);
      pushes.announceStatus(order, orderStatus(order, true));
    },
    onTrackingNumber: pushes.announceTrackingNumber,
  });
  books.onChange((order, change) => {
    const trackingNumber = order.shipment?.trackingNumber ?? '';
    const isNews = trackingNumber !== arrangements.trackingNumber(order);
    if (change === 'shipped' && isNews) pushes.announceTrackingNumber(order, trackingNumber);
    pushes.announceStatus(order, orderStatus(order, false));
  });
  const channels = new Map(shops.map(({ sellerId }, place): [string, Channel] => [sellerId, channelAt(place)]));
  const channelOf = (shopId: string): Channel => channels.get(shopId)!;

  const calls = { made: 0, throttled: 0 };
  const answers = createAnswers((length) => deps.randomHex(length));
  const gateway = createGateway(deps, { answers, limits: createRateLimits(now), tokens, calls });

  const app = new Hono();
  app.onError((error) => {
    // A cut connection must reach whoever serves this app; so must a bug.
    throw error;
  });
  // Before the count of API calls: a browser opens it.
  addConsentRoute(app, { now, answers, tokens, shopIds: shops.map(({ sellerId }) => sellerId) });
  app.use(
    '/api/v2/*',
    apiCalls(deps, calls, {
      throttled: (c) => answers.refuse(c, RATE_LIMITED),
      serverError: (c) => answers.refuse(c, SERVER_ERROR, 500),
    }),
  );
  const { shopApi, publicApi } = gateway;
  addTokenRoutes(app, { publicApi, answers, tokens });
  addOrderRoutes(app, { shopApi, answers, books, index, arrangements, faults: deps.faults });
  addLogisticsRoutes(app, { now, shopApi, answers, books, arrangements, channelOf });
  addStockRoutes(app, { shopApi, answers, books, listings });
  addPushRoutes(app, { publicApi, answers, pushes });
  app.all('/api/v2/*', (c) =>
    answers.refuse(c, { error: 'error_param', message: 'This API is offline or the request path is incorrect.' }),
  );

  return {
    name: 'shopee',
    app,
    registration: createRegistration(options),
    sellers: shops,
    books,
    webhooks: pushes.stats,
    webhooksUnderWay: pushes.underWay,
    calls,
    reserveStock: (shopId, sku, quantity) => listings.reserve(books.listing(shopId, sku), quantity),
    revokeAuthorization(shopId) {
      tokens.revoke(shopId);
      pushes.announceCancelledAuthorization(Number(shopId));
    },
  };
}
