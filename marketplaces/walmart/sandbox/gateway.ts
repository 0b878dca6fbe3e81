import type { Context, MiddlewareHandler } from 'hono';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { GATEWAY_API, invalid, refuse, unauthorized } from './answers.ts';
import type { Api, RateLimits } from './rate-limits.ts';
import type { Tokens } from './tokens.ts';

export type SellerEnv = { Variables: { sellerId: string } };

/** headers that every call must carry [Walmart Marketplace API, common headers] */
const REQUIRED_HEADERS = ['WM_QOS.CORRELATION_ID', 'WM_SVC.NAME'];

/** how long an invented 429 says to wait, ms: this sandbox's choice */
const INVENTED_WAIT_MS = 1_000;

/** The name of a required header that is not there. */
export function missingHeader(c: Context): string | undefined {
  return REQUIRED_HEADERS.find((name) => !c.req.header(name));
}

export type Gateway = ReturnType<typeof createGateway>;

/** What stands before every call of an API: its headers, its access token, its rate limit. */
export function createGateway(
  deps: Pick<SandboxDeps, 'now' | 'faults'>,
  parts: { tokens: Tokens; limits: RateLimits },
) {
  const { tokens, limits } = parts;

  /** Counts a call against the seller's limit; the answer to one too many. */
  function overLimit(c: Context<SellerEnv>, api: Api): Response | undefined {
    const { taken, left, nextTokenAt } = limits.take(c.get('sellerId'), api);
    c.header('x-current-token-count', String(left));
    c.header('x-next-replenishment-time', String(nextTokenAt));
    if (taken) return undefined;
    c.header('Retry-After', String(Math.max(1, Math.ceil((nextTokenAt - deps.now()) / 1000))));
    return refuse(c, 'RATE_LIMIT_EXCEEDED', { description: 'Too many requests.' });
  }

  return {
    overLimit,
    /** Lets a seller in and puts it into the context. */
    seller: (async (c, next) => {
      const missing = missingHeader(c);
      if (missing) return invalid(c, missing);
      const token = c.req.header('wm_sec.access_token') ?? '';
      const known = tokens.readAccessToken(token);
      if (!known) return unauthorized(c);
      if (deps.faults.strikes('expire-access-token', c.req.path)) {
        tokens.dropAccessToken(token);
        return unauthorized(c);
      }
      c.set('sellerId', known.sellerId);
      return next();
    }) satisfies MiddlewareHandler<SellerEnv>,
    limit(api: Api): MiddlewareHandler<SellerEnv> {
      return async (c, next) => overLimit(c, api) ?? next();
    },
    /** A 429 that no bucket earned, in the gateway's own words, whose root key differs. */
    throttled(c: Context): Response {
      c.header('x-current-token-count', '0');
      c.header('x-next-replenishment-time', String(deps.now() + INVENTED_WAIT_MS));
      const refusal = { description: 'The threshold of requests is violated.' };
      return refuse(c, 'REQUEST_THRESHOLD_VIOLATED', refusal, { api: GATEWAY_API, rootKey: 'error' });
    },
  };
}
