import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import vectors from '#test/vectors/ebay/digital-signatures.json' with { type: 'json' };

// eBay wants digital signatures (RFC 9421, RFC 9530) from sellers in the EU and the UK, for refunds and the Finances API.
// Sluice makes no such call, so there is nothing of it in the connector. What is here keeps the vectors true for the day.

type Vector = (typeof vectors.signatures)[number];

const privateKey = createPrivateKey({ key: Buffer.from(vectors.privateKey, 'base64'), format: 'der', type: 'pkcs8' });
const publicKey = createPublicKey({ key: Buffer.from(vectors.publicKey, 'base64'), format: 'der', type: 'spki' });

const digestOf = (algorithm: string, body: string): string => hash(algorithm.replace('-', ''), body, 'base64');

function baseOf({ method, authority, path, body, created }: Vector): string {
  const components: [name: string, value: string][] = [
    ...(body === null ? [] : [['content-digest', `sha-256=:${digestOf('sha-256', body)}:`] as [string, string]]),
    ['x-ebay-signature-key', vectors.signatureKey],
    ['@method', method],
    ['@path', path],
    ['@authority', authority],
  ];
  const names = components.map(([name]) => `"${name}"`).join(' ');
  const lines = components.map(([name, value]) => `"${name}": ${value}\n`).join('');
  return `${lines}"@signature-params": (${names});created=${created}`;
}

for (const { algorithm, body, digest } of vectors.digests) {
  test(`the ${algorithm} digest of ${body.length} characters is as published`, () => {
    assert.equal(digestOf(algorithm, body), digest);
  });
}

for (const vector of vectors.signatures) {
  test(`digital signature: ${vector.name}`, () => {
    const base = Buffer.from(baseOf(vector));
    assert.equal(sign(null, base, privateKey).toString('base64'), vector.signature);
    assert.ok(verify(null, base, publicKey, Buffer.from(vector.signature, 'base64')));
  });
}
