import type { Hono } from 'hono';
import type { SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import { refuseGrant } from './answers.ts';
import { CLIENT_ID, CLIENT_SECRET, CONSENT_PATH } from './registration.ts';
import { ACCESS_TOKEN_SECONDS, type Challenge, type Tokens } from './tokens.ts';

const BAD_GRANT =
  'Error validating grant. Your authorization code or refresh token may be expired or it was already used';

/**
 * The consent page, which approves at once. Mercado Libre asks who is logged in, who must be the account's
 * administrator; here `seller` says it (default: the first). Any redirect URI will do; Mercado Libre wants it registered.
 */
export function addConsentRoute(app: Hono, tokens: Tokens, sellers: readonly SandboxSeller[]): void {
  app.get(CONSENT_PATH, (c) => {
    const query = c.req.query();
    const { redirect_uri: redirectUri, seller: sellerId, code_challenge: value } = query;
    const { code_challenge_method: method = 'plain' } = query;
    if (query.client_id !== CLIENT_ID) return c.text('no application has this client_id', 400);
    if (query.response_type !== 'code') return c.text('response_type must be code', 400);
    if (!redirectUri || !URL.canParse(redirectUri)) return c.text('redirect_uri must be a URL', 400);
    if (method !== 'S256' && method !== 'plain') return c.text('code_challenge_method must be S256 or plain', 400);
    const seller = sellerId === undefined ? sellers[0] : sellers.find((one) => one.sellerId === sellerId);
    if (!seller) return c.text('the sandbox has no such seller', 400);
    const challenge: Challenge = value ? { value, method } : undefined;
    const target = new URL(redirectUri);
    target.searchParams.set('code', tokens.issueCode({ sellerId: seller.sellerId, redirectUri, challenge }));
    if (query.state !== undefined) target.searchParams.set('state', query.state);
    return c.redirect(target.href);
  });
}

/** The token endpoint with its two grants. Both answer a new refresh token, and only the last one works. */
export function addTokenRoute(app: Hono, tokens: Tokens): void {
  app.post('/oauth/token', async (c) => {
    if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) {
      return refuseGrant(c, 'invalid_request', 'The body must be a form');
    }
    const form = Object.fromEntries(new URLSearchParams(await c.req.text()));
    if (form.client_id !== CLIENT_ID || form.client_secret !== CLIENT_SECRET) {
      return refuseGrant(c, 'invalid_client', 'invalid client_id or client_secret');
    }
    let granted: ReturnType<Tokens['refresh']>;
    switch (form.grant_type) {
      case 'authorization_code':
        if (!form.code || !form.redirect_uri) {
          return refuseGrant(c, 'invalid_request', 'code and redirect_uri are required');
        }
        granted = tokens.redeemCode(form.code, { redirectUri: form.redirect_uri, verifier: form.code_verifier });
        break;
      case 'refresh_token':
        if (!form.refresh_token) return refuseGrant(c, 'invalid_request', 'refresh_token is required');
        granted = tokens.refresh(form.refresh_token);
        break;
      case undefined:
        return refuseGrant(c, 'invalid_request', 'grant_type is required');
      default:
        return refuseGrant(c, 'unsupported_grant_type', 'grant_type is not supported');
    }
    if (!granted) return refuseGrant(c, 'invalid_grant', BAD_GRANT);
    return c.json({
      access_token: granted.accessToken,
      token_type: 'bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      scope: 'offline_access read write',
      user_id: Number(granted.sellerId),
      refresh_token: granted.refreshToken,
    });
  });
}
