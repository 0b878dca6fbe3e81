import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Refusal } from './answers.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
// All from Shopee Open Platform's guide, authorization and authentication.
/** a code is good once, within 10 min */
const CODE_VALID_MS = 10 * MINUTE_MS;
/** `expire_in` of an access token, s: 4 h */
export const ACCESS_TOKEN_VALID_SECONDS = 14_400;
/** the access token before a refresh is still taken for 5 min */
const OLD_ACCESS_TOKEN_VALID_MS = 5 * MINUTE_MS;
const REFRESH_TOKEN_VALID_MS = 30 * DAY_MS;
/** length of codes and tokens, bytes (32 hex digits in the guide's examples) */
const TOKEN_BYTES = 16;

export type Grant = { accessToken: string; refreshToken: string };
export type Tokens = ReturnType<typeof createTokens>;

/** `owner`: the shop or main account that consented; `shopIds`: the shops that it is good for. */
type Code = { owner: string; shopIds: readonly string[]; expiresAt: number };
type RefreshToken = { shopIds: Set<string>; expiresAt: number };

const NOT_LINKED: Refusal = { error: 'shop_no_linked', message: 'Partner and shop has no linked.' };

/**
 * Codes, access tokens and refresh tokens. A refresh token is spent by its first use and replaced; the one that a main
 * account's consent gives is spent once by each of its shops, which then have chains of their own.
 */
export function createTokens(
  deps: Pick<SandboxDeps, 'now' | 'randomHex'>,
  shops: readonly { sellerId: string; refreshToken: string }[],
) {
  const codes = new Map<string, Code>();
  const refreshTokens = new Map<string, RefreshToken>();
  const accessTokens = new Map<string, { token: string; expiresAt: number }[]>();
  /** shops that took back their consent */
  const unlinked = new Set<string>();
  for (const { sellerId, refreshToken } of shops) {
    refreshTokens.set(refreshToken, { shopIds: new Set([sellerId]), expiresAt: deps.now() + REFRESH_TOKEN_VALID_MS });
    accessTokens.set(sellerId, []);
  }

  function issue(shopIds: readonly string[]): Grant {
    const now = deps.now();
    const grant = { accessToken: deps.randomHex(TOKEN_BYTES), refreshToken: deps.randomHex(TOKEN_BYTES) };
    for (const shopId of shopIds) {
      const old = (accessTokens.get(shopId) ?? [])
        .filter((token) => token.expiresAt > now)
        .map((token) => ({ ...token, expiresAt: Math.min(token.expiresAt, now + OLD_ACCESS_TOKEN_VALID_MS) }));
      const current = { token: grant.accessToken, expiresAt: now + ACCESS_TOKEN_VALID_SECONDS * 1000 };
      accessTokens.set(shopId, [...old, current]);
    }
    refreshTokens.set(grant.refreshToken, { shopIds: new Set(shopIds), expiresAt: now + REFRESH_TOKEN_VALID_MS });
    return grant;
  }

  return {
    exists: (shopId: string): boolean => accessTokens.has(shopId),
    /** Why the app may not act for a shop that there is. */
    refuseUnlinked: (shopId: string): Refusal | undefined => (unlinked.has(shopId) ? NOT_LINKED : undefined),

    /** The code that the consent of a shop, or of a main account for its shops, gives. */
    consent(owner: string, shopIds: readonly string[]): string {
      const code = deps.randomHex(TOKEN_BYTES);
      codes.set(code, { owner, shopIds, expiresAt: deps.now() + CODE_VALID_MS });
      return code;
    },

    /** @param mistaken what to answer if the code is another's */
    exchange(
      code: string,
      owner: string,
      mistaken: Refusal,
    ): { grant: Grant; shopIds: readonly string[] } | { refusal: Refusal } {
      const entry = codes.get(code);
      if (!entry || entry.expiresAt <= deps.now()) {
        return refusal('invalid_code', 'The code is expired, used or invalid.');
      }
      if (entry.owner !== owner) return { refusal: mistaken };
      codes.delete(code);
      for (const shopId of entry.shopIds) unlinked.delete(shopId);
      return { grant: issue(entry.shopIds), shopIds: entry.shopIds };
    },

    refresh(refreshToken: string, shopId: string): { grant: Grant } | { refusal: Refusal } {
      if (!accessTokens.has(shopId) || unlinked.has(shopId)) return { refusal: NOT_LINKED };
      const entry = refreshTokens.get(refreshToken);
      if (!entry) return refusal('error_auth', 'Invalid refresh_token.');
      if (!entry.shopIds.has(shopId)) {
        return refusal('error_shop_refresh_token', 'The refresh token is not one of this shop.');
      }
      if (entry.expiresAt <= deps.now()) return refusal('refresh_token_expired', 'Your refresh_token expired.');
      entry.shopIds.delete(shopId);
      if (entry.shopIds.size === 0) refreshTokens.delete(refreshToken);
      return { grant: issue([shopId]) };
    },

    isGood(accessToken: string, shopId: string): boolean {
      const now = deps.now();
      return (accessTokens.get(shopId) ?? []).some((token) => token.token === accessToken && token.expiresAt > now);
    },

    /** The shop takes back its consent. */
    revoke(shopId: string): void {
      unlinked.add(shopId);
      accessTokens.set(shopId, []);
      for (const { shopIds } of refreshTokens.values()) shopIds.delete(shopId);
    },
  };
}

function refusal(error: string, message: string): { refusal: Refusal } {
  return { refusal: { error, message } };
}
