import { z } from 'zod';
import type { Auth, Call } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { accountId, type ShopeeApp } from './app.ts';
import { readBody, secondsAsMs } from './body.ts';
import { publicQuery } from './sign.ts';

/** The consent link is signed for this path wherever it points. */
const CONSENT_PATH = '/api/v2/shop/auth_partner';
const EXCHANGE_PATH = '/api/v2/auth/token/get';
const REFRESH_PATH = '/api/v2/auth/access_token/get';

/** 30 days, Shopee Open Platform guide "Authorization and Authentication"; answers do not state it */
const REFRESH_TOKEN_LIFETIME_MS = 30 * 24 * 3_600_000;
/** An `expire_in` above this is an instant (September 2001 onwards) and no duration (31 years), seconds. */
const LEAST_INSTANT_SECONDS = 1_000_000_000;

const callback = z.object({ code: z.string().min(1), shop_id: accountId });

const tokens = z.object({
  error: z.literal(''),
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expire_in: secondsAsMs,
});

export const auth: Auth<ShopeeApp> = {
  /** The classic link has no `state`; it travels in the redirect's own query, which Shopee keeps. Valid 5 minutes. */
  consentUrl(app, { state, redirectUri, now }) {
    const redirect = new URL(redirectUri);
    redirect.searchParams.set('state', state);
    const query = publicQuery(app, CONSENT_PATH, now);
    query.set('redirect', redirect.href);
    return `${app.consentUrl}?${query}`;
  },

  /** Throws for a callback without a shop: a main account's covers many shops, and a connection is one. */
  exchangeCall(app, options) {
    const { success, data } = callback.safeParse(options.callback);
    if (!success) {
      const code = options.callback.main_account_id ? 'main-account-unsupported' : 'callback-incomplete';
      throw new Failure('permanent', 'the consent callback needs code and shop_id: log in as one shop', { code });
    }
    const body = { code: data.code, partner_id: Number(app.partnerId), shop_id: Number(data.shop_id) };
    return tokenCall(app, 'exchangeCode', EXCHANGE_PATH, body, options.now);
  },

  refreshCall(app, { connection, refreshToken, now }) {
    const shopId = Number(connection.sellerId);
    const body = { refresh_token: refreshToken, partner_id: Number(app.partnerId), shop_id: shopId };
    return tokenCall(app, 'refreshToken', REFRESH_PATH, body, now);
  },

  readTokens(response, now) {
    const answer = readBody(response, tokens);
    // Shopee's sample of the exchange shows an instant, its sample of the refresh a duration.
    const isInstant = answer.expire_in >= LEAST_INSTANT_SECONDS * 1000;
    return {
      accessToken: answer.access_token,
      accessTokenExpiresAt: isInstant ? answer.expire_in : now + answer.expire_in,
      refreshToken: answer.refresh_token,
      refreshTokenExpiresAt: now + REFRESH_TOKEN_LIFETIME_MS,
    };
  },

  rotation: 'strict',
};

function tokenCall(app: ShopeeApp, operation: string, path: string, body: object, now: number): Call {
  return {
    operation,
    request: {
      method: 'POST',
      url: `${app.apiUrl}${path}?${publicQuery(app, path, now)}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
  };
}
