import type { SandboxDeps, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import { APP_KEY } from './registration.ts';

// Lazada Open Platform guide, authorization; the lifetimes are those of an online app.
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** a code is good once, within 30 min */
const CODE_VALID_MS = 30 * MINUTE_MS;
/** `expires_in`, s: 30 d */
export const ACCESS_TOKEN_VALID_SECONDS = (30 * DAY_MS) / 1000;
/** how long a consent lasts: 180 d, which no refresh prolongs */
const CONSENT_VALID_MS = 180 * DAY_MS;

const CODE_BYTES = 12;
const TOKEN_BYTES = 24;

/** One consent of one seller: its tokens follow one another, its end stays. */
type Consent = { sellerId: string; endsAt: number; accessToken: string | undefined };

export type Grant = { sellerId: string; accessToken: string; refreshToken: string; refreshExpiresInSeconds: number };
export type Tokens = ReturnType<typeof createTokens>;

/**
 * Codes, access tokens and refresh tokens. A refresh spends the refresh token and, which Lazada does not document, ends
 * the access token before it at once.
 */
export function createTokens(deps: Pick<SandboxDeps, 'now' | 'randomHex'>, sellers: readonly SandboxSeller[]) {
  const codes = new Map<string, { sellerId: string; endsAt: number }>();
  const refreshTokens = new Map<string, Consent>();
  const accessTokens = new Map<string, { consent: Consent; endsAt: number }>();
  /** by seller, the end of its latest consent */
  const authorizedUntil = new Map<string, number>();

  function consent(sellerId: string): Consent {
    const endsAt = deps.now() + CONSENT_VALID_MS;
    authorizedUntil.set(sellerId, endsAt);
    return { sellerId, endsAt, accessToken: undefined };
  }
  for (const { sellerId, refreshToken } of sellers) refreshTokens.set(refreshToken, consent(sellerId));

  function issue(consent: Consent): Grant {
    const now = deps.now();
    if (consent.accessToken) accessTokens.delete(consent.accessToken);
    const accessToken = `50000${deps.randomHex(TOKEN_BYTES)}`;
    const refreshToken = `50001${deps.randomHex(TOKEN_BYTES)}`;
    consent.accessToken = accessToken;
    accessTokens.set(accessToken, { consent, endsAt: now + ACCESS_TOKEN_VALID_SECONDS * 1000 });
    refreshTokens.set(refreshToken, consent);
    const refreshExpiresInSeconds = Math.floor((consent.endsAt - now) / 1000);
    return { sellerId: consent.sellerId, accessToken, refreshToken, refreshExpiresInSeconds };
  }

  return {
    /** The code that a seller's consent gives. */
    issueCode(sellerId: string): string {
      const code = `0_${APP_KEY}_${deps.randomHex(CODE_BYTES)}`;
      codes.set(code, { sellerId, endsAt: deps.now() + CODE_VALID_MS });
      return code;
    },
    /** undefined: the code is unknown, spent or too old. */
    exchange(code: string): Grant | undefined {
      const entry = codes.get(code);
      codes.delete(code);
      return entry && deps.now() < entry.endsAt ? issue(consent(entry.sellerId)) : undefined;
    },
    /** undefined: the refresh token is unknown, spent or too old. */
    refresh(refreshToken: string): Grant | undefined {
      const entry = refreshTokens.get(refreshToken);
      refreshTokens.delete(refreshToken);
      return entry && deps.now() < entry.endsAt ? issue(entry) : undefined;
    },
    /** Whose an access token is, while it is good. */
    ownerOf(accessToken: string): string | undefined {
      const entry = accessTokens.get(accessToken);
      return entry && deps.now() < entry.endsAt ? entry.consent.sellerId : undefined;
    },
    dropAccessToken(accessToken: string): void {
      accessTokens.delete(accessToken);
    },
    /** Whether the seller's consent still stands: Lazada pushes nothing of a seller whose consent has ended. */
    isAuthorized: (sellerId: string): boolean => deps.now() < (authorizedUntil.get(sellerId) ?? 0),
  };
}
