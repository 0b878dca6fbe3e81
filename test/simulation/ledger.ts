import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';

/** what a marketplace finds in place of a token whose grant was taken back: nothing that it knows */
const DEAD_TOKEN = '0'.repeat(32);

export type Grant = {
  connectionId: string;
  /** the refresh token that the marketplace takes now */
  refreshToken: string;
  /** since when the seller has taken the consent back */
  revokedAt: number | undefined;
};

export type Ledger = ReturnType<typeof createLedger>;

/**
 * What the marketplaces know of grants, read off their own answers before the network can lose them. A grant that is
 * taken back dies by its refresh token being replaced on its way in, so that each sandbox refuses it in its own words;
 * access tokens that were given out live to their end, as they do at most marketplaces.
 */
export function createLedger(parts: {
  now(): number;
  /** The exchange of a connection with a refresh token that its marketplace does not know, signed as it should be. */
  hopelessExchange(connectionId: string, refreshToken: string): HttpRequest;
  /** The marketplace gave a new refresh token in place of another. */
  rotated(connectionId: string, refreshToken: string): void;
}) {
  const grants = new Map<string, Grant>();
  const ownerOfRefreshToken = new Map<string, string>();
  /** what was issued since somebody cleared it */
  const secrets = new Set<string>();
  const revoked = new Set<string>();
  const issued = new Map<string, number>();

  function grant(connectionId: string, refreshToken: string): void {
    grants.set(connectionId, { connectionId, refreshToken, revokedAt: undefined });
    ownerOfRefreshToken.set(refreshToken, connectionId);
    secrets.add(refreshToken);
  }

  /** The connection whose refresh token a request carries. */
  function exchangeOf({ url, body = '' }: HttpRequest): string | undefined {
    if (!url.includes('token')) return undefined;
    for (const [token, connectionId] of ownerOfRefreshToken) if (carries({ url, body }, token)) return connectionId;
    return undefined;
  }

  return {
    grants,
    secrets,
    /** access tokens in the order in which they were issued */
    issued: issued as ReadonlyMap<string, number>,
    grant,
    exchangeOf,

    revoke(connectionId: string): void {
      const found = grants.get(connectionId);
      if (!found || found.revokedAt !== undefined) return;
      found.revokedAt = parts.now();
      for (const [token, owner] of ownerOfRefreshToken) if (owner === connectionId) revoked.add(token);
    },

    /** The request as the marketplace is to see it. */
    asArriving(request: HttpRequest): HttpRequest {
      const { url, body = '' } = request;
      if (!url.includes('token')) return request;
      for (const token of revoked) {
        if (!carries({ url, body }, token)) continue;
        return parts.hopelessExchange(ownerOfRefreshToken.get(token)!, DEAD_TOKEN);
      }
      return request;
    },

    /** Takes note of what the marketplace answered. */
    answered(exchanged: string | undefined, response: HttpResponse): void {
      const tokens = tokensIn(response);
      const found = exchanged === undefined ? undefined : grants.get(exchanged);
      if (!tokens) return;
      secrets.add(tokens.accessToken);
      issued.set(tokens.accessToken, issued.size);
      if (!found || exchanged === undefined) return;
      if (tokens.refreshToken === undefined || tokens.refreshToken === found.refreshToken) return;
      secrets.add(tokens.refreshToken);
      found.refreshToken = tokens.refreshToken;
      forgetOld(ownerOfRefreshToken, exchanged);
      ownerOfRefreshToken.set(tokens.refreshToken, exchanged);
      parts.rotated(exchanged, tokens.refreshToken);
    },
  };
}

/** As it is, or as it is written in a URL. */
const carries = ({ url, body }: { url: string; body: string }, token: string): boolean =>
  [token, encodeURIComponent(token)].some((written) => body.includes(written) || url.includes(written));

/** most tokens of a connection that may still be on their way */
const KEPT_TOKENS = 6;

function forgetOld(owners: Map<string, string>, connectionId: string): void {
  const own = [...owners].filter(([, owner]) => owner === connectionId).map(([token]) => token);
  for (const token of own.slice(0, Math.max(0, own.length - KEPT_TOKENS))) owners.delete(token);
}

function tokensIn({
  status,
  body,
}: HttpResponse): { accessToken: string; refreshToken: string | undefined } | undefined {
  if (status !== 200 || !body.includes('access_token')) return undefined;
  type Told = { access_token?: string; refresh_token?: string };
  const json = JSON.parse(body) as Told & { data?: Told };
  const { access_token, refresh_token } = json.data?.access_token ? json.data : json;
  return access_token ? { accessToken: access_token, refreshToken: refresh_token } : undefined;
}

/** A refusal of the grant itself, in OAuth's words, or Lazada's, Shopee's, TikTok Shop's. */
export const refusesGrant = ({ body }: HttpResponse): boolean =>
  /invalid_grant|IllegalRefreshToken|Invalid refresh_token|refresh_token_expired|can not find related auth/.test(body);
