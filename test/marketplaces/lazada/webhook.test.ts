import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { lazada } from '#marketplaces/lazada/index.ts';
import type { Delivery, WebhookReading } from '#marketplaces/marketplace.ts';
import signatures from '#test/vectors/lazada/push-signatures.json' with { type: 'json' };
import pushes from '#test/vectors/lazada/pushes.json' with { type: 'json' };
import { app, failureOf, NOW } from './support.ts';

type SignatureVector = { name: string; verified: boolean; headers: Record<string, string>; body?: string };
type PushVector = {
  name: string;
  body: string;
  reading: Omit<WebhookReading, 'occurredAt' | 'deduplicationKey'> | null;
};

const { webhook } = lazada;
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

for (const { name, body, reading } of pushes as PushVector[]) {
  test(`push: ${name}`, () => {
    const read = () => webhook.read(bytes(body));
    if (!reading) {
      const failure = failureOf(read);
      return assert.deepEqual([failure.kind, failure.code], ['permanent', 'unreadable-push']);
    }
    const { deduplicationKey, ...rest } = read();
    assert.deepEqual(rest, { occurredAt: undefined, ...reading });
    assert.match(deduplicationKey, /^[0-9a-f]{64}$/);
  });
}

test('a body that is not UTF-8 is a permanent failure', () => {
  assert.equal(failureOf(() => webhook.read(Uint8Array.of(0x7b, 0xff, 0x7d))).kind, 'permanent');
});

const UNIT = {
  order_status: 'unpaid',
  trade_order_id: '260422900198363',
  trade_order_line_id: '260422900298363',
  status_update_time: 1764547190,
};
const keyOf = (data: object, envelope: object = {}): string =>
  webhook.read(bytes(JSON.stringify({ seller_id: '1', message_type: 0, data, timestamp: 1764547200, ...envelope })))
    .deduplicationKey;

test('a resend has the key of what it resends, even under a new time of its envelope', () => {
  assert.equal(keyOf(UNIT), keyOf(UNIT, { timestamp: 1764549000 }));
});

test('another unit, status, time, seller, site or topic is another push', () => {
  const keys = [
    keyOf(UNIT),
    keyOf({ ...UNIT, trade_order_line_id: '260422900298364' }),
    keyOf({ ...UNIT, order_status: 'pending' }),
    keyOf({ ...UNIT, status_update_time: 1764547191 }),
    keyOf({ ...UNIT, reverse_order_id: '1' }),
    keyOf(UNIT, { seller_id: '2' }),
    keyOf(UNIT, { site: 'lazada_my' }),
    keyOf(UNIT, { message_type: 14 }),
    keyOf({ ...UNIT, status_update_time: undefined }),
    keyOf({ ...UNIT, status_update_time: undefined }, { timestamp: 1764547201 }),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

test('a reading holds nothing of the order but its id', () => {
  const body = JSON.stringify({ seller_id: '1', message_type: 0, data: { ...UNIT, buyer_id: 'Ada', name: 'Ada' } });
  assert.doesNotMatch(JSON.stringify(webhook.read(bytes(body))), /Ada/);
});

test('no failure to read quotes the body', () => {
  const body = JSON.stringify({ message_type: 'Ada Example', data: { trade_order_id: 'Ada Example' } });
  assert.doesNotMatch(failureOf(() => webhook.read(bytes(body))).message, /Ada/);
});
