import type { Context, Hono } from 'hono';
import { API_KEY, API_SECRET, findShop, SCOPES, type Shop } from './registration.ts';
import { querySignature } from './signature.ts';
import type { Grant, Tokens } from './tokens.ts';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const OFFLINE_TOKEN = 'urn:shopify:params:oauth:token-type:offline-access-token';
/** what can be a shop's host name */
const HOST = /^[a-z0-9][a-z0-9-]*(\.myshopify\.com)?$/i;

type Parts = { tokens: Tokens; shops: readonly Shop[]; now: () => number };

/**
 * The consent page, which approves at once. Shopify knows the shop by its host name and the shop's owner by the login;
 * where the path names no shop, as an install link does not, `seller` says which one it is (default: the first).
 */
export function addConsentRoutes(app: Hono, { tokens, shops, now }: Parts): void {
  function consent(c: Context): Response {
    const { client_id, redirect_uri, state, scope, seller } = c.req.query();
    const host = c.req.param('shop') ?? '';
    const shop = HOST.test(host) ? findShop(shops, host) : seller ? findShop(shops, seller) : shops[0];
    if (!shop) return c.text('This store is unavailable', 404);
    if (client_id !== API_KEY) return c.text('Oauth error invalid_request: no app has this client_id', 400);
    if (c.req.query('grant_options[]')) return c.text('online access is not simulated', 400);
    if (!redirect_uri || !URL.canParse(redirect_uri)) {
      return c.text('Oauth error invalid_request: The redirect_uri is not whitelisted', 400);
    }
    const scopes = scope ? scope.split(/[\s,]+/).filter(Boolean) : SCOPES;
    const parameters: Record<string, string> = {
      code: tokens.issueCode(shop, scopes),
      host: Buffer.from(`admin.shopify.com/store/${shop.sellerId.split('.')[0]}`).toString('base64url'),
      shop: shop.sellerId,
      ...(state !== undefined && { state }),
      timestamp: String(Math.floor(now() / 1000)),
    };
    const target = new URL(redirect_uri);
    const hmac = querySignature(API_SECRET, parameters);
    for (const [name, value] of Object.entries({ ...parameters, hmac })) target.searchParams.set(name, value);
    return c.redirect(target.href);
  }

  app.get('/:shop/admin/oauth/authorize', consent);
  app.get('/admin/oauth/authorize', consent);
  app.get('/:shop/oauth/install', consent);
  app.get('/oauth/install', consent);
}

/** The token endpoint of each shop with its four grants. */
export function addTokenRoutes(app: Hono, { tokens, shops }: Parts, hostOf: (c: Context) => string): void {
  const refuse = (c: Context, error: string, description: string): Response =>
    c.json({ error, error_description: description }, 400);

  function answerGrant(c: Context, grant: Grant): Response {
    const { accessToken, scopes, expiresIn, refresh } = grant;
    return c.json({
      access_token: accessToken,
      scope: scopes.join(','),
      ...(expiresIn !== undefined && { expires_in: expiresIn }),
      ...(refresh && { refresh_token: refresh.token, refresh_token_expires_in: refresh.expiresIn }),
    });
  }

  async function token(c: Context): Promise<Response> {
    const shop = findShop(shops, hostOf(c));
    if (!shop) return c.json({ errors: 'Not Found' }, 404);
    const form = await readForm(c);
    if (form.client_id !== API_KEY || form.client_secret !== API_SECRET) {
      return refuse(c, 'invalid_client', 'Client authentication failed');
    }
    const isFirst = form.grant_type === undefined || form.grant_type === 'authorization_code';
    if (!isFirst && !tokens.isInstalled(shop))
      return refuse(c, 'invalid_client', 'The app is not installed on this shop');
    switch (form.grant_type) {
      case undefined:
      case 'authorization_code': {
        const grant = tokens.exchangeCode(shop, form.code ?? '', { expiring: form.expiring === '1' });
        if (grant) return answerGrant(c, grant);
        return refuse(c, 'invalid_request', 'The authorization code was not found or was already used');
      }
      case 'refresh_token': {
        const grant = tokens.refresh(shop, form.refresh_token ?? '');
        return grant
          ? answerGrant(c, grant)
          : refuse(c, 'invalid_grant', 'The refresh token is invalid, expired or spent');
      }
      case TOKEN_EXCHANGE: {
        if (form.subject_token_type !== OFFLINE_TOKEN || form.requested_token_type !== OFFLINE_TOKEN) {
          return refuse(c, 'invalid_request', 'only offline access tokens are exchanged in this sandbox');
        }
        if (form.expiring !== '1') return refuse(c, 'invalid_request', 'expiring must be 1');
        const grant = tokens.exchangeEndless(shop, form.subject_token ?? '');
        return grant ? answerGrant(c, grant) : refuse(c, 'invalid_subject_token', 'The subject token is invalid');
      }
      case 'client_credentials':
        return answerGrant(c, tokens.issueClientToken(shop));
      default:
        return refuse(c, 'unsupported_grant_type', 'There is no such grant type');
    }
  }

  app.post('/:shop/admin/oauth/access_token', token);
  app.post('/admin/oauth/access_token', token);
}

/** The parameters of a JSON body or a form; nothing for what is neither. */
async function readForm(c: Context): Promise<Record<string, string | undefined>> {
  const text = await c.req.text();
  if (/json/i.test(c.req.header('content-type') ?? '')) {
    try {
      const body: unknown = JSON.parse(text);
      const fields = typeof body === 'object' && body !== null ? Object.entries(body) : [];
      return Object.fromEntries(fields.map(([name, value]) => [name, String(value)]));
    } catch {
      return {};
    }
  }
  return Object.fromEntries(new URLSearchParams(text));
}
