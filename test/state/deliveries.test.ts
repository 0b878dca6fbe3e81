import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '#platform/engines/engine.ts';
import { createDeliveries } from '#platform/state/deliveries.ts';
import { createStateWorld } from '#test/support/state-world.ts';

const DAY_MS = 24 * 3_600_000;

test('a delivery is known from the moment at which it is marked, in every process soon after, for two weeks', async () => {
  const { clock, store } = createStateWorld();
  const deliveries = createDeliveries({ store, clock });
  const elsewhere = createDeliveries({ store, clock });
  const markedAt = clock.now();
  assert.equal(await deliveries.isQueued('d', markedAt), false);
  deliveries.markQueued('d', markedAt);
  assert.equal(await deliveries.isQueued('d', markedAt), true);
  await clock.sleep(1_000);
  for (const at of [deliveries, elsewhere]) {
    assert.equal(await at.isQueued('d', markedAt + 14 * DAY_MS - 1), true);
    assert.equal(await at.isQueued('d', markedAt + 14 * DAY_MS), false);
    assert.equal(await at.isQueued('other', clock.now()), false);
  }
});

test('a mark is not moved by a repeat', async () => {
  const { clock, store } = createStateWorld();
  const deliveries = createDeliveries({ store, clock });
  const markedAt = clock.now();
  for (let day = 0; day < 3; day++) {
    deliveries.markQueued('d', clock.now());
    await clock.sleep(DAY_MS);
  }
  assert.equal(await deliveries.isQueued('d', markedAt + 14 * DAY_MS), false);
});

test('marks of one moment share a write', async () => {
  const { clock, store } = createStateWorld();
  let writes = 0;
  const counting: Store = { ...store, write: (rows) => store.write(rows).finally(() => writes++) };
  const deliveries = createDeliveries({ store: counting, clock });
  for (let i = 0; i < 50; i++) deliveries.markQueued(`d-${i}`, clock.now());
  await clock.sleep(1_000);
  assert.equal(writes, 1);
});

test('a mark that can’t be written ends nothing; its delivery is taken again', async () => {
  const { clock, store } = createStateWorld();
  const away: Store = { ...store, write: () => Promise.reject(new Error('the store is away')) };
  const deliveries = createDeliveries({ store: away, clock });
  deliveries.markQueued('d', clock.now());
  await clock.sleep(1_000);
  assert.equal(await deliveries.isQueued('d', clock.now()), false);
});
