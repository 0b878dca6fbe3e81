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

type Dated = { shopId: string; expiresAt: number };

/** Codes, access tokens and refresh tokens of shops. A refresh token is spent by its first use and replaced. */
export function createTokens(
  deps: Pick<SandboxDeps, 'now' | 'randomHex'>,
  shops: readonly { sellerId: string; refreshToken: string }[],
) {
  const codes = new Map<string, Dated>();
  const refreshTokens = new Map<string, Dated>();
  const accessTokens = new Map<string, { token: string; expiresAt: number }[]>();
  for (const shop of shops) {
    refreshTokens.set(shop.refreshToken, { shopId: shop.sellerId, expiresAt: deps.now() + REFRESH_TOKEN_VALID_MS });
    accessTokens.set(shop.sellerId, []);
  }

  function issue(shopId: string): { grant: Grant } {
    const now = deps.now();
    const grant = { accessToken: deps.randomHex(TOKEN_BYTES), refreshToken: deps.randomHex(TOKEN_BYTES) };
    const old = (accessTokens.get(shopId) ?? [])
      .filter((token) => token.expiresAt > now)
      .map((token) => ({ ...token, expiresAt: Math.min(token.expiresAt, now + OLD_ACCESS_TOKEN_VALID_MS) }));
    const current = { token: grant.accessToken, expiresAt: now + ACCESS_TOKEN_VALID_SECONDS * 1000 };
    accessTokens.set(shopId, [...old, current]);
    refreshTokens.set(grant.refreshToken, { shopId, expiresAt: now + REFRESH_TOKEN_VALID_MS });
    return { grant };
  }

  return {
    exists: (shopId: string): boolean => accessTokens.has(shopId),

    /** The code that a seller's consent gives. */
    consent(shopId: string): string {
      const code = deps.randomHex(TOKEN_BYTES);
      codes.set(code, { shopId, expiresAt: deps.now() + CODE_VALID_MS });
      return code;
    },

    exchange(code: string, shopId: string): { grant: Grant } | { refusal: Refusal } {
      const entry = codes.get(code);
      if (!entry || entry.expiresAt <= deps.now()) {
        return refusal('invalid_code', 'The code is expired, used or invalid.');
      }
      if (entry.shopId !== shopId) return refusal('invalid_shop_id', 'The code or shop_id is wrong.');
      codes.delete(code);
      return issue(shopId);
    },

    refresh(refreshToken: string, shopId: string): { grant: Grant } | { refusal: Refusal } {
      if (!accessTokens.has(shopId)) return refusal('shop_no_linked', 'Partner and shop has no linked.');
      const entry = refreshTokens.get(refreshToken);
      if (!entry) return refusal('error_auth', 'Invalid refresh_token.');
      if (entry.shopId !== shopId) {
        return refusal('error_shop_refresh_token', 'The refresh token is not one of this shop.');
      }
      if (entry.expiresAt <= deps.now()) return refusal('refresh_token_expired', 'Your refresh_token expired.');
      refreshTokens.delete(refreshToken);
      return issue(shopId);
    },

    isGood(accessToken: string, shopId: string): boolean {
      const now = deps.now();
      return (accessTokens.get(shopId) ?? []).some((token) => token.token === accessToken && token.expiresAt > now);
    },
  };
}

function refusal(error: string, message: string): { refusal: Refusal } {
  return { refusal: { error, message } };
}
