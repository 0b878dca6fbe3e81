import type { Context } from 'hono';
import type { SandboxDeps, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createIssued } from './issued.ts';

/** Login with Amazon, https://developer-docs.amazon.com/sp-api/docs/authorizing-selling-partner-api-applications */

/** 3600 s, `expires_in` of the token answer */
const ACCESS_TOKEN_LIFETIME_S = 3_600;
/** 5 min, SP-API developer guide, website authorization workflow */
const CODE_LIFETIME_MS = 5 * 60_000;
/** 365 days, SP-API developer guide: an authorization must be renewed every year */
const AUTHORIZATION_LIFETIME_MS = 365 * 86_400_000;
/** bytes in a token; real ones are a few hundred characters, at most 2048 */
const TOKEN_BYTES = 160;
const CODE_BYTES = 10;

/** scopes of the grantless operations */
export const NOTIFICATIONS_SCOPE = 'sellingpartnerapi::notifications';
const SCOPES = [NOTIFICATIONS_SCOPE, 'sellingpartnerapi::client_credential:rotation'];

export type Registration = {
  clientId: string;
  clientSecret: string;
  applicationId: string;
  /** where a consent leads that names no other place */
  redirectUri: string;
};

/** Whose calls an access token allows: a seller's, or the application's own in one scope. */
export type Grant = { sellerId: string } | { scope: string };

type OAuthError = 'invalid_request' | 'invalid_client' | 'invalid_grant' | 'invalid_scope' | 'unsupported_grant_type';

export type Lwa = ReturnType<typeof createLwa>;

/** The consent page and the token endpoint, and what they issued. */
export function createLwa(
  deps: Pick<SandboxDeps, 'now' | 'randomHex'>,
  registration: Registration,
  sellers: readonly SandboxSeller[],
) {
  const { now } = deps;
  const codes = createIssued<{ sellerId: string; redirectUri: string | undefined }>({
    now,
    lifetimeMs: CODE_LIFETIME_MS,
  });
  const refreshTokens = createIssued<{ sellerId: string }>({ now, lifetimeMs: AUTHORIZATION_LIFETIME_MS });
  const accessTokens = createIssued<Grant>({ now, lifetimeMs: ACCESS_TOKEN_LIFETIME_S * 1000 });
  for (const { refreshToken, sellerId } of sellers) refreshTokens.issue(refreshToken, { sellerId });

  function granted(c: Context, grant: Grant, refreshToken?: string): Response {
    const accessToken = `Atza|${deps.randomHex(TOKEN_BYTES)}`;
    accessTokens.issue(accessToken, grant);
    return c.json({
      access_token: accessToken,
      token_type: 'bearer',
      expires_in: ACCESS_TOKEN_LIFETIME_S,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    });
  }

  function byCode(c: Context, fields: Fields): Response {
    const code = fields.code ?? '';
    const found = codes.find(code);
    if (!found || found.ended) return invalidGrant(c, 'code');
    // To be repeated only where the consent named one: RFC 6749, section 4.1.3.
    const { redirectUri } = found.value;
    if (redirectUri !== undefined && !fields.redirect_uri) return missing(c, 'redirect_uri');
    const expected = redirectUri ?? registration.redirectUri;
    if (fields.redirect_uri !== undefined && fields.redirect_uri !== expected) return invalidGrant(c, 'code');
    codes.revoke(code);
    const { sellerId } = found.value;
    const refreshToken = `Atzr|${deps.randomHex(TOKEN_BYTES)}`;
    refreshTokens.issue(refreshToken, { sellerId });
    return granted(c, { sellerId }, refreshToken);
  }

  function byRefreshToken(c: Context, fields: Fields): Response {
    const refreshToken = fields.refresh_token ?? '';
    const found = refreshTokens.find(refreshToken);
    if (!found || found.ended) return invalidGrant(c, 'refresh_token');
    // It does not rotate: the answer repeats the token that was sent.
    return granted(c, { sellerId: found.value.sellerId }, refreshToken);
  }

  function byClientCredentials(c: Context, fields: Fields): Response {
    const scope = fields.scope ?? '';
    if (!SCOPES.includes(scope)) return refusal(c, 'invalid_scope', 'The request has an invalid scope : scope');
    return granted(c, { scope });
  }

  const grantTypes = new Map([
    ['authorization_code', { needs: ['code'], answer: byCode }],
    ['refresh_token', { needs: ['refresh_token'], answer: byRefreshToken }],
    ['client_credentials', { needs: ['scope'], answer: byClientCredentials }],
  ]);

  return {
    accessTokens,

    /** GET /apps/authorize/consent: the seller who opens it agrees at once. */
    consent(c: Context): Response {
      const { application_id, state, redirect_uri, sandbox_seller } = c.req.query();
      // The real page knows who is signed in; `sandbox_seller` is this sandbox's own way to say it.
      const seller = sandbox_seller ? sellers.find((one) => one.sellerId === sandbox_seller) : sellers[0];
      if (application_id !== registration.applicationId) return c.text('unknown application_id', 400);
      if (!state) return c.text('state is missing', 400);
      const target = URL.parse(redirect_uri ?? registration.redirectUri);
      if (!target) return c.text('redirect_uri is not a registered URI', 400);
      if (!seller) return c.text('no such seller', 400);
      const code = deps.randomHex(CODE_BYTES);
      codes.issue(code, { sellerId: seller.sellerId, redirectUri: redirect_uri });
      target.searchParams.set('state', state);
      target.searchParams.set('selling_partner_id', seller.sellerId);
      target.searchParams.set('spapi_oauth_code', code);
      return c.redirect(target.href, 302);
    },

    /** POST /auth/o2/token */
    async token(c: Context): Promise<Response> {
      const fields = await readFields(c);
      if (!fields) return refusal(c, 'invalid_request', 'The request has an invalid body or content type');
      for (const field of ['grant_type', 'client_id', 'client_secret']) {
        if (!fields[field]) return missing(c, field);
      }
      if (fields.client_id !== registration.clientId || fields.client_secret !== registration.clientSecret) {
        return refusal(c, 'invalid_client', 'Client authentication failed');
      }
      const grantType = grantTypes.get(fields.grant_type ?? '');
      if (!grantType) return refusal(c, 'unsupported_grant_type', 'The grant type is not supported');
      for (const field of grantType.needs) if (!fields[field]) return missing(c, field);
      return grantType.answer(c, fields);
    },

    throttled: (c: Context): Response =>
      c.json({ error: 'temporarily_unavailable', error_description: 'Too many requests' }, 429),
    serverError: (c: Context): Response =>
      c.json({ error: 'server_error', error_description: 'The server met an unexpected condition' }, 500),
  };
}

type Fields = Record<string, string | undefined>;

/** Form-encoded as the developer guide says, or JSON as Amazon's own Java SDK sends. */
async function readFields(c: Context): Promise<Fields | undefined> {
  const contentType = c.req.header('content-type') ?? '';
  const body = await c.req.text();
  if (contentType.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(body));
  if (!contentType.startsWith('application/json')) return undefined;
  try {
    const entries = Object.entries(JSON.parse(body) as object);
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return undefined;
  }
}

function refusal(c: Context, error: OAuthError, description: string): Response {
  return c.json({ error, error_description: description }, error === 'invalid_client' ? 401 : 400);
}

function missing(c: Context, field: string): Response {
  return refusal(c, 'invalid_request', `The request is missing a required parameter : ${field}`);
}

function invalidGrant(c: Context, field: string): Response {
  const description = `The request has an invalid grant parameter : ${field}. User may have revoked or didn't grant the permission.`;
  return refusal(c, 'invalid_grant', description);
}
