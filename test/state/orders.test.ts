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
const DAY_MS = 24 * 3_600_000;
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

test('a buyer is stored only encrypted, and can’t be read as another order’s', async () => {
  const { storeRead, buyers, store, clock } = createWorld();
  await storeRead(exampleOrder, { buyer: BUYER });
  assert.deepEqual(await buyers.get(connectionId, orderId, clock.now()), BUYER);
  const item = (await store.get('buyers', connectionId, orderId))!;
  for (const value of [BUYER.name!, BUYER.email!, BUYER.postalCode!]) {
    assert.ok(!JSON.stringify(item.value).includes(value));
  }
  const order = (await store.get('orders', connectionId, orderId))!;
  assert.doesNotMatch(JSON.stringify(order.value), /Ada|ada@/);
  const copied = { table: 'buyers', partition: connectionId, sort: 'other', condition: 'none' as const };
  await store.write([{ ...copied, value: item.value }]);
  await assert.rejects(buyers.get(connectionId, 'other', clock.now()));
});

test('a buyer’s data ends 30 days after the order last changed', async () => {
  const { storeRead, buyers, clock, orders } = createWorld();
  await orders.announced(await storeRead(exampleOrder, { buyer: BUYER }));
  await clock.sleep(20 * DAY_MS);
  await storeRead({ ...exampleOrder, updatedAt: '2026-12-24T07:00:00.000Z' }, { buyer: BUYER });
  await clock.sleep(30 * DAY_MS - 1);
  assert.deepEqual(await buyers.get(connectionId, orderId, clock.now()), BUYER);
  await clock.sleep(1);
  assert.equal(await buyers.get(connectionId, orderId, clock.now()), undefined);
});

test('what stands for a buyer in the audit log is the same as long as the buyer is, and tells nothing', async () => {
  const { storeRead, orders } = createWorld();
  const first = await storeRead(exampleOrder, { buyer: BUYER });
  await orders.announced(first);
  const second = await storeRead({ ...exampleOrder, updatedAt: '2026-12-24T07:00:00.000Z' }, { buyer: BUYER });
  assert.equal(second.buyerCommitment, first.buyerCommitment);
  const other = await storeRead({ ...exampleOrder, orderId: 'other' }, { buyer: BUYER });
  assert.notEqual(other.buyerCommitment, first.buyerCommitment);
  assert.equal((await storeRead({ ...exampleOrder, orderId: 'third' })).buyerCommitment, null);
});

test('a buyer who was erased does not come back with the next read', async () => {
  const { storeRead, buyers, clock, orders } = createWorld();
  await orders.announced(await storeRead(exampleOrder, { buyer: BUYER }));
  await buyers.erase(connectionId, orderId);
  const again = { ...exampleOrder, updatedAt: '2026-12-24T07:00:00.000Z' };
  assert.equal((await storeRead(again, { buyer: BUYER })).buyerCommitment, null);
  assert.equal(await buyers.get(connectionId, orderId, clock.now()), undefined);
});

test('an erasure while the order is being stored is not undone by it', async () => {
  const world = createWorld();
  const { buyers, clock } = world;
  await world.orders.announced(await world.storeRead(exampleOrder, { buyer: BUYER }));
  let erased = false;
  const store: Store = {
    ...world.store,
    async writeAtomically(writes) {
      if (!erased) await buyers.erase(connectionId, orderId);
      erased = true;
      return world.store.writeAtomically(writes);
    },
  };
  const orders = createOrders({ store, buyers: createBuyers({ ...world, store }) });
  const order = { ...exampleOrder, updatedAt: '2026-12-24T07:00:00.000Z' };
  const stored = await orders.store({ order, buyer: BUYER, readAt: 2, foundBy: 'poll', now: clock.now() });
  assert.deepEqual([stored.orderVersion, stored.buyerCommitment], [2, null]);
  assert.equal(await buyers.get(connectionId, orderId, clock.now()), undefined);
});
