import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { ebayApp } from '#marketplaces/ebay/app.ts';
import { webhook } from '#marketplaces/ebay/webhook.ts';
import type { Delivery } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import registration from '#test/vectors/ebay/app.json' with { type: 'json' };
import challenges from '#test/vectors/ebay/challenge.json' with { type: 'json' };
import notifications from '#test/vectors/ebay/notifications.json' with { type: 'json' };
import vector from '#test/vectors/ebay/signature.json' with { type: 'json' };

const app = ebayApp.parse(registration);
const keyAnswer = (body: unknown) => ({ status: 200, headers: {}, body: JSON.stringify(body) });
const key = webhook.publicKey!.readKey(keyAnswer(vector.keyAnswer));

function delivery(body: string | Uint8Array, signature?: string): Delivery {
  return {
    method: 'POST',
    url: app.webhookUrl,
    query: {},
    headers: signature === undefined ? {} : { 'x-ebay-signature': signature },
    body: Buffer.from(body as string),
    receivedAt: 0,
  };
}

const encodeHeader = (fields: unknown): string => Buffer.from(JSON.stringify(fields)).toString('base64');
const fields = JSON.parse(Buffer.from(vector.header, 'base64').toString());

for (const challenge of challenges) {
  test(`the challenge is answered with its hash: ${challenge.name}`, () => {
    const { challengeCode, challengeResponse, ...registered } = challenge;
    const get = { ...delivery(''), method: 'GET', query: { challenge_code: challengeCode } };
    assert.deepEqual(webhook.handshake!({ ...app, ...registered }, get), {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: `{"challengeResponse":"${challengeResponse}"}`,
    });
  });
}

test('only a GET with a challenge code is a handshake', () => {
  const get = { ...delivery(''), method: 'GET' };
  assert.equal(webhook.handshake!(app, get), undefined);
  assert.equal(webhook.handshake!(app, { ...get, query: { challenge_code: '' } }), undefined);
  assert.equal(webhook.handshake!(app, { ...get, query: { challenge_code: 'x'.repeat(513) } }), undefined);
  assert.equal(webhook.handshake!(app, { ...get, method: 'POST', query: { challenge_code: 'abc123' } }), undefined);
});

test("eBay's published delivery is verified with its published key", () => {
  const published = delivery(vector.body, vector.header);
  assert.equal(webhook.publicKey!.keyId(published), vector.keyId);
  assert.deepEqual(webhook.verify(app, published, key), { verified: true });
  assert.deepEqual(webhook.verify(app, published, vector.bareKey), { verified: true });
});

test('a delivery with one changed byte is refused', () => {
  for (let index = 0; index < vector.body.length; index++) {
    const body = Buffer.from(vector.body);
    body[index]! ^= 1;
    assert.deepEqual(webhook.verify(app, delivery(body, vector.header), key), {
      verified: false,
      reason: 'signature-mismatch',
    });
  }
});

test('a signature is checked under the digest that its header names, and only SHA1 or SHA256', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const verdict = (digest: string, signedWith: string) => {
    const signature = sign(signedWith, Buffer.from(vector.body), pair.privateKey).toString('base64');
    return webhook.verify(app, delivery(vector.body, encodeHeader({ ...fields, signature, digest })), pem);
  };
  assert.deepEqual(verdict('SHA256', 'sha256'), { verified: true });
  assert.deepEqual(verdict('SHA1', 'sha1'), { verified: true });
  assert.deepEqual(verdict('SHA256', 'sha1'), { verified: false, reason: 'signature-mismatch' });
  assert.deepEqual(verdict('MD5', 'md5'), { verified: false, reason: 'signature-malformed' });
  assert.deepEqual(verdict('toString', 'sha1'), { verified: false, reason: 'signature-malformed' });
});

test('a body that was only spaced differently on its way is accepted', () => {
  const spaced = JSON.stringify(JSON.parse(vector.body), undefined, 2);
  assert.deepEqual(webhook.verify(app, delivery(spaced, vector.header), key), { verified: true });
});

test('a delivery without a signature, or without a key to check it, is refused', () => {
  const refused = (reason: string) => ({ verified: false, reason });
  assert.deepEqual(webhook.verify(app, delivery(vector.body), key), refused('signature-missing'));
  assert.deepEqual(webhook.verify(app, delivery(vector.body, ''), key), refused('signature-missing'));
  const published = delivery(vector.body, vector.header);
  assert.deepEqual(webhook.verify(app, published), refused('public-key-unusable'));
  assert.deepEqual(webhook.verify(app, published, 'no key'), refused('public-key-unusable'));
});

test('a malformed signature header is refused and names no key', () => {
  const malformed = [
    'not base64!',
    Buffer.from('no json').toString('base64'),
    Buffer.from([0xff, 0xfe, 0x7b]).toString('base64'),
    encodeHeader(null),
    encodeHeader([]),
    encodeHeader({}),
    encodeHeader({ ...fields, kid: undefined }),
    encodeHeader({ ...fields, kid: 7 }),
    encodeHeader({ ...fields, kid: '' }),
    encodeHeader({ ...fields, kid: '../../../sell/fulfillment/v1/order' }),
    encodeHeader({ ...fields, kid: 'a?b' }),
    encodeHeader({ ...fields, kid: `${vector.keyId}\n` }),
    encodeHeader({ ...fields, kid: 'a'.repeat(65) }),
    encodeHeader({ ...fields, signature: '' }),
    encodeHeader({ ...fields, signature: '***' }),
    encodeHeader({ ...fields, padding: 'x'.repeat(4_000) }),
  ];
  for (const header of malformed) {
    const bad = delivery(vector.body, header);
    assert.equal(webhook.publicKey!.keyId(bad), undefined, header);
    assert.deepEqual(webhook.verify(app, bad, key), { verified: false, reason: 'signature-malformed' }, header);
  }
});

test('no header and no body make verification throw', () => {
  const header = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.record({ kid: fc.constant('k'), signature: fc.base64String(), digest: fc.constant('SHA1') }).map(encodeHeader),
  );
  fc.assert(
    fc.property(header, fc.uint8Array(), (signature, body) => {
      assert.equal(webhook.verify(app, delivery(body, signature), key).verified, false);
    }),
  );
});

test('the public key is fetched with the app token', () => {
  const call = webhook.publicKey!.keyCall(app, { keyId: vector.keyId, accessToken: 'v^1.1#c', now: 0 });
  assert.deepEqual(call, {
    operation: 'getPublicKey',
    request: {
      method: 'GET',
      url: `https://api.ebay.com/commerce/notification/v1/public_key/${vector.keyId}`,
      headers: { authorization: 'Bearer v^1.1#c', accept: 'application/json' },
    },
  });
});

test('an answer that holds no P-256 key is retried', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey;
  const ed25519 = generateKeyPairSync('ed25519').publicKey;
  const pem = (publicKey: typeof other) => publicKey.export({ format: 'pem', type: 'spki' }).toString();
  for (const body of [
    {},
    { ...vector.keyAnswer, key: '' },
    { ...vector.keyAnswer, key: vector.bareKey.slice(0, 60) },
    { ...vector.keyAnswer, key: pem(other) },
    { ...vector.keyAnswer, key: pem(ed25519) },
    { ...vector.keyAnswer, algorithm: 'HMAC' },
  ]) {
    assert.throws(() => webhook.publicKey!.readKey(keyAnswer(body)), { kind: 'retryable', code: 'unreadable-answer' });
  }
});

for (const { name, body, reading } of notifications) {
  test(`notification: ${name}`, () => {
    assert.deepEqual(webhook.read(Buffer.from(JSON.stringify(body))), { occurredAt: undefined, ...reading });
  });
}

test('a resend has the deduplication key of the first', () => {
  const { body } = notifications[0]!;
  const resent = {
    ...body,
    notification: { ...body.notification, publishDate: '2026-06-11T09:45:00.000Z', publishAttemptCount: 2 },
  };
  const keyOf = (value: unknown) => webhook.read(Buffer.from(JSON.stringify(value))).deduplicationKey;
  assert.equal(keyOf(resent), keyOf(body));
});

test('nothing of a deletion but the wish itself says whose account it was, not even as a hash', () => {
  const { body } = notifications.find(({ reading }) => reading.topic === 'MARKETPLACE_ACCOUNT_DELETION')!;
  const restOf = (userId: string) => {
    const notification = { ...body.notification, data: { ...body.notification.data, userId } };
    const { erasure: _, ...rest } = webhook.read(Buffer.from(JSON.stringify({ ...body, notification })));
    return rest;
  };
  assert.deepEqual(restOf('ma8vp1jySJC'), restOf('ma8vp1jySJD'));
});

test('a deletion that names no account is unreadable, and so not acknowledged', () => {
  const { body } = notifications.find(({ reading }) => reading.topic === 'MARKETPLACE_ACCOUNT_DELETION')!;
  const notification = { ...body.notification, data: { username: 'test_user' } };
  assert.throws(() => webhook.read(Buffer.from(JSON.stringify({ ...body, notification }))), {
    code: 'unreadable-delivery',
  });
});

test('a body that can not be read is a permanent failure that repeats nothing of it', () => {
  const confirmation = notifications[0]!.body;
  const bodies = [
    '',
    'null',
    '{"user":"jane"',
    '{"metadata":{"topic":"X"},"notification":{"data":"jane"}}',
    JSON.stringify({ ...confirmation, notification: { ...confirmation.notification, data: { user: 'jane' } } }),
  ];
  for (const body of bodies) {
    assert.throws(
      () => webhook.read(Buffer.from(body)),
      (failure) =>
        failure instanceof Failure &&
        failure.kind === 'permanent' &&
        failure.code === 'unreadable-delivery' &&
        !failure.message.includes('jane'),
      body,
    );
  }
});

test('a body that is nested too deeply to be written again is refused and throws nothing', () => {
  const depth = 200_000;
  const nested = '['.repeat(depth) + ']'.repeat(depth);
  assert.deepEqual(webhook.verify(app, delivery(nested, vector.header), key), {
    verified: false,
    reason: 'signature-mismatch',
  });
});
