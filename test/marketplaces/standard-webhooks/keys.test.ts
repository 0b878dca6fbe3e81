import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { test } from 'node:test';
import { standardWebhooks } from '#marketplaces/standard-webhooks/index.ts';
import { webhook } from '#marketplaces/standard-webhooks/webhook.ts';
import vectors from '#test/vectors/standard-webhooks/keys.json' with { type: 'json' };

/** what stands before the seed of an Ed25519 key in PKCS #8, RFC 8410 */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

for (const { name, secretKey, publicKey, signed, signature } of vectors) {
  test(`${name}: what its private half signs, its public half verifies`, () => {
    // A private key is written as its seed, with the public key behind it.
    const both = Buffer.from(secretKey.slice('whsk_'.length), 'base64');
    assert.equal(`whpk_${both.subarray(SEED_BYTES).toString('base64')}`, publicKey);
    const key = Buffer.concat([PKCS8_HEAD, both.subarray(0, SEED_BYTES)]);
    const made = sign(null, Buffer.from(signed), createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
    assert.equal(`v1a,${made.toString('base64')}`, signature);

    const [, id = '', seconds = '', body = ''] = /^([^.]+)\.(\d+)\.(.*)$/s.exec(signed) ?? [];
    const headers = { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature };
    const delivery = {
      method: 'POST',
      url: 'https://sluice.example/webhooks/standard-webhooks/erp',
      query: {},
      headers,
      body: Buffer.from(body),
    };
    const app = standardWebhooks.appSchema.parse({ erp: { publicKey } });
    assert.deepEqual(webhook.verify(app, { ...delivery, receivedAt: Number(seconds) * 1000 }), { verified: true });
  });
}
