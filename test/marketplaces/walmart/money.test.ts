import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { divide, money, sum } from '#marketplaces/walmart/money.ts';

const NUMBERS = [
  ['8.50', '8.50'],
  ['10', '10'],
  ['0', '0'],
  ['-1.5', '-1.5'],
  ['1E+1', '10'],
  ['1.25e1', '12.5'],
  ['5e-2', '0.05'],
  ['-0.0', '0.0'],
];
for (const [written, plain] of NUMBERS) {
  test(`the number ${written} is the decimal ${plain}`, () => assert.equal(money.parse(written), plain));
}

test('what is no number is no money', () => {
  for (const written of ['', '1,50', 'NaN', '1.', '.5', '1e999', '0x1', '$1']) {
    assert.equal(money.safeParse(written).success, false);
  }
});

const QUOTIENTS: [string, number, string][] = [
  ['15.3', 6, '2.55'],
  ['10.00', 4, '2.50'],
  ['10', 3, '3.333333'],
  ['20', 3, '6.666667'],
  ['-20', 3, '-6.666667'],
  ['4085.0', 1, '4085.0'],
  ['0', 7, '0'],
];
for (const [dividend, divisor, quotient] of QUOTIENTS) {
  test(`${dividend} / ${divisor} = ${quotient}`, () => assert.equal(divide(dividend, divisor), quotient));
}

test('a sum in cents is exact, and of nothing there is none', () => {
  const cents = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
  const write = (amount: number): string => money.parse(`${amount}e-2`);
  fc.assert(
    fc.property(fc.array(cents, { minLength: 1 }), (amounts) => {
      const total = amounts.reduce((all, amount) => all + amount, 0);
      assert.equal(sum(amounts.map(write)), write(total));
    }),
  );
  assert.equal(sum([]), null);
});

test('a price times its quantity, divided by it, is the price', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), fc.integer({ min: 1, max: 10_000 }), (cents, quantity) => {
      assert.equal(divide(money.parse(`${cents * quantity}e-2`), quantity), money.parse(`${cents}e-2`));
    }),
  );
});
