import type { SandboxDeps, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';

/** 7,200 s [eBay OAuth guide, access tokens] */
export const ACCESS_TOKEN_SECONDS = 7_200;
/** 47,304,000 s, about 18 months [eBay OAuth guide, refresh tokens] */
export const REFRESH_TOKEN_SECONDS = 47_304_000;
/** 299 s [eBay OAuth guide, authorization code grant] */
export const CODE_SECONDS = 299;

export const SCOPE_BASE = 'https://api.ebay.com/oauth/api_scope';
export const SCOPE_FULFILLMENT = `${SCOPE_BASE}/sell.fulfillment`;
export const SCOPE_FULFILLMENT_READONLY = `${SCOPE_BASE}/sell.fulfillment.readonly`;
export const SCOPE_INVENTORY = `${SCOPE_BASE}/sell.inventory`;
export const SCOPE_INVENTORY_READONLY = `${SCOPE_BASE}/sell.inventory.readonly`;
export const SCOPE_IDENTITY_READONLY = `${SCOPE_BASE}/commerce.identity.readonly`;

/** The scopes that this keyset may ask a seller for. */
const SELLER_SCOPES: ReadonlySet<string> = new Set([
  SCOPE_BASE,
  SCOPE_FULFILLMENT,
  SCOPE_FULFILLMENT_READONLY,
  SCOPE_IDENTITY_READONLY,
  SCOPE_INVENTORY,
  SCOPE_INVENTORY_READONLY,
  `${SCOPE_BASE}/sell.account`,
  `${SCOPE_BASE}/sell.account.readonly`,
  `${SCOPE_BASE}/sell.finances`,
  `${SCOPE_BASE}/commerce.notification.subscription`,
  `${SCOPE_BASE}/commerce.notification.subscription.readonly`,
]);

/** Whose token it is (null: the application's own) and what it may do. */
export type Caller = { sellerId: string | null; scopes: ReadonlySet<string> };
/** A seller's consent. */
export type Consent = { sellerId: string; scopes: ReadonlySet<string> };

export type Grants = ReturnType<typeof createGrants>;

/** Authorization codes, refresh tokens and access tokens, each with its end. */
export function createGrants(deps: Pick<SandboxDeps, 'now' | 'randomHex'>, sellers: readonly SandboxSeller[]) {
  const codes = new Map<string, Consent & { expiresAt: number }>();
  const refreshTokens = new Map<string, Consent & { expiresAt: number }>();
  const accessTokens = new Map<string, Caller & { expiresAt: number }>();

  const inSeconds = (seconds: number): number => deps.now() + seconds * 1000;
  const isAlive = (entry: { expiresAt: number }): boolean => deps.now() < entry.expiresAt;

  for (const { sellerId, refreshToken } of sellers) {
    refreshTokens.set(refreshToken, { sellerId, scopes: SELLER_SCOPES, expiresAt: inSeconds(REFRESH_TOKEN_SECONDS) });
  }

  /** Tokens of one lifetime leave in the order they came, so the old ones are at the front. */
  function dropExpired(tokens: Map<string, { expiresAt: number }>): void {
    for (const [token, entry] of tokens) {
      if (isAlive(entry)) return;
      tokens.delete(token);
    }
  }

  return {
    issueCode(consent: Consent): string {
      dropExpired(codes);
      const code = `v^1.1#i^1#r^1#p^3#I^3#f^0#t^${deps.randomHex(24)}`;
      codes.set(code, { ...consent, expiresAt: inSeconds(CODE_SECONDS) });
      return code;
    },
    /** Spends the code: a second use finds nothing. */
    redeemCode(code: string): Consent | undefined {
      const entry = codes.get(code);
      codes.delete(code);
      return entry && isAlive(entry) ? entry : undefined;
    },
    issueRefreshToken(consent: Consent): string {
      const token = `v^1.1#i^1#r^1#p^3#I^3#f^0#t^${deps.randomHex(32)}`;
      refreshTokens.set(token, { ...consent, expiresAt: inSeconds(REFRESH_TOKEN_SECONDS) });
      return token;
    },
    readRefreshToken(token: string): Consent | undefined {
      const entry = refreshTokens.get(token);
      return entry && isAlive(entry) ? entry : undefined;
    },
    issueAccessToken(caller: Caller): string {
      dropExpired(accessTokens);
      const token = `v^1.1#i^1#r^0#p^3#I^3#f^0#t^${deps.randomHex(32)}`;
      accessTokens.set(token, { ...caller, expiresAt: inSeconds(ACCESS_TOKEN_SECONDS) });
      return token;
    },
    readAccessToken(token: string): Caller | undefined {
      const entry = accessTokens.get(token);
      return entry && isAlive(entry) ? entry : undefined;
    },
    dropAccessToken(token: string): void {
      accessTokens.delete(token);
    },
    /** Ends everything that a seller has granted. */
    revoke(sellerId: string): void {
      for (const tokens of [codes, refreshTokens, accessTokens]) {
        for (const [token, entry] of tokens) if (entry.sellerId === sellerId) tokens.delete(token);
      }
    },
  };
}

/** The space-separated scopes, or undefined if one of them is not among those allowed. */
export function readScopes(
  text: string,
  allowed: ReadonlySet<string> = SELLER_SCOPES,
): ReadonlySet<string> | undefined {
  const scopes = text.split(' ').filter((scope) => scope !== '');
  return scopes.every((scope) => allowed.has(scope)) ? new Set(scopes) : undefined;
}
