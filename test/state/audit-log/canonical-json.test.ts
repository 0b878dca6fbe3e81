import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '#platform/state/audit-log/canonical-json.ts';

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/audit-log/canonical-json.json', import.meta.url), 'utf8'),
) as { numbers: [string, string][]; documents: [string, string][] };

test('numbers are written as RFC 8785 lists them', () => {
  for (const [ieee, text] of vectors.numbers) {
    assert.equal(canonicalJson(Buffer.from(ieee, 'hex').readDoubleBE()), text);
  }
});

test('documents come out as RFC 8785 shows them', () => {
  for (const [input, output] of vectors.documents) assert.equal(canonicalJson(JSON.parse(input)), output);
});

test('what is written reads back the same, whatever order its members came in', () => {
  const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => JSON.stringify(value).isWellFormed());
  fc.assert(
    fc.property(json, (value) => {
      // JSON has one zero, JavaScript two.
      const expected = JSON.parse(JSON.stringify(value));
      const text = canonicalJson(value);
      assert.deepEqual(JSON.parse(text), expected);
      assert.equal(canonicalJson(reversed(value)), text);
    }),
  );
});

test('what JSON has no form for is refused', () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  for (const value of [Number.NaN, 1 / 0, '\ud800', { '\udc00': 1 }, [undefined], 1n, new Date(0), new Map(), cyclic]) {
    assert.throws(() => canonicalJson(value), { kind: 'permanent', code: 'not-canonical-json' });
  }
});

test('a member that is undefined is left out', () => {
  assert.equal(canonicalJson({ a: undefined, b: [{}], c: undefined, d: 1 }), '{"b":[{}],"d":1}');
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([key, member]) => [key, reversed(member)]));
}
