import { createHash } from 'node:crypto';
import type { SandboxDeps, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import { CLIENT_ID } from './registration.ts';

const DAY_MS = 86_400_000;
// All from Mercado Libre's developer guide, authentication and authorization; a month is counted as 30 days.
/** 6 h */
export const ACCESS_TOKEN_SECONDS = 21_600;
/** 6 months */
const REFRESH_TOKEN_MS = 180 * DAY_MS;
/** a grant ends after 4 months without any call */
const IDLE_MS = 120 * DAY_MS;
/** 10 min, the most that RFC 6749 §4.1.2 advises; Mercado Libre publishes none */
const CODE_MS = 600_000;

const TOKEN_BYTES = 16;

/** What the consent page was asked for (RFC 7636): undefined where the application sent no challenge. */
export type Challenge = { value: string; method: 'S256' | 'plain' } | undefined;

type Grant = { refreshToken: string; refreshEndsAt: number; lastCallAt: number };
type Code = { sellerId: string; redirectUri: string; challenge: Challenge; endsAt: number };

export type Tokens = ReturnType<typeof createTokens>;

/** Codes, access tokens, and the one refresh token of each seller that works: the last one. */
export function createTokens(deps: Pick<SandboxDeps, 'now' | 'randomHex'>, sellers: readonly SandboxSeller[]) {
  const codes = new Map<string, Code>();
  const grants = new Map<string, Grant>();
  const accessTokens = new Map<string, { sellerId: string; endsAt: number }>();

  const grantOf = (refreshToken: string): Grant => ({
    refreshToken,
    refreshEndsAt: deps.now() + REFRESH_TOKEN_MS,
    lastCallAt: deps.now(),
  });
  for (const { sellerId, refreshToken } of sellers) grants.set(sellerId, grantOf(refreshToken));

  /** Tokens of one lifetime end in the order they were issued, so the old ones are at the front. */
  function dropEnded(tokens: Map<string, { endsAt: number }>): void {
    for (const [token, { endsAt }] of tokens) {
      if (deps.now() < endsAt) return;
      tokens.delete(token);
    }
  }

  function issue(sellerId: string): { sellerId: string; accessToken: string; refreshToken: string } {
    dropEnded(accessTokens);
    const hour = new Date(deps.now()).toISOString().slice(5, 13).replace(/\D/g, '');
    const accessToken = `APP_USR-${CLIENT_ID}-${hour}-${deps.randomHex(TOKEN_BYTES)}-${sellerId}`;
    accessTokens.set(accessToken, { sellerId, endsAt: deps.now() + ACCESS_TOKEN_SECONDS * 1000 });
    const refreshToken = `TG-${deps.randomHex(TOKEN_BYTES)}-${sellerId}`;
    grants.set(sellerId, grantOf(refreshToken));
    return { sellerId, accessToken, refreshToken };
  }

  return {
    issueCode(consent: Omit<Code, 'endsAt'>): string {
      dropEnded(codes);
      const code = `TG-${deps.randomHex(TOKEN_BYTES)}-${consent.sellerId}`;
      codes.set(code, { ...consent, endsAt: deps.now() + CODE_MS });
      return code;
    },
    /** Spends the code, even if the rest is wrong; undefined: it is not good. */
    redeemCode(code: string, proof: { redirectUri: string | undefined; verifier: string | undefined }) {
      const consent = codes.get(code);
      codes.delete(code);
      if (!consent || deps.now() >= consent.endsAt || consent.redirectUri !== proof.redirectUri) return undefined;
      return meets(consent.challenge, proof.verifier) ? issue(consent.sellerId) : undefined;
    },
    /** Spends the refresh token for a new one; undefined: it is not good. */
    refresh(refreshToken: string) {
      for (const [sellerId, grant] of grants) {
        if (grant.refreshToken !== refreshToken) continue;
        const isAlive = deps.now() < grant.refreshEndsAt && deps.now() < grant.lastCallAt + IDLE_MS;
        return isAlive ? issue(sellerId) : undefined;
      }
      return undefined;
    },
    /** Whose an access token is; the call keeps the grant alive. */
    ownerOf(accessToken: string): string | undefined {
      const token = accessTokens.get(accessToken);
      if (!token || deps.now() >= token.endsAt) return undefined;
      const grant = grants.get(token.sellerId);
      if (grant) grant.lastCallAt = deps.now();
      return token.sellerId;
    },
    dropAccessToken(accessToken: string): void {
      accessTokens.delete(accessToken);
    },
    isGranted: (sellerId: string): boolean => grants.has(sellerId),
    /** The seller takes the consent back: nothing issued to the application works any more. */
    revoke(sellerId: string): void {
      grants.delete(sellerId);
      for (const [token, { sellerId: owner }] of accessTokens) if (owner === sellerId) accessTokens.delete(token);
      for (const [code, { sellerId: owner }] of codes) if (owner === sellerId) codes.delete(code);
    },
  };
}

function meets(challenge: Challenge, verifier: string | undefined): boolean {
  if (!challenge) return true;
  if (!verifier) return false;
  const proof = challenge.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  return proof === challenge.value;
}
