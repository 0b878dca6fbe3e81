import assert from 'node:assert/strict';
import { createHmac, hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Delivery, WebhookReading } from '#marketplaces/marketplace.ts';
import { walmart } from '#marketplaces/walmart/index.ts';
import notifications from '#test/vectors/walmart/notifications.json' with { type: 'json' };
import signatures from '#test/vectors/walmart/signatures.json' with { type: 'json' };
import { app, failureOf } from './support.ts';

type SignatureVector = {
  name: string;
  verified: boolean;
  headers: Record<string, string>;
  receivedAt: string;
  method?: string;
  url?: string;
  body?: string;
};
type NotificationVector = { name: string; body: string; reading: Omit<WebhookReading, 'occurredAt'> | null };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const body = bytes(signatures.body);
const hmac = (secret: string, text: Uint8Array): string => createHmac('sha256', secret).update(text).digest('base64');

function deliver(vector: Partial<SignatureVector>): Delivery {
  return {
    method: vector.method ?? 'POST',
    url: vector.url ?? signatures.url,
    query: {},
    headers: vector.headers ?? {},
    body: vector.body === undefined ? body : bytes(vector.body),
    receivedAt: Date.parse(vector.receivedAt ?? '2026-11-24T04:00:00.000Z'),
  };
}

for (const vector of signatures.vectors as SignatureVector[]) {
  test(`a delivery with ${vector.name} is ${vector.verified ? 'taken' : 'refused'}`, () => {
    assert.equal(walmart.webhook.verify(app, deliver(vector)).verified, vector.verified);
  });
}

test('the digest of the body, of which the form with a timestamp is made, is as published', () => {
  assert.equal(hash('sha256', body), signatures.bodySha256);
});

test('while a secret is replaced, the one before it still verifies, and without it no more', () => {
  const delivery = deliver({ headers: { 'wm_sec.signature': hmac('walmart-test-secret', body) } });
  const rolled = { ...app, webhookSecret: 'new-secret' };
  assert.equal(walmart.webhook.verify(rolled, delivery).verified, false);
  const rolling = { ...rolled, formerWebhookSecret: 'walmart-test-secret' };
  assert.equal(walmart.webhook.verify(rolling, delivery).verified, true);
});

test('any changed byte is refused, and any body signed as it stands is taken', () => {
  const anyBody = fc.uint8Array({ minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(anyBody, fc.nat(), fc.integer({ min: 1, max: 255 }), (signed, at, change) => {
      const headers = { 'wm_sec.signature': hmac(app.webhookSecret, signed) };
      assert.equal(walmart.webhook.verify(app, { ...deliver({ headers }), body: signed }).verified, true);
      const changed = signed.slice();
      changed[at % signed.length]! ^= change;
      assert.equal(walmart.webhook.verify(app, { ...deliver({ headers }), body: changed }).verified, false);
    }),
    { numRuns: 50 },
  );
});

test('no reason for a refusal quotes the signature or the secret', () => {
  for (const vector of signatures.vectors as SignatureVector[]) {
    const verdict = walmart.webhook.verify(app, deliver(vector));
    if (verdict.verified) continue;
    for (const secret of [app.webhookSecret, ...Object.values(vector.headers)]) {
      assert.ok(secret === '' || !verdict.reason.includes(secret));
    }
  }
});

for (const { name, body: text, reading } of notifications as NotificationVector[]) {
  test(`notification: ${name}`, () => {
    const read = () => walmart.webhook.read(bytes(text));
    if (reading) return assert.deepEqual(read(), { occurredAt: undefined, ...reading });
    const failure = failureOf(read);
    assert.deepEqual([failure.kind, failure.code], ['permanent', 'unreadable-notification']);
  });
}

test('a body that is not UTF-8 is a permanent failure', () => {
  assert.equal(failureOf(() => walmart.webhook.read(Uint8Array.of(0x7b, 0xff, 0x7d))).kind, 'permanent');
});

test('a resend has the key of what it resends, and another notification without an id another', () => {
  const keyOf = (text: string): string => walmart.webhook.read(bytes(text)).deduplicationKey;
  const without = (orderId: string): string =>
    JSON.stringify({ source: { eventType: 'ORDER_UPDATES' }, payload: { order: { purchaseOrderId: orderId } } });
  assert.equal(keyOf(signatures.body), keyOf(` ${signatures.body}`));
  assert.equal(keyOf(without('1')), keyOf(without('1')));
  assert.notEqual(keyOf(without('1')), keyOf(without('2')));
});

test('a reading holds nothing of the order but its id', () => {
  const text = JSON.stringify({
    source: { eventType: 'ORDER_UPDATES', eventId: 'e' },
    payload: {
      partnerId: '1',
      order: { purchaseOrderId: '2', shippingInfo: { postalAddress: { name: 'Ada Example' } } },
    },
  });
  assert.doesNotMatch(JSON.stringify(walmart.webhook.read(bytes(text))), /Ada/);
});
