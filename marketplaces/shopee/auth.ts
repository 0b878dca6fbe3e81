import { z } from 'zod';
import type { Auth } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { accountId, type ShopeeApp } from './app.ts';
import { digits, readBody, secondsAsMs } from './body.ts';
import { appCall } from './request.ts';
import { publicQuery } from './sign.ts';

/** The consent link is signed for this path wherever it points. */
const CONSENT_PATH = '/api/v2/shop/auth_partner';
const EXCHANGE_PATH = '/api/v2/auth/token/get';
const REFRESH_PATH = '/api/v2/auth/access_token/get';

/** 30 days, Shopee Open Platform guide "Authorization and Authentication"; answers do not state it */
const REFRESH_TOKEN_LIFETIME_MS = 30 * 24 * 3_600_000;
/** An `expire_in` above this is an instant (September 2001 onwards) and no duration (31 years), seconds. */
const LEAST_INSTANT_SECONDS = 1_000_000_000;

/**
 * The longest consent that a seller can give, from 7 to 365 days. How long one really lasts is not told; a push warns of
 * its end 7 days ahead. Shopee Open Platform, announcement 1488 of July 2026
 */
const MAX_CONSENT_MS = 365 * 24 * 3_600_000;

/** A seller logs in as one shop, or as a main account that may have many. */
const callback = z.union([
  z.object({ code: z.string().min(1), shop_id: accountId }),
  z.object({ code: z.string().min(1), main_account_id: accountId }),
]);

const tokens = z.object({
  error: z.literal(''),
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expire_in: secondsAsMs,
});

const shops = z.object({ error: z.literal(''), shop_id_list: z.array(digits).nullish() });

export const auth: Auth<ShopeeApp> = {
  /** The classic link has no `state`; it travels in the redirect's own query, which Shopee keeps. Valid 5 minutes. */
  consentUrl(app, { state, redirectUri, now }) {
    const redirect = new URL(redirectUri);
    redirect.searchParams.set('state', state);
    const query = publicQuery(app, CONSENT_PATH, now);
    query.set('redirect', redirect.href);
    return `${app.consentUrl}?${query}`;
  },

  exchangeCall(app, { callback: given, now }) {
    const { code, ...account } = readCallback(given);
    const [[name, id]] = Object.entries(account) as [[string, string]];
    const body = { code, partner_id: Number(app.partnerId), [name]: Number(id) };
    return appCall(app, now, { operation: 'exchangeCode', path: EXCHANGE_PATH, body });
  },

  /** The tokens of a main account's consent are the same for all its shops, until each shop has refreshed them once. */
  refreshCall(app, { connection, refreshToken, now }) {
    const shopId = Number(connection.sellerId);
    const body = { refresh_token: refreshToken, partner_id: Number(app.partnerId), shop_id: shopId };
    return appCall(app, now, { operation: 'refreshToken', path: REFRESH_PATH, body });
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

  /** The callback names a shop; which shops a main account consented for, the answer to the exchange does. */
  identify({ callback: given }, [exchanged]) {
    const account = readCallback(given);
    const told = 'shop_id' in account ? [account.shop_id] : exchanged && readBody(exchanged, shops).shop_id_list;
    if (!told?.length) {
      throw new Failure('permanent', 'the consent of this main account covers no shop', { code: 'no-shop' });
    }
    return { done: told.map((sellerId) => ({ sellerId, settings: {} })) };
  },

  consentLifetimeMs: MAX_CONSENT_MS,
  grantPerSeller: true,
  refreshProlongs: true,

  secretEnds({ partnerKeyExpiresAt }) {
    return partnerKeyExpiresAt ? [{ secret: 'partnerKey', endsAt: Date.parse(partnerKeyExpiresAt) }] : [];
  },

  rotation: 'strict',
};

function readCallback(given: Record<string, string>): z.infer<typeof callback> {
  const { success, data } = callback.safeParse(given);
  if (success) return data;
  throw new Failure('permanent', 'the consent callback needs a code and a shop_id or main_account_id', {
    code: 'callback-incomplete',
  });
}
