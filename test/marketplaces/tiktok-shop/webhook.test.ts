import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Delivery, WebhookReading } from '#marketplaces/marketplace.ts';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import notifications from '#test/vectors/tiktok-shop/notifications.json' with { type: 'json' };
import signatures from '#test/vectors/tiktok-shop/webhook-signatures.json' with { type: 'json' };
import { app, failureOf, NOW } from './support.ts';

type SignatureVector = { name: string; verified: boolean; headers: Record<string, string>; body?: string };
type NotificationVector = { name: string; body: string; reading: Omit<WebhookReading, 'occurredAt'> | null };

const { webhook } = tiktokShop;
const vectors = signatures.vectors as SignatureVector[];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function deliver({ headers, body = signatures.body }: Pick<SignatureVector, 'headers' | 'body'>): Delivery {
  return { method: 'POST', url: app.webhookUrl, query: {}, headers, body: bytes(body), receivedAt: NOW };
}

for (const vector of vectors) {
  test(`a delivery with ${vector.name} is ${vector.verified ? 'taken' : 'refused'}`, () => {
    assert.equal(webhook.verify(app, deliver(vector)).verified, vector.verified);
  });
}

test('while the app secret is replaced, the one before it still verifies, and without it no more', () => {
  const delivery = deliver({ headers: { authorization: signatures.formerSignature } });
  assert.equal(webhook.verify(app, delivery).verified, false);
  const rolling = { ...app, formerAppSecret: signatures.formerAppSecret };
  assert.equal(webhook.verify(rolling, delivery).verified, true);
  assert.equal(webhook.verify(rolling, deliver(vectors[0]!)).verified, true);
});

test('any changed byte is refused, and any body signed as it stands is taken', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (signed, at, change) => {
        const authorization = createHmac('sha256', app.appSecret).update(app.appKey).update(signed).digest('hex');
        const delivery = deliver({ headers: { authorization } });
        assert.equal(webhook.verify(app, { ...delivery, body: signed }).verified, true);
        const changed = signed.slice();
        changed[at % signed.length]! ^= change;
        assert.equal(webhook.verify(app, { ...delivery, body: changed }).verified, false);
      },
    ),
    { numRuns: 50 },
  );
});

test('no reason for a refusal quotes the signature or the secret', () => {
  for (const vector of vectors) {
    const verdict = webhook.verify(app, deliver(vector));
    if (verdict.verified) continue;
    for (const secret of [app.appSecret, ...Object.values(vector.headers)]) {
      assert.ok(secret === '' || !verdict.reason.includes(secret));
    }
  }
});

for (const { name, body, reading } of notifications as NotificationVector[]) {
  test(`notification: ${name}`, () => {
    const read = () => webhook.read(bytes(body));
    if (reading) return assert.deepEqual(read(), { occurredAt: undefined, ...reading });
    const failure = failureOf(read);
    assert.deepEqual([failure.kind, failure.code], ['permanent', 'unreadable-notification']);
  });
}

test('a body that is not UTF-8 is a permanent failure', () => {
  assert.equal(failureOf(() => webhook.read(Uint8Array.of(0x7b, 0xff, 0x7d))).kind, 'permanent');
});

test('without an id a resend has the key of what it resends, and another change another', () => {
  const keyOf = (updateTime: number): string =>
    webhook.read(bytes(JSON.stringify({ type: 3, data: { order_id: '1', update_time: updateTime } }))).deduplicationKey;
  assert.equal(keyOf(1), keyOf(1));
  assert.notEqual(keyOf(1), keyOf(2));
});

test('a reading holds nothing of the order but its id', () => {
  const body = JSON.stringify({ type: 1, shop_id: '1', data: { order_id: '2', recipient: { name: 'Ada Example' } } });
  assert.doesNotMatch(JSON.stringify(webhook.read(bytes(body))), /Ada/);
});

test('no failure to read quotes the body', () => {
  const body = JSON.stringify({ type: 'Ada Example', data: { order_id: 'Ada Example' } });
  assert.doesNotMatch(failureOf(() => webhook.read(bytes(body))).message, /Ada/);
});
