import type { Context, Hono, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { type Answers, readBody, readParameters, wrongParameter } from './answers.ts';
import { CONSENT_PATH, PARTNER_ID } from './registration.ts';
import { refuseUnsigned } from './signature.ts';
import { ACCESS_TOKEN_VALID_SECONDS, type Grant, type Tokens } from './tokens.ts';

const id = z.int().positive();

const consentQuery = z.object({ redirect: z.url({ protocol: /^https?$/ }), shop_id: z.string().optional() });

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
 * The consent page. Nobody logs in to a sandbox: the shop consents at once, and it is the first one unless the link
 * says `shop_id` (the sandbox's own parameter). Any redirect URL will do; Shopee wants its domain registered.
 */
export function addConsentRoute(
  app: Hono,
  parts: { now: () => number; answers: Answers; tokens: Tokens; firstShopId: string },
): void {
  const { now, answers, tokens, firstShopId } = parts;
  app.get(CONSENT_PATH, (c) => {
    const unsigned = refuseUnsigned(c.req.path, c.req.query(), now(), 'public');
    if (unsigned) return answers.refuse(c, unsigned);
    const query = readParameters(consentQuery, c.req.query());
    if ('refusal' in query) return answers.refuse(c, query.refusal);
    const shopId = query.value.shop_id ?? firstShopId;
    if (!tokens.exists(shopId)) return answers.refuse(c, wrongParameter('shop_id is unknown'));
    const redirect = new URL(query.value.redirect);
    redirect.searchParams.append('code', tokens.consent(shopId));
    redirect.searchParams.append('shop_id', shopId);
    return c.redirect(redirect.href);
  });
}

/** The two token endpoints. Shops only: the sandbox has no main accounts, merchants or suppliers. */
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
    if (shop_id === undefined) {
      return answers.refuse(c, { error: 'invalid_main_acount_id', message: 'The code or main_account_id is wrong.' });
    }
    const result = tokens.exchange(code, String(shop_id));
    if ('refusal' in result) return answers.refuse(c, result.refusal);
    return tokenAnswer(c, result.grant, {});
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

  function tokenAnswer(c: Context, grant: Grant, fields: Record<string, number>): Response {
    return answers.fields(c, {
      ...fields,
      access_token: grant.accessToken,
      refresh_token: grant.refreshToken,
      expire_in: ACCESS_TOKEN_VALID_SECONDS,
    });
  }
}
