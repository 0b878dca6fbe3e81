import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

test('expired items are removed in the course of later writes, and no others', async () => {
  const clock = drivenClock();
  const { store, close } = openEmbeddedEngine({ path: ':memory:', clock });
  const write = (sort: string, expiresAt?: number) =>
    store.write([{ table: 'table', partition: 'p', sort, condition: 'none', value: 1, expiresAt }]);
  const now = clock.now();
  for (let i = 0; i < 500; i++) await write(`old-${i}`, now + 1_000);
  await write('young', now + 60_000);
  await clock.sleep(1_000);
  for (let i = 0; i < 500; i++) await write(`lasting-${i}`);
  const sorts = (await store.range('table', 'p', { limit: 10_000 })).map(({ sort }) => sort);
  assert.equal(sorts.filter((sort) => sort.startsWith('old-')).length, 0);
  assert.equal(sorts.length, 501);
  await close();
});

test('a value that is no JSON is refused, and the writes beside it are not', async () => {
  const { store, close } = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
  const write = (sort: string, value: unknown) =>
    store.write([{ table: 'table', partition: 'p', sort, condition: 'none', value }]);
  const [good, bad, worse] = await Promise.allSettled([write('a', 1), write('b', undefined), write('c', 1n)]);
  assert.deepEqual([good.status, bad.status, worse.status], ['fulfilled', 'rejected', 'rejected']);
  assert.equal((await store.range('table', 'p', { limit: 10 })).length, 1);
  await close();
});
