import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signatureOf } from '#marketplaces/lazada/sign.ts';
import vectors from '#test/vectors/lazada/signing.json' with { type: 'json' };

for (const { name, api, params, sign } of vectors.cases) {
  test(`signature: ${name}`, () => {
    const parameters = params as unknown as Record<string, string>;
    assert.equal(signatureOf(vectors.appSecret, api, parameters), sign);
    assert.equal(signatureOf(vectors.appSecret, api, Object.fromEntries(Object.entries(parameters).reverse())), sign);
  });
}
