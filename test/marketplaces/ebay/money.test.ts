import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { divideDecimal } from '#marketplaces/ebay/money.ts';
import vectors from '#test/vectors/ebay/unit-prices.json' with { type: 'json' };

for (const { cost, quantity, unitPrice } of vectors) {
  test(`${cost} for ${quantity} is ${unitPrice} each`, () => assert.equal(divideDecimal(cost, quantity), unitPrice));
}

test('the price of one is found again from the cost of many', () => {
  const cents = fc.bigInt({ min: 0n, max: 10n ** 15n });
  fc.assert(
    fc.property(cents, fc.integer({ min: 1, max: 5_000 }), (price, quantity) => {
      assert.equal(divideDecimal(money(price * BigInt(quantity)), quantity), money(price));
    }),
  );
});

function money(cents: bigint): string {
  const digits = cents.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
