import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { realRandom, seededRandom } from '#platform/runtime/random.ts';

const DRAWS = 10_000;

test('the same seed gives the same sequence, another seed another one', () => {
  const draw = (seed: string) => {
    const random = seededRandom(seed);
    return [random.hex(16), random.fraction(), random.hex(5_000), random.fraction()];
  };
  assert.deepEqual(draw('a'), draw('a'));
  assert.notDeepEqual(draw('a'), draw('b'));
});

test('a seed is one stream of bytes, however it is cut', () => {
  const whole = seededRandom('stream').hex(9_000);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4_500 }), { maxLength: 2 }), (cuts) => {
      const random = seededRandom('stream');
      const parts = cuts.map((bytes) => random.hex(bytes)).join('');
      assert.ok(whole.startsWith(parts));
    }),
  );
});

for (const [name, random] of Object.entries({ seeded: seededRandom('uniform'), real: realRandom })) {
  test(`${name} fractions lie in [0, 1) and are spread evenly`, () => {
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < DRAWS; i++) {
      const fraction = random.fraction();
      assert.ok(fraction >= 0 && fraction < 1);
      tenths[Math.floor(fraction * 10)]! += 1;
    }
    for (const count of tenths) assert.ok(Math.abs(count - DRAWS / 10) < DRAWS / 40, tenths.join());
  });

  test(`${name} hex is of the asked length, in lower case`, () => {
    for (const bytes of [0, 1, 16, 5_000]) assert.match(random.hex(bytes), new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
  });
}
