import { createHmac, hash } from 'node:crypto';
import { z } from 'zod';
import type { Auth, Call } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { numericId, readAnswer, unreadable } from './answer.ts';
import { CONSENT_URLS, type MercadolibreApp } from './app.ts';
import type { TokenOperation } from './limits.ts';
import { apiCall } from './request.ts';

/** 180 days: six months, the shortest of which has 181; developers.mercadolibre.com, Authentication and authorization */
const REFRESH_TOKEN_LIFETIME_MS = 180 * 24 * 3_600_000;

const tokens = z.object({
  access_token: z.string().min(1),
  /** seconds; the documentation says 6 h, its examples 3 h */
  expires_in: z.int().positive(),
  refresh_token: z.string().min(1).nullish(),
});

const grantor = z.object({ user_id: numericId });
const user = z.object({ id: numericId, site_id: z.string().regex(/^[A-Z]{3}$/) });

/**
 * OAuth 2.0 with PKCE, which is optional unless it is switched on for the application. A refresh token serves once.
 * https://developers.mercadolibre.com.ar/en_us/authentication-and-authorization
 */
export const auth: Auth<MercadolibreApp> = {
  rotation: 'strict',
  refreshProlongs: true,

  consentUrl(app, { state, redirectUri }) {
    const url = new URL(app.consentUrl ?? CONSENT_URLS[app.site]);
    url.searchParams.set('response_type', 'code');
    url.searchParams.set('client_id', app.clientId);
    url.searchParams.set('redirect_uri', redirectUri);
    url.searchParams.set('state', state);
    url.searchParams.set('code_challenge', hash('sha256', codeVerifier(app, state), 'base64url'));
    url.searchParams.set('code_challenge_method', 'S256');
    return url.href;
  },

  exchangeCall(app, { callback: { code, state, error }, redirectUri }) {
    if (error) throw new Failure('permanent', 'the seller did not consent', { code: 'consent-denied' });
    if (!code || !state) {
      throw new Failure('permanent', 'Mercado Libre came back from consent without a code or a state', {
        code: 'callback-incomplete',
      });
    }
    const code_verifier = codeVerifier(app, state);
    return tokenCall(app, 'exchangeCode', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier,
    });
  },

  refreshCall(app, { refreshToken }) {
    return tokenCall(app, 'refreshToken', { grant_type: 'refresh_token', refresh_token: refreshToken });
  },

  readTokens(response, now) {
    const answer = readAnswer(response, tokens);
    const refreshToken = answer.refresh_token ?? undefined;
    return {
      accessToken: answer.access_token,
      accessTokenExpiresAt: now + answer.expires_in * 1000,
      refreshToken,
      refreshTokenExpiresAt: refreshToken === undefined ? undefined : now + REFRESH_TOKEN_LIFETIME_MS,
    };
  },

  /** The token answer names the seller, and the seller's account its site, which need not be the application's. */
  identify(context, [exchanged, told]) {
    if (!told) return { call: apiCall(context, 'getUser', { method: 'GET', path: '/users/me' }) };
    const { id, site_id } = readAnswer(told, user);
    if (exchanged && readAnswer(exchanged, grantor).user_id !== id) throw unreadable(told, 'about another user');
    return { done: [{ sellerId: id, settings: { siteId: site_id } }] };
  },

  secretEnds({ clientSecretExpiresAt }) {
    if (clientSecretExpiresAt === undefined) return [];
    return [{ secret: 'clientSecret', endsAt: Date.parse(clientSecretExpiresAt) }];
  },
};

/** A connector remembers nothing between consent and exchange, so the verifier is derived from what only we know. */
function codeVerifier({ clientSecret }: MercadolibreApp, state: string): string {
  return createHmac('sha256', clientSecret).update(`PKCE ${state}`).digest('base64url');
}

function tokenCall(app: MercadolibreApp, operation: TokenOperation, grant: Record<string, string>): Call {
  const form = { ...grant, client_id: app.clientId, client_secret: app.clientSecret };
  return {
    operation,
    request: {
      method: 'POST',
      url: `${app.apiUrl}/oauth/token`,
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    },
  };
}
