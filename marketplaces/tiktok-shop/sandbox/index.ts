import { Hono } from 'hono';
import { createBooks } from '#marketplaces/sandbox-kit/books.ts';
import { apiCalls, type Sandbox, type SandboxDeps, type SandboxOptions } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createAnswers, SERVER_ERROR, THROTTLED, WRONG_METHOD, WRONG_PATH } from './answers.ts';
import { addConsentRoutes, addTokenRoutes } from './auth.ts';
import { createGateway, type ShopEnv } from './gateway.ts';
import { addInventoryRoutes } from './inventory.ts';
import { createListings } from './listings.ts';
import { lineIdOf, mergeLines, orderIdOf } from './order-ids.ts';
import { createOrderIndex } from './order-index.ts';
import { addOrderRoutes } from './orders.ts';
import { createPackages } from './packages.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRegistration, createShops } from './registration.ts';
import { addShippingRoutes } from './shipping.ts';
import { addSubscriptionRoutes, createSubscriptions } from './subscriptions.ts';
import { createTokens } from './tokens.ts';
import { createWebhooks } from './webhooks.ts';

/** TikTok Shop counts time in seconds. */
const RESOLUTION_MS = 1000;

/**
 * TikTok Shop's Open API 202309 as far as orders, stock, shipments and webhooks go. Its registration and shops are fixed
 * and documented in `registration.ts`. A consent leads to `/connections/callback/tiktok-shop` at the webhook's origin unless
 * `redirect_uri` names another place.
 */
export function createTiktokShopSandbox(deps: SandboxDeps, options: SandboxOptions): Sandbox {
  const now = (): number => deps.now();
  const shops = createShops(options.sellers);
  const listings = createListings();
  const kitBooks = createBooks({
    now,
    resolutionMs: RESOLUTION_MS,
    newOrderId: orderIdOf,
    newLineId: lineIdOf,
    newReference: listings.newReference,
  });
  const books: typeof kitBooks = {
    ...kitBooks,
    place: (shopId, draft) => kitBooks.place(shopId, { ...draft, lines: mergeLines(draft.lines) }),
  };
  const index = createOrderIndex(books);
  const tokens = createTokens(deps, shops);
  const subscriptions = createSubscriptions(now, options.webhookUrl);
  const webhooks = createWebhooks(deps, { tokens, subscriptions });
  books.onChange(webhooks.announce);
  const packages = createPackages({ now, resolutionMs: RESOLUTION_MS }, books, {
    shops: new Map(shops.map((shop) => [shop.sellerId, shop])),
    onChange: index.refresh,
    onSplit: webhooks.announceSplit,
  });
  const answers = createAnswers(deps);
  const gateway = createGateway(deps, { answers, limits: createRateLimits(now), tokens });
  const calls = { made: 0, throttled: 0 };

  const app = new Hono();
  app.onError((error) => {
    // A cut connection must reach whoever serves this app; so must a bug.
    throw error;
  });
  // Before the count of API calls: a browser opens them.
  addConsentRoutes(app, {
    tokens,
    shops,
    redirectUrl: new URL('/connections/callback/tiktok-shop', options.webhookUrl).href,
    onWithdrawn: webhooks.announceWithdrawal,
  });
  app.use(
    '*',
    apiCalls(deps, calls, {
      throttled: (c) => answers.refuse(c, THROTTLED),
      serverError: (c) => answers.refuse(c, SERVER_ERROR),
    }),
  );
  addTokenRoutes(app, { answers, tokens });

  const api = new Hono<ShopEnv>();
  api.get('/authorization/202309/shops', gateway.shop('getShops', 'no-cipher'), (c) => {
    const { sellerId, name, region, cipher, code } = c.get('shop');
    return answers.succeed(c, { shops: [{ id: sellerId, name, region, seller_type: 'LOCAL', cipher, code }] });
  });
  addOrderRoutes(api, { gateway, answers, books, index, packages, faults: deps.faults });
  addShippingRoutes(api, { gateway, answers, books, packages });
  addInventoryRoutes(api, { gateway, answers, books, listings });
  addSubscriptionRoutes(api, { gateway, answers, subscriptions });
  for (const path of new Set(api.routes.map((route) => route.path)))
    api.all(path, (c) => answers.refuse(c, WRONG_METHOD));
  app.route('/', api);
  app.all('*', (c) => answers.refuse(c, WRONG_PATH));

  return {
    name: 'tiktok-shop',
    app,
    registration: createRegistration(options),
    sellers: shops.map(({ sellerId, refreshToken, settings }) => ({ sellerId, refreshToken, settings })),
    books,
    webhooks: webhooks.stats,
    webhooksUnderWay: webhooks.underWay,
    calls,
  };
}
