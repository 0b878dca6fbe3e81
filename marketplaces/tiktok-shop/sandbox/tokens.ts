import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Refusal } from './answers.ts';
import type { Shop } from './registration.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
// TikTok Shop Partner Center, authorization overview.
/** a code is good once, within 30 min */
const CODE_VALID_MS = 30 * MINUTE_MS;
const ACCESS_TOKEN_VALID_MS = 7 * DAY_MS;
/** how long a consent lasts: the seller chooses that at TikTok Shop, this is the sandbox's choice */
const CONSENT_VALID_MS = 365 * DAY_MS;

const TOKEN_BYTES = 32;

// What clients have met at the token endpoints (EcomPHP/tiktokshop-php #15); TikTok Shop publishes the first alone.
const INVALID_CODE: Refusal = { code: 36004004, message: 'invalid auth code' };
const REFRESH_TOKEN_EXPIRED: Refusal = { code: 36004001, message: 'rt has expired' };
const UNKNOWN_REFRESH_TOKEN: Refusal = { code: 36004005, message: 'can not find related auth record' };

/** One consent of one seller: its tokens follow one another, its end stays unless the seller withdraws it. */
type Consent = { shop: Shop; endsAt: number };

export type Grant = {
  shop: Shop;
  accessToken: string;
  accessTokenEndsAt: number;
  refreshToken: string;
  refreshTokenEndsAt: number;
};

export type Tokens = ReturnType<typeof createTokens>;

/**
 * Codes, access tokens and refresh tokens. TikTok Shop does not say whether a refresh spends the refresh token; here it
 * does, which is the harder case. An access token lives out its time beside the next one.
 */
export function createTokens(deps: Pick<SandboxDeps, 'now' | 'randomHex'>, shops: readonly Shop[]) {
  const codes = new Map<string, { shop: Shop; endsAt: number }>();
  const refreshTokens = new Map<string, Consent>();
  const accessTokens = new Map<string, { consent: Consent; endsAt: number }>();
  /** by shop id */
  const consents = new Map<string, Consent[]>();

  function consent(shop: Shop): Consent {
    const made = { shop, endsAt: deps.now() + CONSENT_VALID_MS };
    consents.set(shop.sellerId, [...(consents.get(shop.sellerId) ?? []).filter(isAlive), made]);
    return made;
  }
  const isAlive = ({ endsAt }: { endsAt: number }): boolean => deps.now() < endsAt;
  for (const shop of shops) refreshTokens.set(shop.refreshToken, consent(shop));

  /** Access tokens end in the order they were issued, so the old ones are at the front. */
  function dropEnded(): void {
    for (const [token, entry] of accessTokens) {
      if (isAlive(entry)) return;
      accessTokens.delete(token);
    }
  }

  function issue(consent: Consent): { grant: Grant } {
    dropEnded();
    const accessToken = `ROW_${deps.randomHex(TOKEN_BYTES)}`;
    const refreshToken = `ROW_${deps.randomHex(TOKEN_BYTES)}`;
    const accessTokenEndsAt = deps.now() + ACCESS_TOKEN_VALID_MS;
    accessTokens.set(accessToken, { consent, endsAt: accessTokenEndsAt });
    refreshTokens.set(refreshToken, consent);
    const { shop, endsAt } = consent;
    return { grant: { shop, accessToken, accessTokenEndsAt, refreshToken, refreshTokenEndsAt: endsAt } };
  }

  return {
    /** The code that a seller's consent gives. */
    issueCode(shop: Shop): string {
      const code = `ROW_${deps.randomHex(TOKEN_BYTES)}`;
      codes.set(code, { shop, endsAt: deps.now() + CODE_VALID_MS });
      return code;
    },
    exchange(code: string): { grant: Grant } | { refusal: Refusal } {
      const entry = codes.get(code);
      codes.delete(code);
      return entry && isAlive(entry) ? issue(consent(entry.shop)) : { refusal: INVALID_CODE };
    },
    refresh(refreshToken: string): { grant: Grant } | { refusal: Refusal } {
      const entry = refreshTokens.get(refreshToken);
      if (!entry) return { refusal: UNKNOWN_REFRESH_TOKEN };
      refreshTokens.delete(refreshToken);
      return isAlive(entry) ? issue(entry) : { refusal: REFRESH_TOKEN_EXPIRED };
    },
    /** Whose an access token is, while it is good. */
    ownerOf(accessToken: string): Shop | undefined {
      const entry = accessTokens.get(accessToken);
      return entry && isAlive(entry) && isAlive(entry.consent) ? entry.consent.shop : undefined;
    },
    dropAccessToken(accessToken: string): void {
      accessTokens.delete(accessToken);
    },
    /** The seller takes the app's authorization away. */
    withdraw(shopId: string): void {
      for (const one of consents.get(shopId) ?? []) one.endsAt = deps.now();
    },
    /** Whether a consent of the shop's seller stands: without one TikTok Shop tells nothing more of it. */
    isAuthorized: (shopId: string): boolean => (consents.get(shopId) ?? []).some(isAlive),
  };
}
