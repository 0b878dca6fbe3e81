import { isUtf8 } from 'node:buffer';
import { hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Webhook } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { ShopeeApp } from './app.ts';
import { parseBody } from './body.ts';
import { missed } from './lost-pushes.ts';
import { readPush } from './push.ts';
import { hmacHex } from './sign.ts';
import { subscribe } from './subscription.ts';

/** Longest body that may be a URL check, bytes; own choice: seen ones are under 100. */
const MAX_HANDSHAKE_BYTES = 1_024;

const SIGNATURE = /^[0-9a-f]{64}$/;

const urlCheck = z.strictObject({ code: z.literal('0'), data: z.strictObject({ verify_info: z.string() }) });

export const webhook: Webhook<ShopeeApp> = {
  /**
   * Saving a push URL in the console sends a URL check, perhaps unsigned, to be answered 2xx within 3 s. As this runs
   * before `verify`, only a body of exactly the check's shape counts; anything more is a push and must be signed.
   */
  handshake(_app, { method, body }) {
    if (method !== 'POST' || body.length > MAX_HANDSHAKE_BYTES) return undefined;
    if (!Buffer.from(body.buffer, body.byteOffset, body.length).includes('verify_info')) return undefined;
    if (!urlCheck.safeParse(parseBytes(body)).success) return undefined;
    return { status: 200, headers: {}, body: '' };
  },

  /**
   * Shopee states no age at which a push is too old, and resends one hours later under the same timestamp, so
   * none is refused for its age: a replayed one has the same deduplication key, and at worst lets an order be read again.
   */
  verify(app, { headers, body }) {
    const given = headers.authorization;
    if (given === undefined) return { verified: false, reason: 'no authorization header' };
    if (!SIGNATURE.test(given)) return { verified: false, reason: 'authorization is not a hex SHA-256' };
    const signature = Buffer.from(given, 'hex');
    const lenient = app.pushSignature === 'any';
    const { pushPartnerKeys, partnerKey, formerPartnerKey } = app;
    const keys = lenient ? [...pushPartnerKeys, partnerKey, formerPartnerKey ?? []].flat() : pushPartnerKeys;
    const prefixes = lenient ? [`${app.webhookUrl}|`, ''] : [`${app.webhookUrl}|`];
    const candidates = keys.flatMap((key) => prefixes.map((prefix) => Buffer.from(hmacHex(key, prefix, body), 'hex')));
    // `filter`, not `some`: every candidate is compared, so the time tells nothing about which one fits.
    const verified = candidates.filter((candidate) => timingSafeEqual(candidate, signature)).length > 0;
    return verified ? { verified } : { verified, reason: 'the signature fits no push key' };
  },

  read(body) {
    const reading = readPush(parseBytes(body), hash('sha256', body));
    if (reading) return reading;
    throw new Failure('permanent', 'the push is not as documented', { code: 'unreadable-webhook' });
  },

  subscribe,
  subscriptionScope: 'app',
  missed,
};

/** Undefined if it is no UTF-8 or no JSON: replaced bytes would name another order. */
function parseBytes(body: Uint8Array): unknown {
  return isUtf8(body) ? parseBody(Buffer.from(body).toString()) : undefined;
}
