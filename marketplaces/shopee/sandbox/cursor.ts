import { createHmac } from 'node:crypto';
import type { Place } from './order-index.ts';

/** No secret: it only makes sure that nobody builds a cursor or uses it with another list than its own. */
const KEY = 'sandbox-shopee-cursor';
const TAG_LENGTH = 16;

/** An opaque cursor that goes on at `place` in one `list` (shop, window and filter). */
export function writeCursor(list: string, place: Place): string {
  const position = Buffer.from(`${place.at} ${place.orderId}`).toString('base64url');
  return `${position}.${tag(list, position)}`;
}

/** The place of a cursor; undefined: not one of this list. */
export function readCursor(list: string, cursor: string): Place | undefined {
  const [position = '', signature] = cursor.split('.');
  if (signature !== tag(list, position)) return undefined;
  const [at, orderId = ''] = Buffer.from(position, 'base64url').toString().split(' ');
  return { at: Number(at), orderId };
}

function tag(list: string, position: string): string {
  return createHmac('sha256', KEY).update(`${list}|${position}`).digest('hex').slice(0, TAG_LENGTH);
}
