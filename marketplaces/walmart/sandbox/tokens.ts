import type { SandboxDeps, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';

/** 900 s [Walmart Marketplace API, Token API] */
export const ACCESS_TOKEN_SECONDS = 900;
/** 365 days [Walmart Marketplace API, Token API] */
const REFRESH_TOKEN_SECONDS = 365 * 86_400;
/** 10 min, the most that RFC 6749 §4.1.2 advises; Walmart publishes none */
const CODE_SECONDS = 600;

const TOKEN_BYTES = 48;
/** 32 upper-case hex digits, as the code in the Token API's example */
const CODE_BYTES = 16;

type Issued = { sellerId: string; issuedAt: number; expiresAt: number };

export type Tokens = ReturnType<typeof createTokens>;

/** Authorization codes, refresh tokens and access tokens, each with its seller and its end. */
export function createTokens(deps: Pick<SandboxDeps, 'now' | 'randomHex'>, sellers: readonly SandboxSeller[]) {
  const codes = new Map<string, Issued & { redirectUri: string }>();
  const refreshTokens = new Map<string, Issued>();
  const accessTokens = new Map<string, Issued>();

  const issued = (sellerId: string, seconds: number): Issued => {
    const issuedAt = deps.now();
    return { sellerId, issuedAt, expiresAt: issuedAt + seconds * 1000 };
  };
  function alive<Entry extends Issued>(entry: Entry | undefined): Entry | undefined {
    return entry && deps.now() < entry.expiresAt ? entry : undefined;
  }
  /** Tokens of one lifetime end in the order they were issued, so the old ones are at the front. */
  function dropEnded(tokens: Map<string, Issued>): void {
    for (const [token, entry] of tokens) {
      if (alive(entry)) return;
      tokens.delete(token);
    }
  }

  for (const { sellerId, refreshToken } of sellers) {
    refreshTokens.set(refreshToken, issued(sellerId, REFRESH_TOKEN_SECONDS));
  }

  return {
    issueCode(sellerId: string, redirectUri: string): string {
      dropEnded(codes);
      const code = deps.randomHex(CODE_BYTES).toUpperCase();
      codes.set(code, { ...issued(sellerId, CODE_SECONDS), redirectUri });
      return code;
    },
    /** Spends the code: a second use finds nothing. */
    redeemCode(code: string): { sellerId: string; redirectUri: string } | undefined {
      const entry = codes.get(code);
      codes.delete(code);
      return alive(entry);
    },
    issueRefreshToken(sellerId: string): string {
      const token = `APX${deps.randomHex(TOKEN_BYTES)}`;
      refreshTokens.set(token, issued(sellerId, REFRESH_TOKEN_SECONDS));
      return token;
    },
    /** Whose a refresh token is. It is not spent: Walmart does not rotate it. */
    ownerOf: (refreshToken: string): string | undefined => alive(refreshTokens.get(refreshToken))?.sellerId,
    issueAccessToken(sellerId: string): string {
      dropEnded(accessTokens);
      const token = `eyJ${deps.randomHex(TOKEN_BYTES)}`;
      accessTokens.set(token, issued(sellerId, ACCESS_TOKEN_SECONDS));
      return token;
    },
    readAccessToken: (token: string): Issued | undefined => alive(accessTokens.get(token)),
    dropAccessToken(token: string): void {
      accessTokens.delete(token);
    },
  };
}
