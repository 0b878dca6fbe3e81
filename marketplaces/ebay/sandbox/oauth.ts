import { Hono } from 'hono';
import type { SandboxDeps, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import { refuseGrant, tooManyRequests } from './answers.ts';
import {
  ACCESS_TOKEN_SECONDS,
  type Caller,
  CODE_SECONDS,
  type Grants,
  REFRESH_TOKEN_SECONDS,
  readScopes,
  SCOPE_BASE,
} from './grants.ts';
import { createDailyQuota } from './quotas.ts';

export type Keyset = { clientId: string; clientSecret: string; ruName: string };

/** Tokens an application may mint a day, by grant type [eBay developer documentation, API call limits] */
const MINTS_PER_DAY = { client_credentials: 1_000, authorization_code: 10_000, refresh_token: 50_000 };

const APPLICATION_SCOPES: ReadonlySet<string> = new Set([SCOPE_BASE]);

/**
 * The consent page, which approves at once. eBay asks who is logged in and keeps the accept URL with the RuName; here
 * two extra parameters say it: `seller` (default: the first) and `acceptUrl` (default: the one given).
 */
export function consentPage(
  keyset: Keyset,
  grants: Grants,
  sellers: readonly SandboxSeller[],
  defaultAcceptUrl: string,
): Hono {
  return new Hono().get('/', (c) => {
    const query = c.req.query();
    if (query.client_id !== keyset.clientId) {
      return refuseGrant(c, 400, 'unauthorized_client', 'no application has this client_id');
    }
    if (query.redirect_uri !== keyset.ruName) {
      return refuseGrant(c, 400, 'invalid_request', "redirect_uri must be the application's RuName");
    }
    if (query.response_type !== 'code') {
      return refuseGrant(c, 400, 'unsupported_response_type', 'response_type must be code');
    }
    const scopes = readScopes(query.scope ?? '');
    if (!scopes || scopes.size === 0) {
      return refuseGrant(c, 400, 'invalid_scope', 'scope is empty or holds one that the application may not ask for');
    }
    const seller = query.seller === undefined ? sellers[0] : sellers.find((one) => one.sellerId === query.seller);
    if (!seller) return refuseGrant(c, 400, 'invalid_request', 'the sandbox has no such seller');
    const acceptUrl = query.acceptUrl ?? defaultAcceptUrl;
    if (!URL.canParse(acceptUrl)) return refuseGrant(c, 400, 'invalid_request', 'acceptUrl must be a URL');

    const target = new URL(acceptUrl);
    if (query.state !== undefined) target.searchParams.set('state', query.state);
    target.searchParams.set('code', grants.issueCode({ sellerId: seller.sellerId, scopes }));
    target.searchParams.set('expires_in', String(CODE_SECONDS));
    return c.redirect(target.href);
  });
}

/** The token endpoint with its three grants. */
export function tokenEndpoint(deps: Pick<SandboxDeps, 'now'>, keyset: Keyset, grants: Grants): Hono {
  const basic = `Basic ${Buffer.from(`${keyset.clientId}:${keyset.clientSecret}`).toString('base64')}`;
  const quotas = {
    client_credentials: createDailyQuota(MINTS_PER_DAY.client_credentials),
    authorization_code: createDailyQuota(MINTS_PER_DAY.authorization_code),
    refresh_token: createDailyQuota(MINTS_PER_DAY.refresh_token),
  };
  const mint = (caller: Caller) => ({
    access_token: grants.issueAccessToken(caller),
    expires_in: ACCESS_TOKEN_SECONDS,
    token_type: caller.sellerId === null ? 'Application Access Token' : 'User Access Token',
  });

  return new Hono().post('/', async (c) => {
    if (c.req.header('authorization') !== basic) {
      return refuseGrant(c, 401, 'invalid_client', 'client authentication failed');
    }
    if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) {
      return refuseGrant(c, 400, 'invalid_request', 'the body must be a form');
    }
    const form = new URLSearchParams(await c.req.text());
    const grantType = form.get('grant_type');
    if (grantType === null) return refuseGrant(c, 400, 'invalid_request', 'grant_type is missing');
    if (grantType !== 'client_credentials' && grantType !== 'authorization_code' && grantType !== 'refresh_token') {
      return refuseGrant(c, 400, 'unsupported_grant_type', 'no such grant type');
    }
    if (!quotas[grantType].take(deps.now())) return tooManyRequests(c);

    if (grantType === 'client_credentials') {
      const scopes = readScopes(form.get('scope') ?? '', APPLICATION_SCOPES);
      if (!scopes || scopes.size === 0) {
        return refuseGrant(c, 400, 'invalid_scope', `an application token takes the scope ${SCOPE_BASE}`);
      }
      return c.json(mint({ sellerId: null, scopes }));
    }

    if (grantType === 'authorization_code') {
      const code = form.get('code');
      if (!code || !form.get('redirect_uri')) {
        return refuseGrant(c, 400, 'invalid_request', 'code or redirect_uri is missing');
      }
      // The code is spent even if the RuName is wrong, as RFC 6749 advises.
      const consent = grants.redeemCode(code);
      if (!consent || form.get('redirect_uri') !== keyset.ruName) {
        return refuseGrant(c, 400, 'invalid_grant', 'the authorization code is spent, expired, unknown or not yours');
      }
      return c.json({
        ...mint(consent),
        refresh_token: grants.issueRefreshToken(consent),
        refresh_token_expires_in: REFRESH_TOKEN_SECONDS,
      });
    }

    const refreshToken = form.get('refresh_token');
    if (!refreshToken) return refuseGrant(c, 400, 'invalid_request', 'refresh_token is missing');
    const consent = grants.readRefreshToken(refreshToken);
    if (!consent) return refuseGrant(c, 400, 'invalid_grant', 'the refresh token is expired, unknown or not yours');
    const scope = form.get('scope');
    const scopes = scope === null ? consent.scopes : readScopes(scope, consent.scopes);
    if (!scopes) return refuseGrant(c, 400, 'invalid_scope', 'the seller did not grant one of these scopes');
    return c.json(mint({ sellerId: consent.sellerId, scopes })); // no refresh_token: eBay does not rotate it
  });
}
