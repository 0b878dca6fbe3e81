import type { Context, Hono, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { type Answers, readBody, readParameters, wrongParameter } from './answers.ts';
import { CONSENT_PATH, MAIN_ACCOUNT_ID, NEW_CONSENT_PATH, PARTNER_ID } from './registration.ts';
import { refuseUnsigned } from './signature.ts';
import { ACCESS_TOKEN_VALID_SECONDS, type Grant, type Tokens } from './tokens.ts';

const id = z.int().positive();

const redirect = z.url({ protocol: /^https?$/ });
const who = { seller: z.string().optional(), shop_id: z.string().optional() };
const consentQuery = z.object({ redirect, ...who });
const newConsentQuery = z.object({
  partner_id: z.literal(String(PARTNER_ID)),
  auth_type: z.literal('seller'),
  response_type: z.literal('code'),
  redirect_uri: redirect,
  state: z.string().optional(),
  ...who,
});

const WRONG_SHOP = { error: 'invalid_shop_id', message: 'The code or shop_id is wrong.' };
const WRONG_MAIN_ACCOUNT = { error: 'invalid_main_acount_id', message: 'The code or main_account_id is wrong.' };

const exchangeBody = z.object({
  code: z.string().min(1),
  partner_id: z.literal(PARTNER_ID),
  shop_id: id.optional(),
  main_account_id: id.optional(),
});

const PRINCIPALS = ['shop_id', 'merchant_id', 'supplier_id', 'user_id', 'principal_id'] as const;

const refreshBody = z.object({
  refresh_token: z.string().min(1),
  partner_id: z.literal(PARTNER_ID),
  shop_id: id.optional(),
  merchant_id: id.optional(),
  supplier_id: id.optional(),
  user_id: id.optional(),
  principal_id: id.optional(),
});

/**
 * The consent page by its two links, of which only the older one is signed. Nobody logs in to a sandbox: the shop consents at once, and it is the first one unless the link
 * says `seller` (the sandbox's own parameter, also known as `shop_id`): a shop id, or the main account's id, which
 * consents for all shops. Any redirect URL will do; Shopee wants its domain registered.
 */
export function addConsentRoute(
  app: Hono,
  parts: { now: () => number; answers: Answers; tokens: Tokens; shopIds: readonly string[] },
): void {
  const { now, answers, tokens, shopIds } = parts;

  function lead(c: Context, to: string, query: { seller?: string | undefined; shop_id?: string | undefined }) {
    const owner = query.seller ?? query.shop_id ?? shopIds[0] ?? '';
    const isMain = owner === String(MAIN_ACCOUNT_ID);
    if (!isMain && !tokens.exists(owner)) return answers.refuse(c, wrongParameter('the seller is unknown'));
    const target = new URL(to);
    target.searchParams.append('code', tokens.consent(owner, isMain ? shopIds : [owner]));
    target.searchParams.append(isMain ? 'main_account_id' : 'shop_id', owner);
    return c.redirect(target.href);
  }

  app.get(CONSENT_PATH, (c) => {
    const unsigned = refuseUnsigned(c.req.path, c.req.query(), now(), 'public');
    if (unsigned) return answers.refuse(c, unsigned);
    const query = readParameters(consentQuery, c.req.query());
    return 'refusal' in query ? answers.refuse(c, query.refusal) : lead(c, query.value.redirect, query.value);
  });

  app.get(NEW_CONSENT_PATH, (c) => {
    const query = readParameters(newConsentQuery, c.req.query());
    if ('refusal' in query) return answers.refuse(c, query.refusal);
    const { redirect_uri, state } = query.value;
    const target = new URL(redirect_uri);
    if (state !== undefined) target.searchParams.append('state', state);
    return lead(c, target.href, query.value);
  });
}

/** The two token endpoints. The sandbox has shops and a main account, no merchants or suppliers. */
export function addTokenRoutes(
  app: Hono,
  parts: { publicApi: MiddlewareHandler; answers: Answers; tokens: Tokens },
): void {
  const { publicApi, answers, tokens } = parts;

  app.post('/api/v2/auth/token/get', publicApi, async (c) => {
    const body = await readBody(c, exchangeBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    const { code, shop_id, main_account_id } = body.value;
    if ((shop_id === undefined) === (main_account_id === undefined)) {
      return answers.refuse(c, wrongParameter('exactly one of shop_id and main_account_id is needed'));
    }
    const result = tokens.exchange(
      code,
      String(shop_id ?? main_account_id),
      shop_id === undefined ? WRONG_MAIN_ACCOUNT : WRONG_SHOP,
    );
    if ('refusal' in result) return answers.refuse(c, result.refusal);
    const covered = { shop_id_list: result.shopIds.map(Number), merchant_id_list: [] };
    return tokenAnswer(c, result.grant, shop_id === undefined ? covered : {});
  });

  app.post('/api/v2/auth/access_token/get', publicApi, async (c) => {
    const body = await readBody(c, refreshBody);
    if ('refusal' in body) return answers.refuse(c, body.refusal);
    const given = PRINCIPALS.filter((name) => body.value[name] !== undefined);
    if (given.length !== 1)
      return answers.refuse(c, wrongParameter(`exactly one of ${PRINCIPALS.join(', ')} is needed`));
    const { refresh_token, partner_id, shop_id } = body.value;
    if (shop_id === undefined) return answers.refuse(c, { error: 'error_auth', message: 'Invalid refresh_token.' });
    const result = tokens.refresh(refresh_token, String(shop_id));
    if ('refusal' in result) return answers.refuse(c, result.refusal);
    return tokenAnswer(c, result.grant, { partner_id, shop_id });
  });

  function tokenAnswer(c: Context, grant: Grant, fields: Record<string, unknown>): Response {
    return answers.fields(c, {
      ...fields,
      access_token: grant.accessToken,
      refresh_token: grant.refreshToken,
      expire_in: ACCESS_TOKEN_VALID_SECONDS,
    });
  }
}
