import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimal } from '#events/order.ts';
import { money, negative, sum } from '#marketplaces/lazada/money.ts';

test('an amount is a plain decimal, however it is written', () => {
  for (const [written, plain] of [
    ['99.00', '99.00'],
    ['150000', '150000'],
    ['1.5E+6', '1500000'],
    ['2.5e-1', '0.25'],
    ['-0.50', '-0.50'],
    ['007', '7'],
  ] as const) {
    assert.equal(money.parse(written), plain);
  }
  for (const written of ['', '1,299.00', 'SGD 1', '1.', '.5', 'NaN', '0x1', '1e999']) {
    assert.equal(money.safeParse(written).success, false, written);
  }
});

test('amounts are summed as they stand, without floats', () => {
  assert.equal(sum(['0.1', '0.2', '0.30']), '0.60');
  assert.equal(sum(['9007199254740993.01', '0.99']), '9007199254740994.00');
  assert.equal(sum(['2.55', negative('3.00')]), '-0.45');
  assert.equal(sum([]), '0');
  assert.equal(sum(['1.00', null]), null);
  assert.equal(sum([undefined]), null);
});

test('whole cents sum as integers do, whatever their order', () => {
  const cents = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
  fc.assert(
    fc.property(fc.array(cents, { minLength: 1 }), (all) => {
      const written = all.map((amount) => money.parse(`${amount}e-2`));
      const total = sum(written)!;
      assert.ok(written.every((amount) => decimal.safeParse(amount).success));
      assert.equal(BigInt(total.replace('.', '')), BigInt(all.reduce((left, right) => left + right, 0)));
      assert.equal(total, sum(written.toReversed()));
    }),
  );
});
