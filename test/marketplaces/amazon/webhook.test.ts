import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { WebhookReading } from '#marketplaces/marketplace.ts';
import notifications from '#test/vectors/amazon/notifications.json' with { type: 'json' };
import { app, failureOf } from './support.ts';

type Vector = { name: string; body: string; reading?: Omit<WebhookReading, 'occurredAt'>; failure?: string };

const vectors = notifications as unknown as Vector[];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

for (const { name, body, reading, failure } of vectors) {
  test(`notification: ${name}`, () => {
    if (reading) {
      assert.deepEqual(amazon.webhook.read(bytes(body)), { occurredAt: undefined, ...reading });
      return;
    }
    const thrown = failureOf(() => amazon.webhook.read(bytes(body)));
    assert.deepEqual([thrown.kind, thrown.code], ['permanent', failure]);
  });
}

test('a body that is not UTF-8 is a permanent failure', () => {
  assert.equal(failureOf(() => amazon.webhook.read(Uint8Array.of(0x7b, 0xff, 0x7d))).kind, 'permanent');
});

test('the casing of keys changes nothing', () => {
  const { body, reading } = vectors[0]!;
  fc.assert(
    fc.property(fc.infiniteStream(fc.boolean()), (upper) => {
      const recased = body.replace(/"(\w+)":/g, (key) =>
        [...key].map((letter) => (upper.next().value ? letter.toUpperCase() : letter.toLowerCase())).join(''),
      );
      assert.deepEqual(amazon.webhook.read(bytes(recased)), reading);
    }),
    { numRuns: 50 },
  );
});

test('a reading holds nothing of the order but its id', () => {
  const reading = JSON.stringify(amazon.webhook.read(bytes(vectors[0]!.body)));
  assert.equal(reading.includes('48110'), false);
});

test('whatever comes over HTTP is refused, a true notification too', () => {
  const verdict = amazon.webhook.verify(app, {
    method: 'POST',
    url: 'https://sluice.example/webhooks/amazon',
    query: {},
    headers: { 'content-type': 'application/json' },
    body: bytes(vectors[0]!.body),
    receivedAt: 0,
  });
  assert.equal(verdict.verified, false);
});
