import { Hono } from 'hono';
import { createBooks } from '#marketplaces/sandbox-kit/books.ts';
import { apiCalls, type Sandbox, type SandboxDeps, type SandboxOptions } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createAnswers, RATE_LIMITED, SERVER_ERROR } from './answers.ts';
import { addConsentRoute, addTokenRoutes } from './auth.ts';
import { createGateway } from './gateway.ts';
import { createOrderIndex } from './order-index.ts';
import { orderSn } from './order-sn.ts';
import { addOrderRoutes } from './orders.ts';
import { createPushes } from './push.ts';
import { addPushRoutes } from './push-settings.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRegistration, createShops } from './registration.ts';
import { createTokens } from './tokens.ts';

/** Shopee counts time in seconds. */
const RESOLUTION_MS = 1000;
/** line ids count upwards from here */
const FIRST_LINE_ID = 2_600_000_000;

/**
 * Shopee Open Platform v2, simulated: consent and tokens, order reads, push settings and pushes. Its registration and
 * shops are fixed and documented in `registration.ts`.
 */
export function createShopeeSandbox(deps: SandboxDeps, options: SandboxOptions): Sandbox {
  const now = (): number => deps.now();
  const shops = createShops(options.sellers);
  const books = createBooks({
    now,
    resolutionMs: RESOLUTION_MS,
    newOrderId: (sequence) => orderSn(sequence, now()),
    newLineId: (sequence) => String(FIRST_LINE_ID + sequence),
  });
  const index = createOrderIndex(books);
  const tokens = createTokens(deps, shops);
  const pushes = createPushes(deps, { callbackUrl: options.webhookUrl });
  books.onChange(pushes.announce);

  const calls = { made: 0, throttled: 0 };
  const answers = createAnswers((length) => deps.randomHex(length));
  const gateway = createGateway(deps, { answers, limits: createRateLimits(now), tokens, calls });

  const app = new Hono();
  app.onError((error) => {
    // A cut connection must reach whoever serves this app; so must a bug.
    throw error;
  });
  // Before the count of API calls: a browser opens it.
  addConsentRoute(app, { now, answers, tokens, firstShopId: shops[0]?.sellerId ?? '' });
  app.use(
    '/api/v2/*',
    apiCalls(deps, calls, {
      throttled: (c) => answers.refuse(c, RATE_LIMITED),
      serverError: (c) => answers.refuse(c, SERVER_ERROR, 500),
    }),
  );
  addTokenRoutes(app, { publicApi: gateway.publicApi, answers, tokens });
  addOrderRoutes(app, { shopApi: gateway.shopApi, answers, books, index, faults: deps.faults });
  addPushRoutes(app, { publicApi: gateway.publicApi, answers, pushes });
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
  };
}
