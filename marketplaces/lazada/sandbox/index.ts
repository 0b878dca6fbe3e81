import { Hono } from 'hono';
import { createBooks } from '#marketplaces/sandbox-kit/books.ts';
import { apiCalls, type Sandbox, type SandboxDeps, type SandboxOptions } from '#marketplaces/sandbox-kit/sandbox.ts';
import { callLimit, createAnswers, SERVER_ERROR } from './answers.ts';
import { addConsentRoute, addTokenRoutes } from './auth.ts';
import { createFulfillment } from './fulfillment.ts';
import { createGateway, type Env } from './gateway.ts';
import { createOrderIndex } from './order-index.ts';
import { createOrderTexts } from './order-texts.ts';
import { addOrderRoutes } from './orders.ts';
import { createPushes } from './push.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRegistration, createSellers, REST_PATH } from './registration.ts';
import { addSellerRoute } from './seller.ts';
import { addShippingRoutes } from './shipping.ts';
import { addStockRoutes } from './stock.ts';
import { createTokens } from './tokens.ts';
import { UNITS_PER_LINE } from './units.ts';

/** Lazada counts time in seconds. */
const RESOLUTION_MS = 1000;
/** ids count upwards from here, as long as Lazada's */
const FIRST_ORDER_ID = 560_694_402_100_000;
const ORDER_ID_STEP = 100_003;
const FIRST_LINE_ID = 700_000_000_000_000;
const FIRST_ITEM_ID = 2_292_000_000;
const FIRST_SKU_ID = 12_761_000_000;

/** how long an invented throttle says to wait, s */
const INVENTED_BAN_SECONDS = 1;

/**
 * Lazada Open Platform (Singapore), simulated: consent and tokens, order reads, stock, packing and shipping, pushes. Its
 * registration and sellers are fixed and documented in `registration.ts`.
 */
export function createLazadaSandbox(deps: SandboxDeps, options: SandboxOptions): Sandbox {
  const now = (): number => deps.now();
  const sellers = createSellers(options.sellers);
  const books = createBooks({
    now,
    resolutionMs: RESOLUTION_MS,
    newOrderId: (sequence) => String(FIRST_ORDER_ID + sequence * ORDER_ID_STEP),
    newLineId: (sequence) => String(FIRST_LINE_ID + sequence * UNITS_PER_LINE),
    newReference: (sequence) => ({ itemId: String(FIRST_ITEM_ID + sequence), skuId: String(FIRST_SKU_ID + sequence) }),
  });
  books.onChange((order) => {
    for (const { sku } of order.lines) books.listing(order.sellerId, sku); // what is ordered was offered
  });
  const index = createOrderIndex(books);
  const fulfillment = createFulfillment(deps, books, (parcel) => {
    index.refresh(parcel.order);
    texts.drop(parcel.order);
    pushes.announceProgress(parcel);
  });
  const texts = createOrderTexts({ fulfillment, books });
  const tokens = createTokens(deps, sellers);
  const pushes = createPushes(deps, { callbackUrl: options.webhookUrl, tokens, fulfillment });
  books.onChange(pushes.announce);

  const calls = { made: 0, throttled: 0 };
  const answers = createAnswers(deps);
  const gateway = createGateway(deps, { answers, limits: createRateLimits(now), tokens, calls });

  const app = new Hono();
  app.onError((error) => {
    // A cut connection must reach whoever serves this app; so must a bug.
    throw error;
  });
  // Before the count of API calls: a browser opens it.
  addConsentRoute(app, tokens, sellers);
  app.use(
    `${REST_PATH}/*`,
    apiCalls(deps, calls, {
      throttled: (c) => answers.refuse(c, callLimit(INVENTED_BAN_SECONDS)),
      serverError: (c) => answers.refuse(c, SERVER_ERROR),
    }),
  );
  const api = new Hono<Env>();
  addTokenRoutes(api, { gateway, answers, tokens });
  addSellerRoute(api, { gateway, answers });
  addOrderRoutes(api, { gateway, answers, books, fulfillment, index, texts });
  addShippingRoutes(api, { gateway, answers, books, fulfillment });
  addStockRoutes(api, { gateway, answers, books });
  app.route(REST_PATH, api);
  app.all(`${REST_PATH}/*`, (c) =>
    answers.refuse(c, { code: 'InvalidApiPath', type: 'ISV', message: 'The specified api path is invalid' }),
  );

  return {
    name: 'lazada',
    app,
    registration: createRegistration(options),
    sellers,
    books,
    webhooks: pushes.stats,
    webhooksUnderWay: pushes.underWay,
    calls,
  };
}
