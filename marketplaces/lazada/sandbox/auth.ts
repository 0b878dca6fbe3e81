import type { Context, Hono } from 'hono';
import type { SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import { type Answers, missingParameter, type Refusal } from './answers.ts';
import type { Env, Gateway } from './gateway.ts';
import { APP_KEY, CONSENT_PATH, COUNTRY, shortCode } from './registration.ts';
import { ACCESS_TOKEN_VALID_SECONDS, type Grant, type Tokens } from './tokens.ts';

/** the token endpoints take both */
const METHODS = ['GET', 'POST'];

const INVALID_CODE: Refusal = { code: 'InvalidCode', type: 'ISV', message: 'Invalid authorization code' };
const ILLEGAL_REFRESH_TOKEN: Refusal = {
  code: 'IllegalRefreshToken',
  type: 'ISV',
  message: 'The specified refresh token is invalid or expired',
};

/**
 * The consent page, which approves at once. Lazada asks who is logged in; here `seller` says it (default: the first).
 * Any redirect URI will do; Lazada wants the one that is registered.
 */
export function addConsentRoute(app: Hono, tokens: Tokens, sellers: readonly SandboxSeller[]): void {
  app.get(CONSENT_PATH, (c) => {
    const { response_type, client_id, redirect_uri, state, country, seller: sellerId } = c.req.query();
    if (client_id !== APP_KEY) return c.text('no app has this client_id', 400);
    if (response_type !== 'code') return c.text('response_type must be code', 400);
    if (!redirect_uri || !URL.canParse(redirect_uri)) return c.text('redirect_uri must be a URL', 400);
    if (country && !country.split(',').includes(COUNTRY)) return c.text(`the sandbox sells in ${COUNTRY} only`, 400);
    const seller = sellerId === undefined ? sellers[0] : sellers.find((one) => one.sellerId === sellerId);
    if (!seller) return c.text('the sandbox has no such seller', 400);
    const target = new URL(redirect_uri);
    target.searchParams.set('code', tokens.issueCode(seller.sellerId));
    if (state !== undefined) target.searchParams.set('state', state);
    return c.redirect(target.href);
  });
}

/** The two token endpoints. What a refresh answers differs in a name and in a type, as it does at Lazada. */
export function addTokenRoutes(
  api: Hono<Env>,
  { gateway, answers, tokens }: { gateway: Gateway; answers: Answers; tokens: Tokens },
): void {
  api.on(METHODS, '/auth/token/create', gateway.signed, (c) => {
    const { code } = c.get('parameters');
    if (!code) return answers.refuse(c, missingParameter('code'));
    const grant = tokens.exchange(code);
    if (!grant) return answers.refuse(c, INVALID_CODE);
    return granted(c, grant, {
      refresh_expires_in: String(grant.refreshExpiresInSeconds),
      country_user_info: [userInfo(grant)],
    });
  });

  api.on(METHODS, '/auth/token/refresh', gateway.signed, (c) => {
    const { refresh_token } = c.get('parameters');
    if (!refresh_token) return answers.refuse(c, missingParameter('refresh_token'));
    const grant = tokens.refresh(refresh_token);
    if (!grant) return answers.refuse(c, ILLEGAL_REFRESH_TOKEN);
    return granted(c, grant, {
      refresh_expires_in: grant.refreshExpiresInSeconds,
      country_user_info_list: [userInfo(grant)],
    });
  });

  function granted(c: Context, grant: Grant, fields: Record<string, unknown>): Response {
    return answers.succeed(c, {
      access_token: grant.accessToken,
      refresh_token: grant.refreshToken,
      expires_in: ACCESS_TOKEN_VALID_SECONDS,
      country: COUNTRY,
      account: `seller-${grant.sellerId}@sellers.example`,
      account_id: `7${grant.sellerId}`,
      account_platform: 'seller_center',
      ...fields,
    });
  }
}

function userInfo({ sellerId }: Grant) {
  return { country: COUNTRY, user_id: `5${sellerId}`, seller_id: sellerId, short_code: shortCode(sellerId) };
}
