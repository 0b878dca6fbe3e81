import { z } from 'zod';
import type { Auth, Call } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readAnswer } from './answer.ts';
import type { AmazonApp } from './app.ts';
import type { TokenOperation } from './limits.ts';

const tokens = z.object({
  access_token: z.string().min(1),
  /** seconds; Login with Amazon gives 3600 */
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).nullish(),
});

/**
 * Login with Amazon, website authorization workflow. A refresh token lives until the seller revokes it or a year has
 * passed since consent, and a refresh answers with the same one, so any refresh may be repeated.
 * https://developer-docs.amazon.com/sp-api/docs/website-authorization-workflow
 */
export const auth: Auth<AmazonApp> = {
  rotation: 'none',

  consentUrl(app, { state, redirectUri }) {
    const url = new URL(app.consentUrl);
    url.searchParams.set('application_id', app.applicationId);
    url.searchParams.set('state', state);
    url.searchParams.set('redirect_uri', redirectUri);
    return url.href;
  },

  exchangeCall(app, { callback, redirectUri }) {
    const code = callback.spapi_oauth_code;
    if (!code) {
      throw new Failure('permanent', 'Amazon came back from consent without spapi_oauth_code', {
        code: 'callback-incomplete',
      });
    }
    return tokenCall(app, 'exchangeCode', { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
  },

  refreshCall(app, { refreshToken }) {
    return tokenCall(app, 'refreshToken', { grant_type: 'refresh_token', refresh_token: refreshToken });
  },

  readTokens(response, now) {
    const answer = readAnswer(response, tokens);
    return {
      accessToken: answer.access_token,
      accessTokenExpiresAt: now + answer.expires_in * 1000,
      refreshToken: answer.refresh_token ?? undefined,
      // The year counts from consent, which no token answer tells.
      refreshTokenExpiresAt: undefined,
    };
  },
};

function tokenCall(app: AmazonApp, operation: TokenOperation, grant: Record<string, string>): Call {
  return {
    operation,
    request: {
      method: 'POST',
      url: app.tokenUrl,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
        'user-agent': app.userAgent,
      },
      body: new URLSearchParams({ ...grant, client_id: app.clientId, client_secret: app.clientSecret }).toString(),
    },
  };
}
