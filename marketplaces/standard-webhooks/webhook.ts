import { createHmac, createPublicKey, hash, timingSafeEqual, verify as verifySignature } from 'node:crypto';
import { z } from 'zod';
import type { Delivery, Verdict, Webhook, WebhookReading } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { StandardWebhooksApp } from './app.ts';

/** The same for every resend of one message. Without dots, which part what is signed. */
const ID = /^[!-\-/-~]{1,256}$/;
/** seconds since 1970 */
const TIMESTAMP = /^\d{1,12}$/;
/** how far a delivery's time of sending may be from ours, either way, ms; the reference libraries' tolerance, 5 min */
const TOLERANCE_MS = 300_000;
/** most signatures of one delivery that are looked at, ours: a sender that rolls its key sends two */
const MAX_SIGNATURES = 16;

/** what a message's type looks like, by the specification; a hyphen besides */
const type = z.string().regex(/^[\w.-]{1,128}$/);
/** longest id of a connection or an order, and most orders of one message, ours */
const MAX_ID_LENGTH = 200;
const MAX_ORDERS = 100;
/** for a message that names no type: the specification only advises to */
const UNTYPED = 'untyped';

/** What our side understands of `data`, by our own ids: which orders to read. */
const hint = z.looseObject({
  connectionId: z.string().min(1).max(MAX_ID_LENGTH),
  orderIds: z.array(z.string().min(1).max(MAX_ID_LENGTH)).max(MAX_ORDERS).default([]),
});

const message = z.looseObject({
  type: type.catch(UNTYPED),
  data: hint.optional().catch(undefined),
  timestamp: z.iso
    .datetime({ offset: true })
    .transform((text): number | undefined => Date.parse(text))
    .catch(undefined),
});

/** Standard Webhooks 1.0.0: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const webhook: Webhook<StandardWebhooksApp> = { verify, read };

/**
 * A signature of any kind that we have a key for is enough: a sender that rolls its key signs with both. `v1` is
 * HMAC-SHA256, `v1a` Ed25519; versions to come are passed over.
 */
function verify(app: StandardWebhooksApp, { url, headers, body, receivedAt }: Delivery): Verdict {
  const sender = new URL(url).pathname.split('/').at(-1) ?? '';
  const keys = Object.hasOwn(app, sender) ? app[sender] : undefined;
  if (!keys) return { verified: false, reason: 'the URL names no sender that is registered' };
  const id = headers['webhook-id'] ?? '';
  const timestamp = headers['webhook-timestamp'] ?? '';
  const signatures = (headers['webhook-signature'] ?? '').split(' ').slice(0, MAX_SIGNATURES);
  if (!ID.test(id)) return { verified: false, reason: 'webhook-id is absent or no id' };
  if (!TIMESTAMP.test(timestamp)) return { verified: false, reason: 'webhook-timestamp is absent or no time' };
  if (Math.abs(receivedAt - Number(timestamp) * 1000) > TOLERANCE_MS) {
    return { verified: false, reason: 'webhook-timestamp is too old or too far ahead' };
  }
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const secrets = [keys.secret, keys.formerSecret].flatMap((secret) => secret ?? []);
  const publicKeys = [keys.publicKey, keys.formerPublicKey].flatMap((key) => key ?? []);
  // `filter`, not `some`: everything is tried, so the time tells nothing about which one fits.
  const fitting = signatures.filter((written) => {
    const [, version, base64 = ''] = /^(v1a?),([A-Za-z0-9+/]+={0,2})$/.exec(written) ?? [];
    const signature = Buffer.from(base64, 'base64');
    // One signature, one way to write it.
    if (version === undefined || signature.toString('base64') !== base64) return false;
    return version === 'v1'
      ? secrets.filter((secret) => isHmac(signature, secret, signed)).length > 0
      : publicKeys.filter((key) => verifySignature(null, signed, toKey(key), signature)).length > 0;
  });
  return fitting.length > 0 ? { verified: true } : { verified: false, reason: 'no signature fits a key of ours' };
}

function isHmac(signature: Buffer, secret: Buffer, signed: Buffer): boolean {
  const expected = createHmac('sha256', secret).update(signed).digest();
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

const toKey = (bytes: Buffer) =>
  createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') } });

function read(body: Uint8Array, headers?: Delivery['headers']): WebhookReading {
  const { success, data } = message.safeParse(parse(body));
  if (!success) {
    throw new Failure('permanent', 'the message is no JSON object in UTF-8', { code: 'unreadable-notification' });
  }
  return {
    topic: data.type,
    sellerId: null,
    // The body besides, since two senders may use the same ids.
    deduplicationKey: `${headers?.['webhook-id'] ?? ''} ${hash('sha256', body)}`,
    connectionId: data.data?.connectionId,
    orderIds: data.data?.orderIds ?? [],
    occurredAt: data.timestamp,
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes the body, so it goes no further.
    return undefined;
  }
}
