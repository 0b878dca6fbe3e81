import type { Context, MiddlewareHandler } from 'hono';
import type { CallStats, SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { type Answers, RATE_LIMITED, type Refusal } from './answers.ts';
import type { RateLimits } from './rate-limits.ts';
import { type ApiKind, refuseUnsigned } from './signature.ts';
import type { Tokens } from './tokens.ts';

/** What the gateway refuses is reported as HTTP 403 by those who met it; Shopee documents the error codes alone. */
const REFUSED_STATUS = 403;

/** As the fault words it, and as it is met in the wild (Shopee's own spelling): clients have to know both. */
const TOKEN_REFUSED: Refusal = { error: 'error_auth', message: 'Invalid access_token.' };
const TOKEN_UNKNOWN: Refusal = {
  error: 'invalid_acceess_token',
  message: 'Invalid access_token, please have a check.',
};

/** Stands before every route of its kind: signature, then rate limits, then access token and shop. */
export function createGateway(
  deps: Pick<SandboxDeps, 'now' | 'faults'>,
  parts: { answers: Answers; limits: RateLimits; tokens: Tokens; calls: CallStats },
) {
  const { answers, limits, tokens, calls } = parts;

  function check(kind: ApiKind): MiddlewareHandler {
    return async (c, next) => {
      const query = c.req.query();
      const unsigned = refuseUnsigned(c.req.path, query, deps.now(), kind);
      if (unsigned) return answers.refuse(c, unsigned, REFUSED_STATUS);
      const shopId = kind === 'shop' && tokens.exists(query.shop_id ?? '') ? query.shop_id : undefined;
      if (!limits.take(shopId)) {
        // The kit counts 429s, but this answer is an HTTP 200.
        calls.throttled += 1;
        return answers.refuse(c, RATE_LIMITED);
      }
      const denied = kind === 'shop' ? refuseAccess(c, query) : undefined;
      if (denied) return answers.refuse(c, denied, REFUSED_STATUS);
      return next();
    };
  }

  function refuseAccess(c: Context, query: Record<string, string>): Refusal | undefined {
    if (!query.access_token) return { error: 'error_param', message: 'There is no access_token in query.' };
    if (!query.shop_id) return { error: 'error_param', message: 'There is no shop_id in query.' };
    if (!tokens.exists(query.shop_id)) return { error: 'error_auth', message: 'Invalid partner_id or shopid.' };
    const unlinked = tokens.refuseUnlinked(query.shop_id);
    if (unlinked) return unlinked;
    if (!tokens.isGood(query.access_token, query.shop_id)) return TOKEN_UNKNOWN;
    if (deps.faults.strikes('expire-access-token', c.req.path)) return TOKEN_REFUSED;
    return undefined;
  }

  return { publicApi: check('public'), shopApi: check('shop') };
}
