import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signatureOf, stringToSign } from '#marketplaces/tiktok-shop/sign.ts';
import signing from '#test/vectors/tiktok-shop/signing.json' with { type: 'json' };

type Vector = { name: string; path: string; query: unknown; body: string; stringToSign: string; sign: string };

for (const vector of signing.cases as Vector[]) {
  test(`signature: ${vector.name}`, () => {
    const signed = { path: vector.path, query: vector.query as Record<string, string>, body: vector.body };
    assert.equal(stringToSign(signing.appSecret, signed), vector.stringToSign);
    assert.equal(signatureOf(signing.appSecret, signed), vector.sign);
  });
}
