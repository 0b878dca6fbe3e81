import { createHmac } from 'node:crypto';
import type { Place } from './order-index.ts';

/** No secret: it only makes sure that nobody builds a token or uses it with another list than its own. */
const KEY = 'sandbox-tiktok-shop-page-token';
const TAG_LENGTH = 16;

/** An opaque token that goes on behind `place` in one `list` (shop, order and filter). As TikTok Shop's, without a `=`. */
export function writePageToken(list: string, { at, orderId }: Place): string {
  return Buffer.from(`${at} ${orderId} ${tag(list, at, orderId)}`)
    .toString('base64')
    .replaceAll('=', '');
}

/** The place of a token; undefined: not one of this list. */
export function readPageToken(list: string, token: string): Place | undefined {
  const [at = '', orderId = '', signature] = Buffer.from(token, 'base64').toString().split(' ');
  return signature === tag(list, at, orderId) ? { at: Number(at), orderId } : undefined;
}

function tag(list: string, at: string | number, orderId: string): string {
  return createHmac('sha256', KEY).update(`${list}|${at}|${orderId}`).digest('hex').slice(0, TAG_LENGTH);
}
