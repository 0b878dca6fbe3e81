import type { Context, MiddlewareHandler } from 'hono';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createTokenBucket } from '#marketplaces/sandbox-kit/token-bucket.ts';
import { refuse, throttled } from './answers.ts';
import type { Tokens } from './tokens.ts';

export type SellerEnv = { Variables: { sellerId: string } };

/**
 * Calls a minute for one seller. Mercado Libre publishes no number; this is what integrators have measured. The bucket
 * holds a whole minute's calls and is refilled evenly.
 */
const CALLS_PER_MINUTE = 1_500;

/** Lets a seller in by its access token, puts it into the context, and counts the call against its limit. */
export function createGateway(deps: Pick<SandboxDeps, 'now' | 'faults'>, tokens: Tokens): MiddlewareHandler<SellerEnv> {
  const buckets = new Map<string, ReturnType<typeof createTokenBucket>>();

  function bucketOf(sellerId: string): ReturnType<typeof createTokenBucket> {
    let bucket = buckets.get(sellerId);
    if (!bucket) {
      bucket = createTokenBucket({ ratePerSecond: CALLS_PER_MINUTE / 60, burst: CALLS_PER_MINUTE });
      buckets.set(sellerId, bucket);
    }
    return bucket;
  }

  return async (c, next) => {
    const token = tokenOf(c);
    const sellerId = token && tokens.ownerOf(token);
    if (!sellerId) return refuse(c, 401, 'unauthorized', token ? 'invalid access token' : 'authorization is missing');
    if (deps.faults.strikes('expire-access-token', c.req.path)) {
      tokens.dropAccessToken(token);
      return refuse(c, 401, 'unauthorized', 'expired_token');
    }
    if (!bucketOf(sellerId).take(deps.now())) return throttled(c);
    c.set('sellerId', sellerId);
    return next();
  };
}

/** The official SDK for Node and older clients write the token into the query, where it is deprecated but still taken. */
function tokenOf(c: Context): string | undefined {
  return /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? c.req.query('access_token');
}
