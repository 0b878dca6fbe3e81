import type { MiddlewareHandler } from 'hono';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { ACCESS_DENIED, INVALID_TOKEN, refuse } from './answers.ts';
import type { Caller, Grants } from './grants.ts';

export type CallerEnv = { Variables: { caller: Caller } };
export type SellerEnv = { Variables: { caller: Caller & { sellerId: string } } };

export type Access = ReturnType<typeof createAccess>;

/** Who may call: middlewares that read the bearer token and put its `caller` into the context. */
export function createAccess(deps: Pick<SandboxDeps, 'faults'>, grants: Grants) {
  function allow(mayPass: (caller: Caller) => boolean): MiddlewareHandler {
    return async (c, next) => {
      const token = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
      const caller = grants.readAccessToken(token);
      if (!caller) return refuse(c, 401, INVALID_TOKEN);
      if (deps.faults.strikes('expire-access-token', c.req.path)) {
        grants.dropAccessToken(token);
        return refuse(c, 401, INVALID_TOKEN);
      }
      if (!mayPass(caller)) return refuse(c, 403, ACCESS_DENIED);
      c.set('caller', caller);
      return next();
    };
  }
  /** What a seller's token that passed already must hold besides. */
  const also = (scope: string): MiddlewareHandler<SellerEnv> => {
    return async (c, next) => (c.get('caller').scopes.has(scope) ? next() : refuse(c, 403, ACCESS_DENIED));
  };
  return {
    also,
    /** A client-credentials token. */
    application: allow((caller) => caller.sellerId === null),
    /** A client-credentials token, or a seller's one with any of these scopes. */
    applicationOrSeller: (...scopes: string[]) =>
      allow((caller) => caller.sellerId === null || scopes.some((scope) => caller.scopes.has(scope))),
    /** A seller's token with any of these scopes. */
    seller: (...scopes: string[]) =>
      allow((caller) => caller.sellerId !== null && scopes.some((scope) => caller.scopes.has(scope))),
  };
}
