import { z } from 'zod';
import type { Auth, Call } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readAnswer } from './answer.ts';
import type { EbayApp } from './app.ts';
import type { Operation } from './limits.ts';
import { apiCall } from './request.ts';

/** What any client-credentials token may ask for. */
const BASE_SCOPE = 'https://api.ebay.com/oauth/api_scope';

/** Asked for all at once: a scope that is added later means that every seller must consent again. */
const SELLER_SCOPES = [
  `${BASE_SCOPE}/sell.fulfillment`, // orders, shipments, ORDER_CONFIRMATION
  `${BASE_SCOPE}/sell.inventory`,
  `${BASE_SCOPE}/commerce.notification.subscription`,
  `${BASE_SCOPE}/commerce.identity.readonly`, // the seller's immutable user id
];

/** 47,304,000 s, about 18 months, eBay OAuth guide, refresh tokens: a refresh gives no new one */
const REFRESH_TOKEN_LIFETIME_MS = 47_304_000_000;

const user = z.object({ userId: z.string().min(1) });

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.int().positive(),
  refresh_token: z.string().min(1).optional(),
  refresh_token_expires_in: z.int().positive().optional(),
});

/** https://developer.ebay.com/api-docs/static/oauth-tokens.html */
export const auth: Auth<EbayApp> = {
  rotation: 'none',
  consentLifetimeMs: REFRESH_TOKEN_LIFETIME_MS,

  consentUrl(app, { state }) {
    return `${app.consentUrl}?${encodeForm({
      client_id: app.clientId,
      redirect_uri: app.ruName,
      response_type: 'code',
      scope: SELLER_SCOPES.join(' '),
      state,
    })}`;
  },

  exchangeCall(app, { callback }) {
    if (callback.error !== undefined) {
      throw new Failure('permanent', 'the seller declined the consent', { code: 'consent-declined' });
    }
    if (!callback.code) {
      throw new Failure('permanent', "eBay's callback carries no code", { code: 'callback-incomplete' });
    }
    return tokenCall(app, 'exchangeCode', {
      grant_type: 'authorization_code',
      code: decodeOnce(callback.code),
      redirect_uri: app.ruName,
    });
  },

  refreshCall(app, { refreshToken }) {
    return tokenCall(app, 'refreshToken', { grant_type: 'refresh_token', refresh_token: refreshToken });
  },

  appTokenCall(app) {
    return tokenCall(app, 'appToken', { grant_type: 'client_credentials', scope: BASE_SCOPE });
  },

  readTokens(response, now) {
    const answer = readAnswer(response, tokenAnswer, 'tokens');
    const refreshSeconds = answer.refresh_token_expires_in;
    return {
      accessToken: answer.access_token,
      accessTokenExpiresAt: now + answer.expires_in * 1000,
      refreshToken: answer.refresh_token,
      refreshTokenExpiresAt: refreshSeconds === undefined ? undefined : now + refreshSeconds * 1000,
    };
  },

  /** By the user id, which never changes; the name of an account may. */
  identify({ app, accessToken }, [, told]) {
    const url = `${identityUrl(app)}/commerce/identity/v1/user/`;
    if (!told) return { call: apiCall('getUser', { accessToken, url }) };
    return { done: [{ sellerId: readAnswer(told, user, 'user id').userId, settings: {} }] };
  },
};

/** The Identity API is on eBay's other host for APIs. */
function identityUrl({ identityUrl, apiUrl }: EbayApp): string {
  return identityUrl ?? apiUrl.replace('://api.', '://apiz.');
}

function tokenCall(app: EbayApp, operation: Operation, form: Record<string, string>): Call {
  return {
    operation,
    request: {
      method: 'POST',
      url: `${app.apiUrl}/identity/v1/oauth2/token`,
      headers: {
        authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: encodeForm(form),
    },
  };
}

/** By hand, since URLSearchParams writes a space as `+` and eBay documents only `%20`. */
function encodeForm(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

/** A code arrives URL-encoded (`v%5E1.1%23…`); sent encoded twice, it is refused. A decoded code holds no `%`. */
function decodeOnce(code: string): string {
  try {
    return decodeURIComponent(code);
  } catch {
    return code;
  }
}
