import type { Context, Hono } from 'hono';
import type { SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import { invalid, refuseGrant, unauthorized } from './answers.ts';
import { missingHeader } from './gateway.ts';
import { CLIENT_ID, CLIENT_SECRET, CONSENT_PATH, TOKEN_PATH } from './registration.ts';
import { ACCESS_TOKEN_SECONDS, type Tokens } from './tokens.ts';

const BASIC = `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`;

/** What a token of this sandbox may do; the names are those of Get token detail. */
const SCOPES = {
  reports: 'no_access',
  item: 'no_access',
  price: 'no_access',
  lagtime: 'no_access',
  feeds: 'full_access',
  returns: 'no_access',
  orders: 'full_access',
  inventory: 'full_access',
  content: 'no_access',
};

/**
 * The consent page, which approves at once. Walmart asks who is logged in; here `seller` says it (default: the first).
 * Any redirect URI will do; Walmart wants it registered. The parameters are in camel case, unlike those of OAuth.
 */
export function addConsentRoute(app: Hono, tokens: Tokens, sellers: readonly SandboxSeller[]): void {
  app.get(CONSENT_PATH, (c) => {
    const { responseType, clientId, redirectUri, clientType, nonce, state, seller: sellerId } = c.req.query();
    if (clientId !== CLIENT_ID) return c.text('no application has this clientId', 400);
    if (responseType !== 'code') return c.text('responseType must be code', 400);
    if (clientType !== 'seller') return c.text('clientType must be seller: this sandbox is the US marketplace', 400);
    if (!redirectUri || !URL.canParse(redirectUri)) return c.text('redirectUri must be a URL', 400);
    if (!nonce || !state) return c.text('nonce or state is missing', 400);
    const seller = sellerId === undefined ? sellers[0] : sellers.find((one) => one.sellerId === sellerId);
    if (!seller) return c.text('the sandbox has no such seller', 400);
    const target = new URL(redirectUri);
    target.searchParams.set('code', tokens.issueCode(seller.sellerId, redirectUri));
    target.searchParams.set('type', 'auth');
    target.searchParams.set('clientId', CLIENT_ID);
    target.searchParams.set('sellerId', seller.sellerId);
    target.searchParams.set('state', state);
    return c.redirect(target.href);
  });
}

/**
 * The token endpoint with its three grants, and Get token detail. A client-credentials token is the first seller's, as
 * if the keys were that seller's own.
 */
export function addTokenRoutes(app: Hono, tokens: Tokens, sellers: readonly SandboxSeller[]): void {
  function granted(c: Context, sellerId: string, refreshToken?: string): Response {
    const accessToken = tokens.issueAccessToken(sellerId);
    if (!/json/i.test(c.req.header('accept') ?? '')) {
      const fields = `<accessToken>${accessToken}</accessToken><tokenType>Bearer</tokenType><expiresIn>${ACCESS_TOKEN_SECONDS}</expiresIn>`;
      const refresh = refreshToken ? `<refreshToken>${refreshToken}</refreshToken>` : '';
      return c.body(`<OAuthTokenDTO>${fields}${refresh}</OAuthTokenDTO>`, 200, { 'content-type': 'application/xml' });
    }
    return c.json({
      access_token: accessToken,
      ...(refreshToken ? { refresh_token: refreshToken } : {}),
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
    });
  }

  app.post(TOKEN_PATH, async (c) => {
    const missing = missingHeader(c);
    if (missing) return invalid(c, missing);
    if (c.req.header('authorization') !== BASIC) return refuseGrant(c, 401, 'invalid_client', 'Wrong client or secret');
    if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) {
      return refuseGrant(c, 400, 'invalid_request', 'The body must be a form');
    }
    const form = Object.fromEntries(new URLSearchParams(await c.req.text()));
    const partnerId = c.req.header('wm_partner.id');
    switch (form.grant_type) {
      case 'client_credentials':
        return sellers[0] ? granted(c, sellers[0].sellerId) : refuseGrant(c, 401, 'invalid_client', 'No such seller');
      case 'authorization_code': {
        if (!partnerId || !form.code || !form.redirect_uri) {
          return refuseGrant(c, 400, 'invalid_request', 'WM_PARTNER.ID, code or redirect_uri is missing');
        }
        // The code is spent even if the rest is wrong, as RFC 6749 advises.
        const consent = tokens.redeemCode(form.code);
        if (consent?.redirectUri !== form.redirect_uri || consent.sellerId !== partnerId) {
          return refuseGrant(c, 400, 'invalid_grant', 'The code is spent, expired, unknown or not yours');
        }
        return granted(c, partnerId, tokens.issueRefreshToken(partnerId));
      }
      case 'refresh_token':
        if (!partnerId || !form.refresh_token) {
          return refuseGrant(c, 400, 'invalid_request', 'WM_PARTNER.ID or refresh_token is missing');
        }
        if (tokens.ownerOf(form.refresh_token) !== partnerId) {
          return refuseGrant(c, 400, 'invalid_grant', 'The refresh token is expired, unknown or not yours');
        }
        return granted(c, partnerId);
      default:
        return refuseGrant(
          c,
          400,
          form.grant_type ? 'unsupported_grant_type' : 'invalid_request',
          'No such grant type',
        );
    }
  });

  app.get(`${TOKEN_PATH}/detail`, (c) => {
    const missing = missingHeader(c);
    if (missing) return invalid(c, missing);
    const token = tokens.readAccessToken(c.req.header('wm_sec.access_token') ?? '');
    if (!token) return unauthorized(c);
    return c.json({
      expire_at: String(token.expiresAt),
      issued_at: String(token.issuedAt),
      is_valid: true,
      is_channel_match: true,
      scopes: SCOPES,
    });
  });
}
