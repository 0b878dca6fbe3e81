import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { SCOPES, type Shop } from './registration.ts';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
// Shopify, offline access tokens.
export const ACCESS_TOKEN_SECONDS = 3_600;
export const REFRESH_TOKEN_SECONDS = 90 * 86_400;
/** how long after its first use a spent refresh token can still be tried again [Shopify changelog, 28 August 2026] */
const RETRY_FOR_MS = 30 * DAY_MS;
/** how long an exchange of an old token can be tried again [Shopify changelog, more resilient token exchanges] */
const EXCHANGE_RETRY_FOR_MS = 7 * DAY_MS;
/** a client-credentials token [Shopify, client credentials grant] */
export const CLIENT_TOKEN_SECONDS = 86_400;
/** when public apps' tokens without an end stop working [Shopify changelog, expiring offline access tokens] */
const ENDLESS_TOKENS_END_AT = Date.parse('2027-01-01T00:00:00Z');
/** 10 min, the most that RFC 6749 §4.1.2 advises; Shopify publishes none */
const CODE_VALID_MS = 600_000;

/** 32 hex digits, as in the documentation's examples */
const TOKEN_BYTES = 16;

export type Access = { shop: Shop; scopes: string[]; endsAt: number };

type RefreshToken = {
  shop: Shop;
  scopes: string[];
  endsAt: number;
  /** what its first use gave; using that retires this token */
  replacement: { token: string; at: number } | undefined;
  predecessor: string | undefined;
};

/** What the token endpoint answers; without a refresh token the access token has no end, or an end but no successor. */
export type Grant = {
  accessToken: string;
  scopes: string[];
  expiresIn?: number;
  refresh?: { token: string; expiresIn: number };
};

export type Tokens = ReturnType<typeof createTokens>;

/** Codes, access tokens and refresh tokens of the shops that have the app installed. */
export function createTokens(deps: Pick<SandboxDeps, 'now' | 'randomHex'>, shops: readonly Shop[]) {
  const codes = new Map<string, Access>();
  const accessTokens = new Map<string, Access>();
  const refreshTokens = new Map<string, RefreshToken>();
  /** old tokens that were exchanged, and what for */
  const exchanged = new Map<string, { grant: Grant; at: number }>();
  const installed = new Set(shops.map(({ sellerId }) => sellerId));

  const isAlive = ({ endsAt }: { endsAt: number }): boolean => deps.now() < endsAt;
  const newToken = (prefix: string): string => prefix + deps.randomHex(TOKEN_BYTES);

  function addRefreshToken(token: string, of: { shop: Shop; scopes: string[] }, predecessor?: string): void {
    const endsAt = deps.now() + REFRESH_TOKEN_SECONDS * SECOND_MS;
    refreshTokens.set(token, { shop: of.shop, scopes: of.scopes, endsAt, replacement: undefined, predecessor });
  }
  for (const shop of shops) addRefreshToken(shop.refreshToken, { shop, scopes: SCOPES });

  /** Those of one lifetime end in the order they were issued, so the old ones are at the front. */
  function dropEnded(): void {
    for (const [token, access] of accessTokens) {
      if (isAlive(access)) return;
      accessTokens.delete(token);
    }
  }

  function issueAccessToken({ shop, scopes }: { shop: Shop; scopes: string[] }, seconds?: number): string {
    dropEnded();
    const accessToken = newToken('shpat_');
    const endsAt = seconds === undefined ? ENDLESS_TOKENS_END_AT : deps.now() + seconds * SECOND_MS;
    accessTokens.set(accessToken, { shop, scopes, endsAt });
    return accessToken;
  }

  function issuePair(of: { shop: Shop; scopes: string[] }): Grant {
    const refreshToken = newToken('shprt_');
    addRefreshToken(refreshToken, of);
    return pairWith(refreshToken, of);
  }

  function pairWith(refreshToken: string, of: { shop: Shop; scopes: string[] }): Grant {
    const { endsAt } = refreshTokens.get(refreshToken)!;
    return {
      accessToken: issueAccessToken(of, ACCESS_TOKEN_SECONDS),
      scopes: of.scopes,
      expiresIn: ACCESS_TOKEN_SECONDS,
      refresh: { token: refreshToken, expiresIn: Math.floor((endsAt - deps.now()) / SECOND_MS) },
    };
  }

  function dropAll({ sellerId }: Shop, tokens: Map<string, { shop: Shop }>): void {
    for (const [token, { shop }] of tokens) if (shop.sellerId === sellerId) tokens.delete(token);
  }

  return {
    isInstalled: ({ sellerId }: Shop): boolean => installed.has(sellerId),
    issueCode(shop: Shop, scopes: string[]): string {
      const code = deps.randomHex(TOKEN_BYTES);
      codes.set(code, { shop, scopes, endsAt: deps.now() + CODE_VALID_MS });
      return code;
    },
    /** Installs the app, or grants it anew: what it had before ends. */
    exchangeCode(shop: Shop, code: string, options: { expiring: boolean }): Grant | undefined {
      const access = codes.get(code);
      if (access?.shop !== shop || !isAlive(access)) return undefined;
      codes.delete(code);
      installed.add(shop.sellerId);
      dropAll(shop, refreshTokens);
      return options.expiring ? issuePair(access) : { accessToken: issueAccessToken(access), scopes: access.scopes };
    },
    /** The first use spends a refresh token, but until the replacement is used it can be tried again. */
    refresh(shop: Shop, refreshToken: string): Grant | undefined {
      const entry = refreshTokens.get(refreshToken);
      if (entry?.shop !== shop || !isAlive(entry)) return undefined;
      if (entry.replacement && deps.now() >= entry.replacement.at + RETRY_FOR_MS) return undefined;
      if (entry.predecessor !== undefined) refreshTokens.delete(entry.predecessor);
      if (!entry.replacement) {
        entry.replacement = { token: newToken('shprt_'), at: deps.now() };
        addRefreshToken(entry.replacement.token, entry, refreshToken);
      }
      return pairWith(entry.replacement.token, entry);
    },
    /** Trades a token without an end for an expiring one. */
    exchangeEndless(shop: Shop, accessToken: string): Grant | undefined {
      const before = exchanged.get(accessToken);
      if (before) {
        const pair = refreshTokens.get(before.grant.refresh!.token);
        const canRetry = pair?.shop === shop && !pair.replacement && deps.now() < before.at + EXCHANGE_RETRY_FOR_MS;
        return canRetry ? pairWith(before.grant.refresh!.token, pair) : undefined;
      }
      const access = accessTokens.get(accessToken);
      if (access?.shop !== shop || !isAlive(access) || access.endsAt !== ENDLESS_TOKENS_END_AT) return undefined;
      accessTokens.delete(accessToken);
      const grant = issuePair(access);
      exchanged.set(accessToken, { grant, at: deps.now() });
      return grant;
    },
    /** The app's own token for a shop that has it installed. */
    issueClientToken(shop: Shop): Grant {
      const accessToken = issueAccessToken({ shop, scopes: SCOPES }, CLIENT_TOKEN_SECONDS);
      return { accessToken, scopes: SCOPES, expiresIn: CLIENT_TOKEN_SECONDS };
    },
    /** What an access token opens, while it is good. */
    read(accessToken: string): Access | undefined {
      const access = accessTokens.get(accessToken);
      return access && isAlive(access) ? access : undefined;
    },
    dropAccessToken(accessToken: string): void {
      accessTokens.delete(accessToken);
    },
    uninstall(shop: Shop): void {
      installed.delete(shop.sellerId);
      dropAll(shop, accessTokens);
      dropAll(shop, refreshTokens);
      dropAll(shop, codes);
    },
  };
}
