import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseString, hmacHex, type Signed } from '#marketplaces/shopee/sign.ts';
import vectors from '#test/vectors/shopee/signing.json' with { type: 'json' };

for (const { name, baseString: expected, sign, ...signed } of vectors.cases as (Signed & {
  name: string;
  baseString: string;
  sign: string;
})[]) {
  test(`a call is signed as Shopee does: ${name}`, () => {
    assert.equal(baseString(signed), expected);
    assert.equal(hmacHex(vectors.partnerKey, expected), sign);
  });
}
