import { createPublicKey, hash, verify as verifySignature } from 'node:crypto';
import { z } from 'zod';
import type { Delivery, Webhook, WebhookReading } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { readAnswer } from './answer.ts';
import type { EbayApp } from './app.ts';
import { apiCall } from './request.ts';
import {
  AUTHORIZATION_REVOCATION,
  MARKETPLACE_ACCOUNT_DELETION,
  ORDER_CONFIRMATION,
  subscribe,
} from './subscription.ts';

/** Longest signature header that is decoded, characters, ours: a real one has about 300. */
const MAX_SIGNATURE_HEADER_LENGTH = 2_048;
/** Longest challenge code that is answered, characters, ours: a real one has 36 to 64. */
const MAX_CHALLENGE_LENGTH = 512;

/** Longest id or topic that is taken from a notification, characters, ours: the longest seen has 73. */
const MAX_ID_LENGTH = 256;

/** Digests that eBay's event notification SDKs name, and no weaker one that a sender might ask for. */
const DIGESTS = { SHA1: 'sha1', SHA256: 'sha256' } as const;

/** The key id is untrusted and becomes part of a URL; real ones are UUIDs. */
const signatureHeader = z.object({
  kid: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  signature: z.base64().min(1),
  digest: z.enum(['SHA1', 'SHA256']),
});

const publicKeyAnswer = z.object({ key: z.string(), algorithm: z.literal('ECDSA') });

const id = z.string().min(1).max(MAX_ID_LENGTH);
const envelope = z.object({
  metadata: z.object({ topic: id }),
  notification: z.object({
    notificationId: id,
    eventDate: z.string().optional(),
    data: z.unknown(),
  }),
});
const orderConfirmation = z.object({
  user: z.object({ userId: id.optional() }).nullish(),
  order: z.object({ orderId: id }),
});
const account = z.object({ userId: id });
/** Orders name a buyer by `username` alone, which for some is the user id. */
const deletedAccount = account.extend({ username: id.nullish(), eiasToken: id.nullish() });

/** https://developer.ebay.com/api-docs/commerce/notification/overview.html, and eBay/event-notification-nodejs-sdk */
export const webhook: Webhook<EbayApp> = {
  handshake(app, delivery) {
    const challengeCode = delivery.query.challenge_code;
    if (delivery.method !== 'GET' || !challengeCode || challengeCode.length > MAX_CHALLENGE_LENGTH) return undefined;
    const challengeResponse = hash('sha256', challengeCode + app.verificationToken + app.webhookUrl);
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ challengeResponse }),
    };
  },

  publicKey: {
    keyId(delivery) {
      return readSignatureHeader(delivery)?.kid;
    },

    keyCall(app, { keyId, accessToken }) {
      const url = `${app.apiUrl}/commerce/notification/v1/public_key/${encodeURIComponent(keyId)}`;
      return apiCall('getPublicKey', { accessToken, url });
    },

    readKey(response) {
      const { key } = readAnswer(response, publicKeyAnswer, 'public key');
      const pem = toPem(key);
      if (pem === undefined) {
        throw new Failure('retryable', "eBay's public key is no P-256 key", { code: 'unreadable-answer' });
      }
      return pem;
    },
  },

  verify(_app, delivery, publicKey) {
    if (!delivery.headers['x-ebay-signature']) return { verified: false, reason: 'signature-missing' };
    const header = readSignatureHeader(delivery);
    if (!header) return { verified: false, reason: 'signature-malformed' };
    const pem = publicKey === undefined ? undefined : toPem(publicKey);
    if (pem === undefined) return { verified: false, reason: 'public-key-unusable' };

    const signature = Buffer.from(header.signature, 'base64');
    const signs = (body: Uint8Array): boolean => verifySignature(DIGESTS[header.digest], body, pem, signature);
    if (signs(delivery.body)) return { verified: true };
    // eBay's own SDKs verify the re-serialized JSON. It equals what eBay sends now; should eBay ever send it spaced, the
    // signature is over the compact form, and `read` sees the same values in both.
    const compact = compactJson(delivery.body);
    if (compact !== undefined && signs(compact)) return { verified: true };
    return { verified: false, reason: 'signature-mismatch' };
  },

  read,
  subscribe,
};

/**
 * Reads a verified notification. `sellerId` is null for an ORDER_CONFIRMATION without its `user` block (seen): no
 * connection is known for it, and the poll finds the order.
 */
function read(body: Uint8Array): WebhookReading {
  const { metadata, notification } = parse(parseJson(body), envelope);
  const { topic } = metadata;
  const occurredAt = Date.parse(notification.eventDate ?? '');
  const reading: WebhookReading = {
    topic,
    sellerId: null,
    // A resend keeps this id; its publishDate and publishAttemptCount change, so a hash of the body would not do.
    deduplicationKey: notification.notificationId,
    orderIds: [],
    occurredAt: Number.isNaN(occurredAt) ? undefined : occurredAt,
  };
  if (topic === ORDER_CONFIRMATION) {
    const { user, order } = parse(notification.data, orderConfirmation);
    return { ...reading, sellerId: user?.userId ?? null, orderIds: [order.orderId] };
  }
  if (topic === AUTHORIZATION_REVOCATION) {
    return { ...reading, sellerId: parse(notification.data, account).userId };
  }
  if (topic === MARKETPLACE_ACCOUNT_DELETION) {
    const { username, userId, eiasToken } = parse(notification.data, deletedAccount);
    return { ...reading, erasure: { buyerAccounts: [username, userId, eiasToken].flatMap((name) => name ?? []) } };
  }
  return reading;
}

function parse<T>(value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Failure('permanent', 'an eBay notification has another shape than documented', {
    code: 'unreadable-delivery',
  });
}

function readSignatureHeader(delivery: Delivery): z.infer<typeof signatureHeader> | undefined {
  const header = delivery.headers['x-ebay-signature'];
  if (!header || header.length > MAX_SIGNATURE_HEADER_LENGTH) return undefined;
  return signatureHeader.safeParse(parseJson(Buffer.from(header, 'base64'))).data;
}

/** eBay sends PEM on one line, and tests use bare base64; undefined if it is no key that eBay could sign with. */
function toPem(key: string): string | undefined {
  try {
    const der = Buffer.from(key.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, ''), 'base64');
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    return publicKey.export({ format: 'pem', type: 'spki' }).toString();
  } catch {
    return undefined;
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function compactJson(bytes: Uint8Array): Uint8Array | undefined {
  const value = parseJson(bytes);
  if (value === undefined) return undefined;
  try {
    return Buffer.from(JSON.stringify(value));
  } catch {
    return undefined; // nested more deeply than can be written, which is nothing that eBay signed
  }
}
