import type { Context, MiddlewareHandler } from 'hono';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { type Answers, invalidParameter, type Refusal, THROTTLED } from './answers.ts';
import type { RateLimits } from './rate-limits.ts';
import { APP_KEY, APP_SECRET, type Shop } from './registration.ts';
import { apiPath, requestSignature } from './signature.ts';
import type { Tokens } from './tokens.ts';

// TikTok Shop Partner Center, sign your API request: how old and how far ahead a timestamp may be, s.
const MAX_AGE_SECONDS = 300;
const MAX_AHEAD_SECONDS = 30;

// TikTok Shop Partner Center, common errors.
const WRONG_SIGNATURE: Refusal = { code: 106001, message: 'The signature is invalid.', status: 401 };
const EXPIRED_TOKEN: Refusal = { code: 105002, message: 'Expired credentials.', status: 401 };
const NO_SHOP_CIPHER: Refusal = { code: 106013, message: 'shop_cipher is missing.', status: 400 };

export type ShopEnv = { Variables: { shop: Shop } };

export type Gateway = ReturnType<typeof createGateway>;

/** Stands before every API: timestamp and signature, access token, shop, then the rate limit. */
export function createGateway(
  deps: Pick<SandboxDeps, 'now' | 'faults'>,
  parts: { answers: Answers; limits: RateLimits; tokens: Tokens },
) {
  const { answers, limits, tokens } = parts;

  async function refuseUnsigned(c: Context): Promise<Refusal | undefined> {
    const { app_key, timestamp, sign } = c.req.query();
    if (app_key !== APP_KEY) return invalidParameter('app_key');
    if (!/^\d{1,12}$/.test(timestamp ?? '')) return invalidParameter('timestamp');
    const ageSeconds = Math.floor(deps.now() / 1000) - Number(timestamp);
    if (ageSeconds > MAX_AGE_SECONDS || ageSeconds < -MAX_AHEAD_SECONDS) return invalidParameter('timestamp');
    const query = new URL(c.req.url).searchParams;
    const isForm = /^multipart\/form-data\b/i.test(c.req.header('content-type') ?? '');
    const body = isForm ? '' : await c.req.text();
    // Some clients sign the path of their base URL too, which at TikTok Shop is empty.
    const isSigned = [apiPath(c.req.path), c.req.path].some(
      (path) => sign === requestSignature(APP_SECRET, { path, query, body }),
    );
    return isSigned ? undefined : WRONG_SIGNATURE;
  }

  function findShop(c: Context, needs: 'cipher' | 'no-cipher'): Shop | Refusal {
    const token = c.req.header('x-tts-access-token');
    if (!token) return invalidParameter('x-tts-access-token', 401);
    const shop = tokens.ownerOf(token);
    if (!shop) return EXPIRED_TOKEN;
    if (deps.faults.strikes('expire-access-token', c.req.path)) {
      tokens.dropAccessToken(token);
      return EXPIRED_TOKEN;
    }
    const cipher = c.req.query('shop_cipher');
    if (needs === 'cipher' && !cipher) return NO_SHOP_CIPHER;
    return cipher && cipher !== shop.cipher ? invalidParameter('shop_cipher') : shop;
  }

  return {
    /**
     * @param api what the rate limit is counted by
     * @param needs whether the call must name its shop; a seller here has but one, so any call may leave it open
     */
    shop(api: string, needs: 'cipher' | 'no-cipher' = 'cipher'): MiddlewareHandler<ShopEnv> {
      return async (c, next) => {
        const unsigned = await refuseUnsigned(c);
        if (unsigned) return answers.refuse(c, unsigned);
        const shop = findShop(c, needs);
        if ('message' in shop) return answers.refuse(c, shop);
        if (!limits.take(shop.sellerId, api)) return answers.refuse(c, THROTTLED);
        c.set('shop', shop);
        return next();
      };
    },
  };
}
