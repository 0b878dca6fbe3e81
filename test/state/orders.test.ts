import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Buyer, exampleOrder, type Order } from '#events/order.ts';
import type { Store } from '#platform/engines/engine.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { createBuyers } from '#platform/state/buyers.ts';
import { createOrders, type StoredOrder } from '#platform/state/orders.ts';
import { createStateWorld, slowed } from '#test/support/state-world.ts';

const SECOND_MS = 1_000;
const BUYER: Buyer = {
  name: 'Ada Example',
  email: 'ada@marketplace.example',
  phone: '+44 20 7946 0000',
  addressLines: ['1 High Street'],
  city: 'London',
  region: null,
  postalCode: 'N1 9GU',
  countryCode: 'GB',
};
const { connectionId, orderId } = exampleOrder;
const STATUSES = ['pending', 'unshipped', 'shipped', 'delivered', 'returned'] as const;

function createWorld() {
  const world = createStateWorld();
  const buyers = createBuyers(world);
  const orders = createOrders({ ...world, buyers });
  const store = (order: Order, options: { readAt?: number; buyer?: Buyer | null } = {}) =>
    orders.store({
      order,
      buyer: options.buyer ?? null,
      readAt: options.readAt ?? 1,
      foundBy: 'poll',
      now: world.clock.now(),
    });
  return { ...world, buyers, orders, storeRead: store };
}

/** A store that shows each version of the order at the moment at which it is written. */
function watched(store: Store, seen: StoredOrder[]): Store {
  const note = (writes: Parameters<Store['write']>[0]) => {
    for (const { table, value } of writes) if (table === 'orders') seen.push(value as StoredOrder);
  };
  return {
    ...store,
    async write(writes) {
      const results = await store.write(writes);
      note(writes.filter((_, i) => results[i]!.ok));
      return results;
    },
    async writeAtomically(writes) {
      const written = await store.writeAtomically(writes);
      if (written) note(writes);
      return written;
    },
  };
}

test('an order never goes backwards, and ends as the last read saw it, however reads and writes meet', async () => {
  const changes = fc.array(fc.integer({ min: 1, max: 2_500 }), { minLength: 1, maxLength: 5 });
  const reads = fc.array(fc.integer({ min: 0, max: 12_000 }), { minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(changes, reads, fc.string(), async (changes, reads, seed) => {
      const world = createStateWorld();
      const { clock } = world;
      const random = seededRandom(seed);
      const seen: StoredOrder[] = [];
      const store = slowed(watched(world.store, seen), clock, () => random.fraction() * 300);
      const orders = createOrders({ store, buyers: createBuyers({ ...world, store }) });
      const startedAt = clock.now();
      const changedAts = changes.map((_, i) => startedAt + changes.slice(0, i + 1).reduce((sum, ms) => sum + ms, 0));

      /** What the marketplace says at `at`; it counts seconds. */
      function truthAt(at: number): Order {
        const version = changedAts.filter((changedAt) => changedAt <= at).length;
        const changedAt = version === 0 ? startedAt : changedAts[version - 1]!;
        const updatedAt = new Date(Math.floor(changedAt / SECOND_MS) * SECOND_MS).toISOString();
        return { ...exampleOrder, status: STATUSES[version % 5]!, total: `${version}.00`, updatedAt };
      }

      async function read(afterMs: number): Promise<void> {
        await clock.sleep(afterMs);
        const readAt = clock.now();
        const order = truthAt(readAt);
        await clock.sleep(random.fraction() * 4_000);
        for (;;) {
          const stored = await orders.store({ order, buyer: BUYER, readAt, foundBy: 'poll', now: clock.now() });
          if (stored.announced) return;
          if (random.fraction() < 0.3) return; // killed before it could announce
          await orders.announced(stored);
        }
      }
      await Promise.all(reads.map(read));
      // One more read finishes what a killed one has left.
      const lastAt = Math.max(...reads) + 1;
      for (let announced = false; !announced; ) {
        const readAt = startedAt + lastAt;
        const order = truthAt(readAt);
        const stored = await orders.store({ order, buyer: BUYER, readAt, foundBy: 'poll', now: clock.now() });
        announced = stored.announced;
        if (!announced) await orders.announced(stored);
      }

      for (const [i, after] of seen.entries()) {
        const before = seen[i - 1];
        if (!before) continue;
        assert.ok(after.order.updatedAt >= before.order.updatedAt);
        assert.ok(after.orderVersion - before.orderVersion === (before.announced && !after.announced ? 1 : 0));
        if (after.orderVersion > before.orderVersion) assert.equal(after.previousStatus, before.order.status);
      }
      assert.deepEqual((await orders.get(connectionId, orderId))?.order, truthAt(startedAt + lastAt));
    }),
    { numRuns: 60 },
  );
});

test('the same read twice is one version', async () => {
  const { storeRead, orders } = createWorld();
  await orders.announced(await storeRead(exampleOrder, { readAt: 1 }));
  assert.equal((await storeRead(exampleOrder, { readAt: 2 })).orderVersion, 1);
});

test('within one second of the marketplace’s clock, what was read later is newer', async () => {
  const { storeRead, orders } = createWorld();
  const shipped: Order = { ...exampleOrder, status: 'shipped' };
  await orders.announced(await storeRead(exampleOrder, { readAt: 10 }));
  assert.equal((await storeRead(shipped, { readAt: 9 })).order.status, 'unshipped');
  assert.equal((await storeRead(shipped, { readAt: 11 })).order.status, 'shipped');
});

test('a version that was not announced is not overwritten before it is', async () => {
  const { storeRead, orders } = createWorld();
  const newer: Order = { ...exampleOrder, status: 'shipped', updatedAt: '2026-11-24T07:00:00.000Z' };
  const first = await storeRead(exampleOrder);
  assert.deepEqual(await storeRead(newer), first);
  await orders.announced(first);
  const second = await storeRead(newer);
  assert.deepEqual([second.orderVersion, second.announced, second.previousStatus], [2, false, 'unshipped']);
  await orders.announced(first);
  assert.equal((await orders.get(connectionId, orderId))?.announced, false);
});

test('an order keeps what led to it first, and each version what led to that', async () => {
  const { orders } = createWorld();
  const read = { buyer: null, readAt: 1, now: 1 };
  await orders.announced(await orders.store({ ...read, order: exampleOrder, foundBy: 'webhook' }));
  const updated: Order = { ...exampleOrder, updatedAt: '2026-11-24T07:00:00.000Z' };
  const { foundBy, firstFoundBy } = await orders.store({ ...read, order: updated, foundBy: 'backfill' });
  assert.deepEqual([foundBy, firstFoundBy], ['backfill', 'webhook']);
});

test('orders are listed by id, in parts that leave none out', async () => {
  const { orders, storeRead } = createWorld();
  const ids = ['1', '10', '2', '2-a', '3'];
  for (const id of ids.toReversed()) await storeRead({ ...exampleOrder, orderId: id });
  const listed: string[] = [];
  for (let after: string | undefined; ; after = listed.at(-1)) {
    const part = await orders.list(connectionId, { ...(after === undefined ? {} : { after }), limit: 2 });
    if (part.length === 0) break;
    listed.push(...part.map(({ order }) => order.orderId));
  }
  assert.deepEqual(listed, ids);
});

test('the marketplace’s own JSON is kept beside the order, compressed, and not written again while it is the same', async () => {
  const { store, orders, clock } = createWorld();
  const raw = { orderId, lines: Array.from({ length: 50 }, (_, i) => ({ sku: `SKU-${i}`, status: 'PAID' })) };
  const read = { buyer: null, readAt: 1, foundBy: 'poll' as const, now: clock.now() };
  await orders.announced(await orders.store({ ...read, order: exampleOrder, raw }));
  assert.deepEqual(await orders.raw(connectionId, orderId), raw);
  const kept = await store.get('raw-orders', connectionId, orderId);
  assert.ok(JSON.stringify(kept?.value).length < JSON.stringify(raw).length / 4);

  const updated: Order = { ...exampleOrder, updatedAt: '2026-11-24T07:00:00.000Z' };
  await orders.announced(await orders.store({ ...read, order: updated, raw }));
  assert.equal((await store.get('raw-orders', connectionId, orderId))?.version, 1);
  const again: Order = { ...exampleOrder, updatedAt: '2026-11-24T08:00:00.000Z' };
  await orders.announced(await orders.store({ ...read, order: again, raw: { orderId } }));
  assert.deepEqual(await orders.raw(connectionId, orderId), { orderId });
});

test('JSON that is too large, or not given, is not kept, and none of a version before either', async () => {
  const { orders, clock } = createWorld();
  const read = { buyer: null, readAt: 1, foundBy: 'poll' as const, now: clock.now() };
  for (const [hour, raw] of [{ orderId }, { note: 'x'.repeat(300_000) }, { orderId }, undefined].entries()) {
    const updatedAt = `2026-11-24T1${hour}:00:00.000Z`;
    await orders.announced(await orders.store({ ...read, order: { ...exampleOrder, updatedAt }, raw }));
    assert.deepEqual(await orders.raw(connectionId, orderId), hour % 2 === 0 ? raw : undefined);
  }
});
