import { z } from 'zod';
import type { Auth, Call } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readAnswer } from './answer.ts';
import type { ShopifyApp } from './app.ts';
import { readCallback } from './callback.ts';
import type { TokenOperation } from './limits.ts';
import { shopUrl } from './request.ts';

/** Tokens without an end are not taken: Shopify refuses them from 2027 on. */
const tokens = z.object({
  access_token: z.string().min(1),
  /** seconds; 3600 */
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1),
  /** seconds; 90 days */
  refresh_token_expires_in: z.number().positive().nullish(),
});

type ConsentOptions = {
  state: string;
  redirectUri: string;
  now: number;
  /** the shop to be asked: each has a consent page of its own */
  sellerId?: string;
};

/**
 * Expiring offline tokens: https://shopify.dev/docs/apps/build/authentication-authorization. A refresh begins a new 90
 * days, so a consent has no known end.
 */
export const auth = {
  /** A spent refresh token is good until its successor is used. */
  rotation: 'retry-allowed',
  refreshProlongs: true,

  consentUrl(app, { state, redirectUri, sellerId }: ConsentOptions) {
    if (sellerId === undefined) {
      throw new Failure('permanent', 'the consent page of Shopify is the shop’s own, so the shop must be known', {
        code: 'shop-missing',
      });
    }
    const query = new URLSearchParams({
      client_id: app.apiKey,
      scope: app.scopes.join(','),
      redirect_uri: redirectUri,
      state,
    });
    return `${shopUrl(app, sellerId)}/admin/oauth/authorize?${query}`;
  },

  exchangeCall(app, { callback }) {
    const { code, shop } = readCallback(app, callback);
    return tokenCall(app, 'exchangeCode', shop, { code, expiring: '1' });
  },

  refreshCall(app, { connection, refreshToken }) {
    const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
    return tokenCall(app, 'refreshToken', connection.sellerId, grant);
  },

  readTokens(response, now) {
    const answer = readAnswer(response, tokens);
    const seconds = answer.refresh_token_expires_in ?? undefined;
    return {
      accessToken: answer.access_token,
      accessTokenExpiresAt: now + answer.expires_in * 1000,
      refreshToken: answer.refresh_token,
      refreshTokenExpiresAt: seconds === undefined ? undefined : now + seconds * 1000,
    };
  },

  /** The callback names the shop; no token answer does. */
  identify({ app, callback }) {
    return { done: [{ sellerId: readCallback(app, callback).shop, settings: {} }] };
  },

  secretEnds({ apiSecretExpiresAt }) {
    return apiSecretExpiresAt ? [{ secret: 'apiSecret', endsAt: Date.parse(apiSecretExpiresAt) }] : [];
  },
} satisfies Auth<ShopifyApp>;

function tokenCall(app: ShopifyApp, operation: TokenOperation, shop: string, grant: Record<string, string>): Call {
  return {
    operation,
    request: {
      method: 'POST',
      url: `${shopUrl(app, shop)}/admin/oauth/access_token`,
      // Without `Accept`, a refusal is a page of HTML.
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: app.apiKey, client_secret: app.apiSecret, ...grant }),
    },
  };
}
