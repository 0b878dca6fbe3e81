import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Objects } from '#platform/engines/aws/objects.ts';
import { openValues } from '#platform/engines/aws/values.ts';
import { seededRandom } from '#platform/runtime/random.ts';

const random = seededRandom('values');
const KEY = { partition: { S: 'p' }, sort: { S: 's' }, version: { N: '3' } };

function world() {
  const stored = new Map<string, Uint8Array>();
  const objects: Objects = {
    put: async (key, bytes) => void stored.set(key, bytes),
    get: async (key) => stored.get(key)!,
  };
  return { stored, values: openValues({ objects, random, arn: async () => 'nowhere' }) };
}

test('a value is read as it was written, plain or all-or-nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue(),
      fc.boolean(),
      fc.option(fc.nat(), { nil: undefined }),
      async (value, isAtomic, expiresAt) => {
        const { values } = world();
        const row = await values.encode('orders', { value, expiresAt }, { isAtomic });
        const item = await values.decode('orders', { ...KEY, ...row });
        const json = JSON.parse(JSON.stringify(value)) as unknown;
        assert.deepEqual(item, { partition: 'p', sort: 's', version: 3, value: json, expiresAt });
      },
    ),
  );
});

/** A value that does not deflate, of about so many bytes. */
const noise = (bytes: number): string => Buffer.from(random.hex(bytes), 'hex').toString('base64');
const kindOf = async (value: unknown, isAtomic: boolean): Promise<string> => {
  const { values, stored } = world();
  const row = await values.encode('orders', { value }, { isAtomic });
  assert.equal(stored.size, row.object ? 1 : 0);
  if (row.object) assert.match(row.object.S!, /^values\/orders\/[0-9a-f]{32}$/);
  return row.object ? 'object' : row.value?.B ? 'deflated' : 'text';
};

test('a short value is text, a long one is deflated, and one that is dear to write is an object', async () => {
  assert.equal(await kindOf(noise(300), false), 'text');
  assert.equal(await kindOf('x'.repeat(100_000), false), 'deflated');
  assert.equal(await kindOf(noise(7_500), false), 'deflated');
  assert.equal(await kindOf(noise(8_500), false), 'object');
  assert.equal(await kindOf(noise(3_500), true), 'deflated');
  assert.equal(await kindOf(noise(4_500), true), 'object');
});

test('the TTL is in whole seconds, not before the expiry', async () => {
  const row = await world().values.encode('orders', { value: 1, expiresAt: 1_500 }, { isAtomic: false });
  assert.deepEqual([row.expiresAt, row.ttl], [{ N: '1500' }, { N: '2' }]);
});

test('what is no JSON is refused', async () => {
  await assert.rejects(world().values.encode('orders', { value: undefined }, { isAtomic: false }), TypeError);
});
