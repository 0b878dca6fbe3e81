import { z } from 'zod';
import type { Auth } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { digits, readAnswer } from './answer.ts';
import type { LazadaApp } from './app.ts';
import { signedCall } from './request.ts';

/** A duration as `parseJson` leaves it, seconds: Lazada writes it as a number or as a string. */
const seconds = z
  .string()
  .regex(/^\d{1,10}$/)
  .transform(Number);

const tokens = z.object({
  access_token: z.string().min(1),
  expires_in: seconds,
  refresh_token: z.string().nullish(),
  refresh_expires_in: seconds.nullish(),
});

/** The exchange tells this; the refresh calls it `country_user_info_list`. */
const accounts = z.object({ country_user_info: z.array(z.object({ country: z.string(), seller_id: digits })) });

/** https://open.lazada.com/apps/doc/doc?nodeId=10777&docId=108260 */
export const auth: Auth<LazadaApp> = {
  consentUrl(app, { state, redirectUri }) {
    const url = new URL(app.consentUrl);
    url.searchParams.set('response_type', 'code');
    // Or a seller who is logged in elsewhere would connect that account unasked.
    url.searchParams.set('force_auth', 'true');
    url.searchParams.set('redirect_uri', redirectUri);
    url.searchParams.set('client_id', app.appKey);
    url.searchParams.set('state', state);
    return url.href;
  },

  exchangeCall(app, { callback: { code, error }, now }) {
    if (error) throw new Failure('permanent', 'the seller did not consent', { code: 'consent-denied' });
    if (!code) {
      throw new Failure('permanent', 'Lazada came back from consent without a code', { code: 'callback-incomplete' });
    }
    const request = { method: 'POST', path: '/auth/token/create', parameters: { code } } as const;
    return signedCall({ app, baseUrl: app.authUrl, now }, 'exchangeCode', request);
  },

  refreshCall(app, { refreshToken, now }) {
    const parameters = { refresh_token: refreshToken };
    const request = { method: 'POST', path: '/auth/token/refresh', parameters } as const;
    return signedCall({ app, baseUrl: app.authUrl, now }, 'refreshToken', request);
  },

  /**
   * Lazada's pages disagree on how long tokens last, so only the answer counts. `refresh_expires_in` 0 is a grant that
   * can't be refreshed: its refresh token ends now.
   */
  readTokens(response, now) {
    const answer = readAnswer(response, tokens);
    return {
      accessToken: answer.access_token,
      accessTokenExpiresAt: now + answer.expires_in * 1000,
      refreshToken: answer.refresh_token || undefined,
      refreshTokenExpiresAt: answer.refresh_expires_in == null ? undefined : now + answer.refresh_expires_in * 1000,
    };
  },

  /** One consent of a cross-border seller covers several countries, with an account in each. */
  identify({ app }, [exchanged]) {
    const told = exchanged ? readAnswer(exchanged, accounts).country_user_info : [];
    const found = told.map(({ country, seller_id }) => ({ country: country.toLowerCase(), sellerId: seller_id }));
    const reached = found.filter(({ country }) => Object.hasOwn(app.apiUrls, country));
    if (reached.length === 0) {
      throw new Failure('permanent', 'the consent covers no account in a country of the registration', {
        code: 'no-shop',
      });
    }
    return { done: reached.map(({ country, sellerId }) => ({ sellerId, settings: { country } })) };
  },

  // How long a consent lasts, the first answer's `refresh_expires_in` tells; no refresh prolongs it.

  secretEnds({ appSecretExpiresAt }) {
    return appSecretExpiresAt ? [{ secret: 'appSecret', endsAt: Date.parse(appSecretExpiresAt) }] : [];
  },

  // Each refresh gives a new refresh token; how long the old one lives on, Lazada does not say.
  rotation: 'strict',
};
