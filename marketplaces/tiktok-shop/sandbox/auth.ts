import type { Context, Hono } from 'hono';
import { type Answers, invalidParameter } from './answers.ts';
import { APP_KEY, APP_SECRET, CONSENT_PATH, SERVICE_ID, type Shop } from './registration.ts';
import type { Grant, Tokens } from './tokens.ts';

/** what a seller of this sandbox grants */
const SCOPES = [
  'seller.authorization.info',
  'seller.shop.info',
  'seller.order.info',
  'seller.product.basic',
  'seller.product.write',
  'seller.fulfillment.basic',
  'seller.logistics',
];

/**
 * The consent page, which approves at once, at its present address and at its older one. TikTok Shop asks who is logged
 * in and keeps the redirect URL with the app; here three extra parameters say it: `seller` (default: the first),
 * `redirect_uri` (default: `redirectUrl`) and `deny`, for a seller who refuses.
 */
export function addConsentRoutes(
  app: Hono,
  parts: { tokens: Tokens; shops: readonly Shop[]; redirectUrl: string; onWithdrawn: (shop: Shop) => void },
): void {
  const { tokens, shops } = parts;
  const findShop = (id: string | undefined): Shop | undefined =>
    id === undefined ? shops[0] : shops.find((shop) => shop.sellerId === id);

  function answerConsent(c: Context): Response {
    const { state, seller, redirect_uri = parts.redirectUrl, deny } = c.req.query();
    const shop = findShop(seller);
    if (!shop) return c.text('the sandbox has no such seller', 400);
    if (!URL.canParse(redirect_uri)) return c.text('redirect_uri must be a URL', 400);
    const target = new URL(redirect_uri);
    const parameters: Record<string, string> =
      deny === undefined
        ? { app_key: APP_KEY, code: tokens.issueCode(shop), locale: 'en', shop_region: shop.region }
        : { app_key: APP_KEY, code: 'null', error: 'auth_denied' };
    for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
    if (state !== undefined) target.searchParams.set('state', state);
    return c.redirect(target.href);
  }

  app.get(CONSENT_PATH, (c) =>
    c.req.query('service_id') === SERVICE_ID ? answerConsent(c) : c.text('no app has this service_id', 400),
  );
  app.get('/oauth/authorize', (c) =>
    c.req.query('app_key') === APP_KEY ? answerConsent(c) : c.text('no app has this app_key', 400),
  );
  /** Stands for the button in Seller Center. */
  app.post('/open/deauthorize', (c) => {
    const shop = findShop(c.req.query('seller'));
    if (!shop) return c.text('the sandbox has no such seller', 400);
    tokens.withdraw(shop.sellerId);
    parts.onWithdrawn(shop);
    return c.text('withdrawn');
  });
}

/** The two token endpoints, which are not signed and answer every refusal with HTTP 200. */
export function addTokenRoutes(app: Hono, { answers, tokens }: { answers: Answers; tokens: Tokens }): void {
  function answer(
    c: Context,
    expected: { grantType: string; parameter: string },
    use: (value: string) => ReturnType<Tokens['refresh']>,
  ): Response {
    const query = c.req.query();
    const value = query[expected.parameter];
    if (query.app_key !== APP_KEY) return answers.refuse(c, invalidParameter('app_key', 200));
    if (query.app_secret !== APP_SECRET) return answers.refuse(c, invalidParameter('app_secret', 200));
    if (query.grant_type !== expected.grantType) return answers.refuse(c, invalidParameter('grant_type', 200));
    if (!value) return answers.refuse(c, invalidParameter(expected.parameter, 200));
    const result = use(value);
    if ('refusal' in result) return answers.refuse(c, result.refusal);
    return answers.succeed(c, renderGrant(result.grant), 'success');
  }

  app.get('/api/v2/token/get', (c) =>
    answer(c, { grantType: 'authorized_code', parameter: 'auth_code' }, tokens.exchange),
  );
  app.get('/api/v2/token/refresh', (c) =>
    answer(c, { grantType: 'refresh_token', parameter: 'refresh_token' }, tokens.refresh),
  );
}

/** The `…_expire_in` are points in time, whatever their name says. */
function renderGrant({ shop, ...grant }: Grant) {
  return {
    access_token: grant.accessToken,
    access_token_expire_in: Math.floor(grant.accessTokenEndsAt / 1000),
    refresh_token: grant.refreshToken,
    refresh_token_expire_in: Math.floor(grant.refreshTokenEndsAt / 1000),
    open_id: shop.openId,
    seller_name: shop.name,
    seller_base_region: shop.region,
    user_type: 0,
    granted_scopes: SCOPES,
  };
}
