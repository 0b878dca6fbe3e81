import { createHmac } from 'node:crypto';
import type { Refusal } from './answers.ts';
import { PARTNER_ID, PARTNER_KEY, PUSH_PARTNER_KEY } from './registration.ts';

/** how long a signed request or consent link is good, s (Shopee API reference, common parameter `timestamp`) */
const TIMESTAMP_VALIDITY_SECONDS = 300;

/** `shop` signs the access token and the shop id too; `public` is for tokens, consent and push settings. */
export type ApiKind = 'public' | 'shop';

type Query = Record<string, string | undefined>;

/** The part of a path that is signed: from /api/v2/ on, wherever the sandbox is mounted. */
export function signedPath(path: string): string {
  return path.slice(Math.max(0, path.indexOf('/api/v2/')));
}

/** The signature that a request must carry. */
export function requestSignature(path: string, query: Query, kind: ApiKind): string {
  const subject = kind === 'shop' ? `${query.access_token ?? ''}${query.shop_id ?? ''}` : '';
  return hmac(PARTNER_KEY, `${query.partner_id}${signedPath(path)}${query.timestamp}${subject}`);
}

/** The `Authorization` header of a push. */
export function pushSignature(callbackUrl: string, body: string): string {
  return hmac(PUSH_PARTNER_KEY, `${callbackUrl}|${body}`);
}

/** Checks partner id, timestamp and sign, in that order; undefined: the request is this app's and is fresh. */
export function refuseUnsigned(path: string, query: Query, now: number, kind: ApiKind): Refusal | undefined {
  if (!query.partner_id) return wrong('There is no partner_id in query.');
  if (!isCount(query.partner_id)) return wrong('Invalid partner_id.');
  if (query.partner_id !== String(PARTNER_ID)) {
    return { error: 'invalid_partner_id', message: 'Invalid partner_id, please have a check.' };
  }
  if (!query.timestamp) return wrong('no timestamp');
  if (!isCount(query.timestamp)) return wrong('Invalid timestamp');
  const ageSeconds = Math.floor(now / 1000) - Number(query.timestamp);
  // A timestamp from the future is refused alike: else a signature could be made to last for ever.
  if (Math.abs(ageSeconds) > TIMESTAMP_VALIDITY_SECONDS) return wrong('Timestamp is expired.');
  if (!query.sign) return wrong('There is no sign in query.');
  if (query.sign !== requestSignature(path, query, kind)) return { error: 'error_sign', message: 'Wrong sign.' };
  return undefined;
}

function wrong(message: string): Refusal {
  return { error: 'error_param', message };
}

/** Shopee takes integers from 0 to 4294967295 here. */
function isCount(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('hex');
}
