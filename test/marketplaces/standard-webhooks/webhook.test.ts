import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Delivery } from '#marketplaces/marketplace.ts';
import { standardWebhooks } from '#marketplaces/standard-webhooks/index.ts';
import { webhook } from '#marketplaces/standard-webhooks/webhook.ts';
import { Failure } from '#platform/runtime/failure.ts';
import vectors from '#test/vectors/standard-webhooks/signatures.json' with { type: 'json' };

type Vector = {
  name: string;
  app: Record<string, string>;
  headers: Record<string, string>;
  body: string;
  ageSeconds: number;
  verified: boolean;
};

/** the timestamp of a vector that has none of its own */
const REFERENCE_SECONDS = 1_614_265_330;
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function deliver({ headers, body, ageSeconds }: Pick<Vector, 'headers' | 'body' | 'ageSeconds'>): Delivery {
  const sentAtSeconds = Number.parseInt(headers['webhook-timestamp'] ?? String(REFERENCE_SECONDS), 10);
  const receivedAt = (sentAtSeconds + ageSeconds) * 1000;
  return {
    method: 'POST',
    url: 'https://sluice.example/webhooks/standard-webhooks/erp',
    query: {},
    headers,
    body: bytes(body),
    receivedAt,
  };
}

for (const vector of vectors as Vector[]) {
  test(`a delivery with ${vector.name} is ${vector.verified ? 'taken' : 'refused'}`, () => {
    const app = standardWebhooks.appSchema.parse({ erp: vector.app });
    const verdict = webhook.verify(app, deliver(vector));
    assert.equal(verdict.verified, vector.verified);
    for (const word of [...Object.values(vector.app), ...Object.values(vector.headers)]) {
      assert.ok(verdict.verified || word === '' || !verdict.reason.includes(word), 'a refusal quotes nothing');
    }
  });
}

test('any changed byte is refused, and any body signed as it stands is taken', () => {
  const app = standardWebhooks.appSchema.parse({ erp: { secret: SECRET } });
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  const anyBody = fc.uint8Array({ minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(anyBody, fc.nat(), fc.integer({ min: 1, max: 255 }), (body, at, change) => {
      const signature = createHmac('sha256', key).update(`m1.${REFERENCE_SECONDS}.`).update(body).digest('base64');
      const headers = {
        'webhook-id': 'm1',
        'webhook-timestamp': String(REFERENCE_SECONDS),
        'webhook-signature': `v1,${signature}`,
      };
      const delivery = deliver({ headers, body: '', ageSeconds: 0 });
      assert.equal(webhook.verify(app, { ...delivery, body }).verified, true);
      const changed = body.slice();
      changed[at % body.length]! ^= change;
      assert.equal(webhook.verify(app, { ...delivery, body: changed }).verified, false);
    }),
    { numRuns: 50 },
  );
});

test('headers of garbage are refused and throw nothing', () => {
  const { app, headers, body } = (vectors as Vector[])[2]!;
  for (const name of Object.keys(headers)) {
    for (const value of ['', ' ', 'v1a,', 'v1a,AAAA', 'é', '\0', '-1', '9'.repeat(400), 'A'.repeat(100_000)]) {
      const delivery = deliver({ headers, body, ageSeconds: 0 });
      const changed = { ...delivery, headers: { ...headers, [name]: value } };
      assert.equal(webhook.verify(standardWebhooks.appSchema.parse({ erp: app }), changed).verified, false);
    }
  }
});

test('a registration without a key, or with one of another length, is refused', () => {
  const key = (prefix: string, length: number): string => prefix + Buffer.alloc(length, 7).toString('base64');
  for (const wrong of [
    {},
    { secret: '' },
    { secret: 'whsec_' },
    { secret: key('whsec_', 23) },
    { secret: key('whsec_', 65) },
    { secret: `${SECRET}*` },
    { secret: SECRET, formerSecret: '' },
    { formerSecret: SECRET },
    { publicKey: key('whpk_', 31) },
    { publicKey: key('whsec_', 32) },
  ]) {
    assert.equal(standardWebhooks.appSchema.safeParse({ erp: wrong }).success, false, JSON.stringify(wrong));
  }
  for (const right of [{ secret: key('whsec_', 24) }, { secret: key('whsec_', 64) }, { publicKey: key('whpk_', 32) }]) {
    assert.equal(standardWebhooks.appSchema.safeParse({ erp: right }).success, true, JSON.stringify(right));
  }
});

test('a message is read by its type and its time, and its key is its id, whenever it is sent again', () => {
  const body = bytes('{"type":"invoice.paid","timestamp":"2026-11-24T06:00:00.120Z","data":{"name":"Ada Example"}}');
  assert.deepEqual(webhook.read(body, { 'webhook-id': 'msg_1', 'webhook-timestamp': '1' }), {
    topic: 'invoice.paid',
    sellerId: null,
    deduplicationKey: `msg_1 ${createHash('sha256').update(body).digest('hex')}`,
    connectionId: undefined,
    orderIds: [],
    occurredAt: Date.parse('2026-11-24T06:00:00.120Z'),
  });
});

test('a message without type, time and id is read all the same, and two of them have two keys', () => {
  const [first, second] = [webhook.read(bytes('{"n":1}')), webhook.read(bytes('{"n":2,"type":"<b>","timestamp":7}'))];
  for (const { topic, occurredAt } of [first, second]) assert.deepEqual([topic, occurredAt], ['untyped', undefined]);
  assert.notEqual(first.deduplicationKey, second.deduplicationKey);
  assert.equal(first.deduplicationKey, webhook.read(bytes('{"n":1}')).deduplicationKey);
});

test('what is no JSON object in UTF-8 is a permanent failure that quotes nothing', () => {
  for (const body of [bytes(''), bytes('Ada'), bytes('["Ada"]'), bytes('{"name":"Ada"'), Uint8Array.of(0x7b, 0xff)]) {
    assert.throws(
      () => webhook.read(body),
      (thrown) => thrown instanceof Failure && thrown.kind === 'permanent' && !thrown.message.includes('Ada'),
    );
  }
});

test('a message may name orders of a connection by our own ids; what is no such naming is passed over', () => {
  const of = (data: unknown) => webhook.read(bytes(JSON.stringify({ type: 'order.moved', data })));
  const { connectionId, orderIds } = of({ connectionId: 'ebay-1', orderIds: ['01-1', '01-2'], more: true });
  assert.deepEqual([connectionId, orderIds], ['ebay-1', ['01-1', '01-2']]);
  for (const data of [undefined, null, 'ebay-1', { orderIds: ['1'] }, { connectionId: 'ebay-1', orderIds: [1] }]) {
    const reading = of(data);
    assert.deepEqual([reading.connectionId, reading.orderIds], [undefined, []], JSON.stringify(data));
  }
});

test('each sender has its own URL and its own keys', () => {
  const otherSecret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
  const app = standardWebhooks.appSchema.parse({ wms: { secret: otherSecret }, erp: { secret: SECRET } });
  const { headers, body } = (vectors as Vector[]).find(({ verified, app }) => verified && app.secret === SECRET)!;
  const toErp = deliver({ headers, body, ageSeconds: 0 });
  assert.equal(webhook.verify(app, toErp).verified, true);
  for (const path of ['wms', 'crm', '', 'constructor', '__proto__']) {
    const url = `https://sluice.example/webhooks/standard-webhooks/${path}`;
    assert.equal(webhook.verify(app, { ...toErp, url }).verified, false, path);
  }
});
