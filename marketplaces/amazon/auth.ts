import { z } from 'zod';
import type { Auth } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readAnswer } from './answer.ts';
import type { AmazonApp } from './app.ts';
import { refusalOf } from './failure.ts';
import { apiCall, tokenCall } from './request.ts';

/** 365 days from consent, SP-API guide, renewal of authorizations; no token answer tells it */
const CONSENT_LIFETIME_MS = 365 * 24 * 3_600_000;
const PARTICIPATIONS_PATH = '/sellers/v1/marketplaceParticipations';
/** Accounts have stores besides, for what Amazon ships from other shops: `siprod.stores.amazon.co.uk`. */
const STORE_DOMAIN = /^(www\.)?amazon\./;

const callback = z.object({ spapi_oauth_code: z.string().min(1), selling_partner_id: z.string().regex(/^\w{1,64}$/) });

const tokens = z.object({
  access_token: z.string().min(1),
  /** seconds; Login with Amazon gives 3600 */
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).nullish(),
});

const participations = z.object({
  payload: z.array(
    z.object({
      marketplace: z.object({ id: z.string().regex(/^\w+$/), domainName: z.string() }),
      participation: z.object({ isParticipating: z.boolean() }),
    }),
  ),
});

/**
 * Login with Amazon, website authorization workflow. A refresh token lives until the seller revokes it or a year has
 * passed since consent, and a refresh answers with the same one, so any refresh may be repeated.
 * https://developer-docs.amazon.com/sp-api/docs/website-authorization-workflow
 */
export const auth: Auth<AmazonApp> = {
  rotation: 'none',
  consentLifetimeMs: CONSENT_LIFETIME_MS,

  consentUrl(app, { state, redirectUri }) {
    const url = new URL(app.consentUrl);
    url.searchParams.set('application_id', app.applicationId);
    url.searchParams.set('state', state);
    url.searchParams.set('redirect_uri', redirectUri);
    return url.href;
  },

  exchangeCall(app, { callback: given, redirectUri }) {
    const { spapi_oauth_code: code } = readCallback(given);
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

  /** The callback names the seller, the Sellers API the stores that the account sells in. */
  identify({ app, callback: given, accessToken, now }, [, told]) {
    const { selling_partner_id: sellerId } = readCallback(given);
    if (!told) {
      const call = apiCall({ app, accessToken, now }, 'getMarketplaceParticipations', { path: PARTICIPATIONS_PATH });
      return { call };
    }
    // An app may lack the role for it (Selling Partner Insights); orders are read from every store then.
    const entries = refusalOf(told) === undefined ? readAnswer(told, participations).payload : [];
    const stores = entries
      .filter(
        ({ participation, marketplace }) => participation.isParticipating && STORE_DOMAIN.test(marketplace.domainName),
      )
      .map(({ marketplace }) => marketplace.id);
    const settings: Record<string, string> = stores.length > 0 ? { marketplaceIds: stores.join(',') } : {};
    return { done: [{ sellerId, settings }] };
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
  throw new Failure('permanent', `Amazon came back from consent without a usable ${missing}`, {
    code: 'callback-incomplete',
  });
}
