import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Auth, Call } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readAnswer } from './answer.ts';
import type { WalmartApp } from './app.ts';
import type { TokenOperation } from './limits.ts';
import { basicAuthorization, serviceHeaders } from './request.ts';

/** 365 days, developer.walmart.com, Token API "Token Lifetimes"; answers do not state it */
const REFRESH_TOKEN_LIFETIME_MS = 365 * 24 * 3_600_000;
/** length of the nonce, characters; Walmart's examples of state and nonce are as short */
const NONCE_LENGTH = 10;

/** It becomes a header, so nothing but the digits and letters of an id. */
const sellerId = z.string().regex(/^[\w-]{1,64}$/);
const callback = z.object({ code: z.string().min(1), sellerId });

const tokens = z.object({
  access_token: z.string().min(1),
  /** seconds; 900 */
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).nullish(),
});

/**
 * OAuth as Walmart has it for Solution Providers: parameters in camelCase, and a seller's id in every token call.
 * A refresh answers without a refresh token, so the one from consent serves its whole year.
 * https://developer.walmart.com/us-marketplace/docs/log-in-and-authorize-app-scope-copy
 */
export const auth: Auth<WalmartApp> = {
  rotation: 'none',
  consentLifetimeMs: REFRESH_TOKEN_LIFETIME_MS,

  consentUrl(app, { state, redirectUri }) {
    const url = new URL(app.consentUrl);
    url.searchParams.set('responseType', 'code');
    url.searchParams.set('clientId', app.clientId);
    url.searchParams.set('redirectUri', redirectUri);
    url.searchParams.set('clientType', 'seller');
    url.searchParams.set('nonce', hash('sha256', state).slice(0, NONCE_LENGTH).toUpperCase());
    url.searchParams.set('state', state);
    return url.href;
  },

  exchangeCall(app, { callback: given, redirectUri, now }) {
    const { code, sellerId: partnerId } = readCallback(given);
    const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
    return tokenCall(app, 'exchangeCode', { grant, partnerId, now });
  },

  /** The keys of a seller's own (`partnerId`) take no refresh token: what is stored as one for it is not sent. */
  refreshCall(app, { connection, refreshToken, now }) {
    const partnerId = connection.sellerId;
    if (partnerId === app.partnerId) {
      return tokenCall(app, 'refreshToken', { grant: { grant_type: 'client_credentials' }, now });
    }
    const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
    return tokenCall(app, 'refreshToken', { grant, partnerId, now });
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

  /** The callback names the seller; no token answer does. */
  identify({ callback: given }) {
    return { done: [{ sellerId: readCallback(given).sellerId, settings: {} }] };
  },

  secretEnds({ clientSecretExpiresAt }) {
    if (clientSecretExpiresAt === undefined) return [];
    return [{ secret: 'clientSecret', endsAt: Date.parse(clientSecretExpiresAt) }];
  },
};

function readCallback(given: Record<string, string>): z.infer<typeof callback> {
  const { success, data, error } = callback.safeParse(given);
  if (success) return data;
  const missing = error.issues[0]?.path.map(String).join('.') ?? '';
  throw new Failure('permanent', `Walmart came back from consent without a usable ${missing}`, {
    code: 'callback-incomplete',
  });
}

function tokenCall(
  app: WalmartApp,
  operation: TokenOperation,
  { grant, partnerId, now }: { grant: Record<string, string>; partnerId?: string; now: number },
): Call {
  return {
    operation,
    request: {
      method: 'POST',
      url: app.tokenUrl,
      headers: {
        ...serviceHeaders(`${now} ${operation} ${partnerId ?? ''}`),
        Authorization: basicAuthorization(app),
        'Content-Type': 'application/x-www-form-urlencoded',
        ...(partnerId !== undefined && { 'WM_PARTNER.ID': partnerId }),
      },
      body: new URLSearchParams(grant).toString(),
    },
  };
}
