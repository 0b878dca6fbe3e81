import { createHmac } from 'node:crypto';
import type { CallContext } from '#marketplaces/marketplace.ts';
import type { ShopeeApp } from './app.ts';

/**
 * What a call is signed for. Without `access` it is a public call (tokens, the consent link); with it a shop's or a
 * merchant's, which differ only in whose id it is.
 */
export type Signed = {
  partnerId: string;
  /** from `/api/v2/` on, without host and query */
  path: string;
  /** seconds since 1970, as sent */
  timestamp: number;
  access?: { accessToken: string; accountId: string };
};

/** The text under a call's signature. Neither the call's own parameters nor its body are in it. */
export function baseString({ partnerId, path, timestamp, access }: Signed): string {
  return `${partnerId}${path}${timestamp}${access ? access.accessToken + access.accountId : ''}`;
}

/** HMAC-SHA256 in lower-case hex, keyed with the key's text as it stands. */
export function hmacHex(key: string, ...parts: (string | Uint8Array)[]): string {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

/** The signed query of a public call, open for more parameters. */
export function publicQuery(app: ShopeeApp, path: string, now: number): URLSearchParams {
  return signedQuery(app.partnerKey, { partnerId: app.partnerId, path, timestamp: toSeconds(now) });
}

/** The signed query of a call for a shop, open for more parameters. */
export function shopQuery(
  { app, connection, accessToken, now }: CallContext<ShopeeApp>,
  path: string,
): URLSearchParams {
  const access = { accessToken, accountId: connection.sellerId };
  const query = signedQuery(app.partnerKey, { partnerId: app.partnerId, path, timestamp: toSeconds(now), access });
  query.set('access_token', accessToken);
  query.set('shop_id', connection.sellerId);
  return query;
}

function signedQuery(partnerKey: string, signed: Signed): URLSearchParams {
  return new URLSearchParams({
    partner_id: signed.partnerId,
    timestamp: String(signed.timestamp),
    sign: hmacHex(partnerKey, baseString(signed)),
  });
}

/** Shopee counts whole seconds. */
export function toSeconds(epochMs: number): number {
  return Math.floor(epochMs / 1000);
}
