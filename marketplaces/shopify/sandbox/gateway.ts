import type { Context } from 'hono';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { findShop, LATEST_VERSION, type Shop, VERSIONS } from './registration.ts';
import type { Access, Tokens } from './tokens.ts';
import { uuid } from './uuid.ts';

const INVALID_TOKEN = '[API] Invalid API key or access token (unrecognized login or wrong password)';
const VERSION = /^\d{4}-(01|04|07|10)$/;

export type Caller = { shop: Shop; access: Access; token: string; version: string };

export type Gateway = ReturnType<typeof createGateway>;

/** Stands before every API: which shop, which version, who calls. */
export function createGateway(
  deps: Pick<SandboxDeps, 'faults' | 'randomHex'>,
  { tokens, shops }: { tokens: Tokens; shops: readonly Shop[] },
) {
  /** The shop's host: the beginning of the path here, the host name itself where nothing is put before it. */
  const hostOf = (c: Context): string => c.req.param('shop') ?? c.req.header('host') ?? '';

  return {
    hostOf,
    /** Who calls, or the answer to one who may not. */
    admit(c: Context): Caller | Response {
      c.header('X-Request-Id', uuid(deps.randomHex(16)));
      const shop = findShop(shops, hostOf(c));
      const version = servedVersion(c.req.param('version'));
      if (!shop || !version) return notFound(c);
      c.header('X-Shopify-API-Version', version);
      const token = c.req.header('x-shopify-access-token') ?? '';
      const access = tokens.read(token);
      if (access?.shop !== shop) return c.json({ errors: INVALID_TOKEN }, 401);
      if (deps.faults.strikes('expire-access-token', c.req.path)) {
        tokens.dropAccessToken(token);
        return c.json({ errors: INVALID_TOKEN }, 401);
      }
      return { shop, access, token, version };
    },
  };
}

export function notFound(c: Context): Response {
  return c.json({ errors: 'Not Found' }, 404);
}

/** A version that is no longer served is answered with the oldest that is; undefined: there is no such version. */
function servedVersion(asked: string | undefined): string | undefined {
  if (asked === undefined || asked === 'unstable') return LATEST_VERSION;
  if (VERSIONS.includes(asked)) return asked;
  return VERSION.test(asked) && asked < VERSIONS[0]! ? VERSIONS[0] : undefined;
}
