import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '#marketplaces/marketplace.ts';
import { webhook } from '#marketplaces/shopify/webhook.ts';
import deliveries from '#test/vectors/shopify/deliveries.json' with { type: 'json' };
import signatures from '#test/vectors/shopify/webhook-signatures.json' with { type: 'json' };
import { app, failureOf, NOW } from './support.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const SIGNATURE = 'x-shopify-hmac-sha256';
const [{ headers: good } = assert.fail()] = deliveries;

function delivery(headers: object, body: string | Uint8Array = signatures.body): Delivery {
  return {
    method: 'POST',
    url: 'https://sluice.example/webhooks/shopify',
    query: {},
    headers: headers as Record<string, string>,
    body: typeof body === 'string' ? bytes(body) : body,
    receivedAt: NOW,
  };
}
const read = (body: string | Uint8Array, headers: object = good) =>
  webhook.read(typeof body === 'string' ? bytes(body) : body, headers as Record<string, string>);

for (const { name, verified, headers, body } of signatures.vectors) {
  test(`delivery with ${name} is ${verified ? 'taken' : 'refused'}`, () => {
    assert.equal(webhook.verify(app, delivery(headers, body)).verified, verified);
  });
}

test('a delivery with one changed byte is refused, whichever byte it is', () => {
  const headers = signatures.vectors[0]!.headers;
  const body = bytes(signatures.body);
  for (let at = 0; at < body.length; at++) {
    const changed = Uint8Array.from(body);
    changed[at]! ^= 1 << (at % 8);
    assert.equal(webhook.verify(app, delivery(headers, changed)).verified, false, `byte ${at}`);
  }
});

test('in a roll, both secrets verify, and afterwards only the new one', () => {
  const { formerApiSecret, formerSignature } = signatures;
  const rolling = { ...app, formerApiSecret };
  for (const signature of [formerSignature, signatures.vectors[0]!.headers[SIGNATURE]!]) {
    assert.deepEqual(webhook.verify(rolling, delivery({ [SIGNATURE]: signature })), { verified: true });
  }
  assert.equal(webhook.verify(app, delivery({ [SIGNATURE]: formerSignature })).verified, false);
});

for (const { name, headers, body, reading } of deliveries) {
  test(`webhook: ${name}`, () => {
    if (reading) {
      return assert.deepEqual(read(body, headers), { ...reading, occurredAt: reading.occurredAt ?? undefined });
    }
    const failure = failureOf(() => read(body, headers));
    assert.deepEqual([failure.kind, failure.code], ['permanent', 'unreadable-notification']);
  });
}

test('a body that is not UTF-8, or nested without end, is a permanent failure', () => {
  for (const body of [Uint8Array.of(0x7b, 0xff, 0x7d), bytes('['.repeat(200_000)), bytes('{"id":'.repeat(9_000))]) {
    assert.equal(failureOf(() => read(body)).kind, 'permanent');
  }
});

test('a delivery without its headers is a permanent failure', () => {
  assert.equal(failureOf(() => webhook.read(bytes('{"id":1}'))).kind, 'permanent');
});

test('a resend has the key of what it resends, and another delivery another', () => {
  const other = { ...good, 'x-shopify-webhook-id': 'another' };
  assert.equal(read('{"id":1}').deduplicationKey, read('{"id":1}').deduplicationKey);
  assert.notEqual(read('{"id":1}', other).deduplicationKey, read('{"id":1}').deduplicationKey);
});

test('a reading holds nothing of a buyer, whatever the topic, but whom to erase', () => {
  for (const { headers, body, reading } of deliveries) {
    if (!reading) continue;
    const { erasure: _, dataRequest, ...rest } = read(body, headers);
    assert.doesNotMatch(JSON.stringify(rest), /ada|191167|299938|supertoys/i);
    assert.doesNotMatch(JSON.stringify(dataRequest ?? null), /ada|191167|supertoys/i);
  }
});

test('a wish to erase that can’t be read whole is refused, and not half done', () => {
  const headers = { ...good, 'x-shopify-topic': 'customers/redact' };
  for (const body of ['{"orders_to_redact":["Ada"]}', '{"orders_to_redact":3}', '{"customer":{"email":7}}']) {
    assert.equal(failureOf(() => read(body, headers)).kind, 'permanent');
  }
  assert.deepEqual(read('{"customer":{"email":null}}', headers).erasure, { buyerAccounts: [], orderIds: [] });
  const long = '{"orders_to_redact":[820982911946154508]}';
  assert.deepEqual(read(long, headers).erasure?.orderIds, ['820982911946154508']);
});

test('what the law wants erased is never read anew', () => {
  for (const topic of ['customers/redact', 'customers/data_request', 'shop/redact']) {
    const body = '{"id":1,"order_id":2,"orders_to_redact":[3],"orders_requested":[4]}';
    assert.deepEqual(read(body, { ...good, 'x-shopify-topic': topic }).orderIds, []);
  }
});

test('no failure to read quotes the delivery', () => {
  const headers = { ...good, 'x-shopify-shop-domain': 'Ada Example' };
  assert.doesNotMatch(failureOf(() => read('{"id":"Ada Example"}', headers)).message, /Ada/);
  assert.doesNotMatch(failureOf(() => read('{"id":"Ada Example"}')).message, /Ada/);
});
