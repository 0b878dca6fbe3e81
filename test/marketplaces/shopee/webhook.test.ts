import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Delivery } from '#marketplaces/marketplace.ts';
import { shopee } from '#marketplaces/shopee/index.ts';
import { Failure } from '#platform/runtime/failure.ts';
import handshakes from '#test/vectors/shopee/push-handshakes.json' with { type: 'json' };
import readings from '#test/vectors/shopee/push-readings.json' with { type: 'json' };
import signatures from '#test/vectors/shopee/push-signatures.json' with { type: 'json' };
import { app, NOW } from './app.ts';

const { webhook } = shopee;

function delivery(body: string | Uint8Array, authorization: string | null): Delivery {
  return {
    method: 'POST',
    // A proxy may have changed it; what was signed is the URL as saved in the console.
    url: 'http://10.0.0.7:4600/webhooks/shopee',
    query: {},
    headers: authorization === null ? {} : { authorization },
    body: Buffer.from(body as string),
    receivedAt: NOW,
  };
}

for (const { name, body, authorization, verified } of signatures.cases) {
  for (const pushSignature of ['url-and-body', 'any'] as const) {
    const accepted = verified[pushSignature];
    test(`${pushSignature}: ${name} is ${accepted ? 'accepted' : 'refused'}`, () => {
      assert.equal(webhook.verify({ ...app, pushSignature }, delivery(body, authorization)).verified, accepted);
    });
  }
}

test('no single changed bit of a signed push is accepted', () => {
  const [first] = signatures.cases;
  assert.ok(first);
  const body = Buffer.from(first.body);
  for (let index = 0; index < body.length; index++) {
    const changed = Uint8Array.from(body);
    changed[index]! ^= 1;
    assert.equal(webhook.verify(app, delivery(changed, first.authorization)).verified, false, `byte ${index}`);
  }
});

test('a push signed with the partner key before is accepted only where any signature may be', () => {
  const other = signatures.cases.find(({ verified }) => verified.any && !verified['url-and-body'])!;
  const rolled = { ...app, partnerKey: 'a-new-partner-key', pushPartnerKeys: ['a-new-push-key'] };
  const signedBy = [app.partnerKey, ...app.pushPartnerKeys];
  const accepted = (pushSignature: 'any' | 'url-and-body') =>
    signedBy.some(
      (formerPartnerKey) =>
        webhook.verify({ ...rolled, formerPartnerKey, pushSignature }, delivery(other.body, other.authorization))
          .verified,
    );
  assert.deepEqual([accepted('any'), accepted('url-and-body')], [true, false]);
});

test('whatever arrives, verify and handshake answer, and read gives a reading or a permanent failure', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (body, authorization) => {
      assert.equal(webhook.verify(app, delivery(body, authorization)).verified, false);
      assert.equal(webhook.handshake?.(app, delivery(body, null)), undefined);
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
      try {
        webhook.read(Buffer.from(body));
      } catch (thrown) {
        assert.ok(thrown instanceof Failure && thrown.kind === 'permanent');
      }
    }),
    { numRuns: 200 },
  );
});

for (const { name, body, reading } of readings) {
  test(`${name} is ${reading ? 'read' : 'a permanent failure'}`, () => {
    if (reading) {
      return assert.deepEqual(webhook.read(Buffer.from(body)), { occurredAt: undefined, ...reading });
    }
    assert.throws(
      () => webhook.read(Buffer.from(body)),
      (thrown) => thrown instanceof Failure && thrown.kind === 'permanent' && thrown.code === 'unreadable-webhook',
    );
  });
}

for (const { name, method, body, answered } of handshakes) {
  test(`${name} is ${answered ? 'answered 2xx with an empty body' : 'no handshake'}`, () => {
    const answer = webhook.handshake?.(app, { ...delivery(body, null), method });
    assert.deepEqual(answer, answered ? { status: 200, headers: {}, body: '' } : undefined);
  });
}
