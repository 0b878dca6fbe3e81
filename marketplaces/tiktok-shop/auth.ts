import { z } from 'zod';
import type { Auth, Call } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readData } from './answer.ts';
import type { TikTokShopApp } from './app.ts';
import type { TokenOperation } from './limits.ts';
import { apiCall } from './request.ts';

/** An expiry below this is a duration (31 years) and no instant (September 2001 onwards), seconds. */
const LEAST_INSTANT_SECONDS = 1_000_000_000;
/** latest instant that is read, seconds: open-ended grants are given until the year 2125 */
const MAX_INSTANT_SECONDS = 99_999_999_999;
/** `user_type` of a seller; creators and partners have others */
const SELLER = 0;

/** An instant, in spite of its name `…_expire_in`. */
const expiry = z.int().min(0).max(MAX_INSTANT_SECONDS);

const tokens = z.object({
  access_token: z.string().min(1),
  access_token_expire_in: expiry,
  refresh_token: z.string().min(1).nullish(),
  refresh_token_expire_in: expiry.nullish(),
});

const user = z.object({ user_type: z.int().nullish() });

const shops = z.object({ shops: z.array(z.object({ id: z.string().min(1), cipher: z.string().min(1) })) });

/** https://partner.tiktokshop.com/docv2/page/authorization-overview-202407 */
export const auth: Auth<TikTokShopApp> = {
  /** The app's registration names where the seller comes back to, so the link does not. */
  consentUrl(app, { state }) {
    const url = new URL(app.consentUrl);
    url.searchParams.set('service_id', app.serviceId);
    url.searchParams.set('state', state);
    return url.href;
  },

  exchangeCall(app, { callback: { code, error } }) {
    // Who says no comes back with the word null for a code.
    if (error || code === 'null')
      throw new Failure('permanent', 'the seller did not consent', { code: 'consent-denied' });
    if (!code) {
      throw new Failure('permanent', 'TikTok Shop came back from consent without a code', {
        code: 'callback-incomplete',
      });
    }
    return tokenCall(app, 'exchangeCode', '/api/v2/token/get', { auth_code: code, grant_type: 'authorized_code' });
  },

  refreshCall(app, { refreshToken }) {
    const grant = { refresh_token: refreshToken, grant_type: 'refresh_token' };
    return tokenCall(app, 'refreshToken', '/api/v2/token/refresh', grant);
  },

  readTokens(response, now) {
    const answer = readData(response, tokens);
    return {
      accessToken: answer.access_token,
      accessTokenExpiresAt: expiresAt(answer.access_token_expire_in, now),
      refreshToken: answer.refresh_token ?? undefined,
      refreshTokenExpiresAt: answer.refresh_token_expire_in
        ? expiresAt(answer.refresh_token_expire_in, now)
        : undefined,
    };
  },

  /** One consent covers all shops of a seller; calls tell them apart by their ciphers. */
  identify(context, [exchanged, listed]) {
    if (exchanged && (readData(exchanged, user).user_type ?? SELLER) !== SELLER) {
      throw new Failure('permanent', 'who consented is no seller of TikTok Shop', { code: 'not-a-seller' });
    }
    const request = { method: 'GET', path: '/authorization/202309/shops' } as const;
    if (!listed) return { call: apiCall(context, 'getAuthorizedShops', request) };
    const found = readData(listed, shops).shops;
    if (found.length === 0) {
      throw new Failure('permanent', 'the consent covers no shop', { code: 'no-shop' });
    }
    return { done: found.map(({ id, cipher }) => ({ sellerId: id, settings: { shopCipher: cipher } })) };
  },

  secretEnds({ appSecretExpiresAt }) {
    return appSecretExpiresAt ? [{ secret: 'appSecret', endsAt: Date.parse(appSecretExpiresAt) }] : [];
  },

  // TikTok does not say whether a refresh spends the old token, and sends one with every answer.
  rotation: 'strict',
};

function expiresAt(seconds: number, now: number): number {
  return seconds < LEAST_INSTANT_SECONDS ? now + seconds * 1000 : seconds * 1000;
}

/** The token endpoint takes nothing but a query, the secret in it; its calls are not signed. */
function tokenCall(app: TikTokShopApp, operation: TokenOperation, path: string, grant: Record<string, string>): Call {
  const query = new URLSearchParams({ app_key: app.appKey, app_secret: app.appSecret, ...grant });
  return { operation, request: { method: 'GET', url: `${app.authUrl}${path}?${query}`, headers: {} } };
}
