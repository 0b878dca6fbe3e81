import type { Context, Handler, MiddlewareHandler } from 'hono';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createTokenBucket } from '#marketplaces/sandbox-kit/token-bucket.ts';
import { InvalidInput, invalidInput, missingToken, quotaExceeded, unauthorized } from './answers.ts';
import { type Lwa, NOTIFICATIONS_SCOPE } from './lwa.ts';
import { uuid } from './uuid.ts';

/** most characters of a user-agent, SP-API developer guide "Include a User-Agent header" */
const USER_AGENT_LIMIT = 500;
const RATE_HEADER = 'x-amzn-RateLimit-Limit';

/** Details that clients branch on, word for word. */
const EXPIRED = 'The access token you provided has expired.';
const INVALID = 'The access token you provided is revoked, malformed or invalid.';

export type Operation = {
  name: string;
  /** the usage plan of the operation in the SP-API models */
  ratePerSecond: number;
  burst: number;
  /** a seller's token, or the application's own */
  token: 'seller' | 'grantless';
};

/** @param caller the seller's id; for a grantless operation, the scope of the token */
export type OperationHandler = (c: Context, caller: string) => Response | Promise<Response>;

export type Gateway = ReturnType<typeof createGateway>;

/** What stands before every SP-API operation: the token, then the usage plan, then the operation itself. */
export function createGateway(deps: Pick<SandboxDeps, 'now' | 'randomHex' | 'faults'>, lwa: Lwa) {
  const buckets = new Map<string, ReturnType<typeof createTokenBucket>>();

  function authorize(c: Context, kind: Operation['token']): { caller: string } | { refused: Response } {
    const token = c.req.header('x-amz-access-token');
    if (!token) return { refused: missingToken(c) };
    let found = lwa.accessTokens.find(token);
    if (found && !found.ended && deps.faults.strikes('expire-access-token', c.req.path)) {
      lwa.accessTokens.end(token);
      found = lwa.accessTokens.find(token);
    }
    if (!found) return { refused: unauthorized(c, INVALID) };
    if (found.ended) return { refused: unauthorized(c, EXPIRED) };
    const grant = found.value;
    if (kind === 'seller') return 'sellerId' in grant ? { caller: grant.sellerId } : { refused: unauthorized(c, '') };
    const allowed = 'scope' in grant && grant.scope === NOTIFICATIONS_SCOPE;
    return allowed ? { caller: grant.scope } : { refused: unauthorized(c, '') };
  }

  function take(operation: Operation, caller: string): boolean {
    const key = `${operation.name} ${caller}`;
    const bucket = buckets.get(key) ?? createTokenBucket(operation);
    buckets.set(key, bucket);
    return bucket.take(deps.now());
  }

  return {
    /** The headers of every answer, outermost. */
    headers: (async (c, next) => {
      await next();
      c.header('x-amzn-RequestId', uuid(deps.randomHex(16)));
      // A fault may have replaced the answer after the operation set its rate.
      if (!carriesRate(c.res.status)) c.header(RATE_HEADER, undefined);
    }) satisfies MiddlewareHandler,

    operation(operation: Operation, handler: OperationHandler): Handler {
      return async (c) => {
        const userAgent = c.req.header('user-agent') ?? '';
        if (userAgent === '' || userAgent.length > USER_AGENT_LIMIT) {
          return invalidInput(c, `A user-agent of 1 to ${USER_AGENT_LIMIT} characters is required.`);
        }
        const authorized = authorize(c, operation.token);
        if ('refused' in authorized) return authorized.refused;
        if (!take(operation, authorized.caller)) return quotaExceeded(c);
        c.header(RATE_HEADER, String(operation.ratePerSecond));
        try {
          return await handler(c, authorized.caller);
        } catch (thrown) {
          if (thrown instanceof InvalidInput) return invalidInput(c, thrown.message);
          throw thrown;
        }
      };
    },
  };
}

/** Best effort in the real API, never with 401, 403 or 429: SP-API guide "Usage plans and rate limits". */
function carriesRate(status: number): boolean {
  return (status >= 200 && status < 300) || status === 400 || status === 404;
}
