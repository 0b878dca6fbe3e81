import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Buyer, exampleOrder, type Order } from '#events/order.ts';
import type { Store, Write } from '#platform/engines/engine.ts';
import { createBuyers } from '#platform/state/buyers.ts';
import { createEncryption, newDataKeys, rolledKeys } from '#platform/state/encryption.ts';
import { createOrders } from '#platform/state/orders.ts';
import { createStateWorld } from '#test/support/state-world.ts';

const DAY_MS = 24 * 3_600_000;
const BUYER: Buyer = {
  name: 'Ada Example',
  email: 'Ada@marketplace.example',
  phone: '+44 20 7946 0000',
  addressLines: ['1 High Street'],
  city: 'London',
  region: null,
  postalCode: 'N1 9GU',
  countryCode: 'GB',
};
const PLACED_AT = '2026-01-01T00:00:00.000Z';
const ORDER: Order = { ...exampleOrder, placedAt: PLACED_AT, updatedAt: PLACED_AT };
const { marketplace, connectionId, orderId } = ORDER;
const KEY = { connectionId, orderId };
const ACCOUNTS = ['ada-the-buyer'];

/** An instant so many days after the order was placed. */
const day = (days: number): string => new Date(Date.parse(PLACED_AT) + days * DAY_MS).toISOString();

function createWorld(options: { keptDays?: number; watch?: (write: Write) => void } = {}) {
  const world = createStateWorld();
  const store: Store = {
    ...world.store,
    async writeAtomically(writes) {
      const written = await world.store.writeAtomically(writes);
      if (written) for (const write of writes) options.watch?.(write);
      return written;
    },
  };
  const buyers = createBuyers({ ...world, store, keptDays: options.keptDays });
  const orders = createOrders({ store, buyers });
  const { clock } = world;
  return {
    ...world,
    store,
    buyers,
    orders,
    now: clock.now,
    /** Reads a version of the order, and announces it. */
    async read(order: Partial<Order>, more: { buyer?: Buyer | null; deliveredAt?: number; accounts?: string[] } = {}) {
      const { buyer = BUYER, accounts: buyerAccounts = ACCOUNTS, ...rest } = more;
      const read = { order: { ...ORDER, ...order }, buyer, buyerAccounts, ...rest };
      const stored = await orders.store({ ...read, readAt: 1, foundBy: 'poll', now: clock.now() });
      await orders.announced(stored);
      return stored;
    },
    async until(instant: string) {
      await clock.sleep(Date.parse(instant) - clock.now());
    },
    get: () => buyers.get(connectionId, orderId, clock.now()),
    /** Everything that is stored of the buyer, in any table. */
    async rows() {
      const partitions = buyers.index.indexedAs(marketplace, [...ACCOUNTS, BUYER.email!]);
      const places: [table: string, partition: string][] = [
        ['buyers', connectionId],
        ['buyer-keys', connectionId],
        ['buyer-data-due', 'due'],
        ...partitions.map((partition): [string, string] => ['buyer-accounts', `${marketplace}/${partition}`]),
      ];
      const found = await Promise.all(places.map(([table, partition]) => store.range(table, partition, { limit: 10 })));
      return found.flatMap((items, i) => items.map((item) => ({ table: places[i]![0], ...item })));
    },
  };
}

test('a buyer is stored only encrypted, under accounts that can’t be guessed, and can’t be read as another order’s', async () => {
  const written: string[] = [];
  const { read, get, store, buyers, now } = createWorld({ watch: (write) => written.push(JSON.stringify(write)) });
  await read({});
  assert.deepEqual(await get(), BUYER);
  assert.doesNotMatch(written.join('\n'), /Ada Example|ada@market|ada-the|20 7946|High Street|London|N1 9GU/i);

  for (const table of ['buyers', 'buyer-keys']) {
    const { value, expiresAt } = (await store.get(table, connectionId, orderId))!;
    await store.write([{ table, partition: connectionId, sort: 'other', condition: 'none', value, expiresAt }]);
  }
  await assert.rejects(buyers.get(connectionId, 'other', now()));
});

test('each order has a key of its own, and without it nothing opens what was sealed with it, not even the data key', async () => {
  const { read, store, encryption, get, now, buyers } = createWorld();
  await read({});
  await read({ orderId: 'other' });
  const sealedOf = async (id: string) =>
    ((await store.get('buyers', connectionId, id))!.value as { sealed: string }).sealed;
  const wrappedOf = async (id: string) =>
    ((await store.get('buyer-keys', connectionId, id))!.value as { wrapped: string }).wrapped;
  const keyOf = async (id: string) => encryption.decrypt(await wrappedOf(id), `${connectionId}/${id}`);
  const open = (sealed: string, key: string) =>
    createEncryption({ current: '1', keys: { 1: key } }, { hex: () => '' }).decrypt(
      sealed,
      `${connectionId}/${orderId}`,
    );
  const [sealed, key, other] = [await sealedOf(orderId), await keyOf(orderId), await keyOf('other')];
  assert.deepEqual(JSON.parse(open(sealed, key)), BUYER);
  assert.throws(() => open(sealed, other));
  assert.throws(() => encryption.decrypt(sealed, `${connectionId}/${orderId}`));

  await buyers.erase(KEY, 'test', now());
  assert.equal(await store.get('buyer-keys', connectionId, orderId), undefined);
  assert.equal(await get(), undefined);
});

const ENDS: [name: string, reads: [on: number, order: Partial<Order>, deliveredAt?: string][], endsOn: number][] = [
  [
    '30 days after it was delivered',
    [
      [5, { status: 'shipped' }],
      [8, { status: 'delivered' }],
    ],
    38,
  ],
  [
    '30 days after delivery, whatever is told later',
    [
      [8, { status: 'delivered' }],
      [20, { status: 'returned' }],
    ],
    38,
  ],
  ['30 days after the delivery that the marketplace tells', [[9, { status: 'delivered' }, day(7)]], 37],
  [
    '30 days after it was sent, where no delivery is told',
    [
      [5, { status: 'shipped' }],
      [9, { status: 'shipped' }],
    ],
    35,
  ],
  [
    '30 days after the last parcel was sent, where that is told',
    [
      [
        9,
        {
          status: 'shipped',
          packages: [
            { packageId: '1', carrier: null, trackingNumber: null, shippedAt: day(3) },
            { packageId: '2', carrier: null, trackingNumber: null, shippedAt: day(4) },
          ],
        },
      ],
    ],
    34,
  ],
  ['30 days after it was cancelled', [[3, { status: 'cancelled' }]], 33],
  ['90 days after it was placed, where it does not leave', [[50, { status: 'partially-shipped' }]], 90],
];

for (const [name, reads, endsOn] of ENDS) {
  test(`a buyer's data end ${name}, and not before`, async () => {
    const { read, until, get, clock } = createWorld();
    await read({});
    for (const [on, order, deliveredAt] of reads) {
      await until(day(on));
      await read({ updatedAt: day(on), ...order }, deliveredAt ? { deliveredAt: Date.parse(deliveredAt) } : {});
    }
    await until(new Date(Date.parse(day(endsOn)) - 1).toISOString());
    assert.deepEqual(await get(), BUYER);
    await clock.sleep(1);
    assert.equal(await get(), undefined);
  });
}

test('a setting makes the time after delivery shorter', async () => {
  const { read, until, get } = createWorld({ keptDays: 7 });
  await read({ status: 'delivered', updatedAt: day(1) });
  await until(day(7.9));
  assert.deepEqual(await get(), BUYER);
  await until(day(8));
  assert.equal(await get(), undefined);
});

test('data that are over are refused though the engine still has them, and are not stored anew', async () => {
  const { read, until, get, store, buyers, now } = createWorld();
  await read({ status: 'delivered', updatedAt: day(1) });
  await until(day(31));
  assert.ok(await store.get('buyers', connectionId, orderId));
  assert.equal(await get(), undefined);
  const { buyerCommitment } = await read({ status: 'returned', updatedAt: day(31) });
  assert.equal(buyerCommitment, null);
  await buyers.announced(KEY, (await buyers.end(KEY, now()))!);
  await read({ status: 'returned', updatedAt: day(32), total: '1.00' });
  assert.equal(await get(), undefined);
});

test('when data are over nothing is left of them, in any table', async () => {
  const { read, until, buyers, now, rows } = createWorld();
  await read({ status: 'delivered', updatedAt: day(1) });
  assert.equal((await rows()).length, 5);
  await until(day(30.9));
  assert.deepEqual(await buyers.due(now(), 10), []);
  assert.equal(await buyers.end(KEY, now()), undefined);
  await until(day(31));
  assert.deepEqual(await buyers.due(now(), 10), [KEY]);
  const ended = await buyers.end(KEY, now());
  assert.deepEqual(await buyers.end(KEY, now()), ended); // whoever was killed before telling of it is told again
  await buyers.announced(KEY, ended!);
  assert.equal(await buyers.end(KEY, now()), undefined);
  assert.deepEqual(await rows(), []);
});

test('an order that comes without its buyer leaves what is kept, and moves its end', async () => {
  const { read, until, get } = createWorld();
  await read({});
  await until(day(2));
  await read({ status: 'delivered', updatedAt: day(2) }, { buyer: null });
  assert.deepEqual(await get(), BUYER);
  await until(day(32));
  assert.equal(await get(), undefined);
});

test('what stands for a buyer in the audit log is the same as long as the buyer is, and tells nothing', async () => {
  const { read } = createWorld();
  const first = await read({});
  const second = await read({ updatedAt: day(1) });
  assert.match(first.buyerCommitment!, /^hmac-sha256:[0-9a-f]{64}$/);
  assert.equal(second.buyerCommitment, first.buyerCommitment);
  assert.notEqual((await read({ orderId: 'other' })).buyerCommitment, first.buyerCommitment);
  assert.equal((await read({ orderId: 'third' }, { buyer: null })).buyerCommitment, null);
});

test('a buyer who was erased does not come back with the next read, and only the mark of it is left', async () => {
  const { read, buyers, get, now, rows } = createWorld();
  await read({});
  const erased = await buyers.erase(KEY, 'test', now());
  assert.deepEqual(await buyers.due(now(), 10), [KEY]);
  await buyers.announced(KEY, erased!);
  assert.equal(await buyers.erase(KEY, 'again', now()), undefined);
  assert.equal((await read({ updatedAt: day(1) })).buyerCommitment, null);
  assert.equal(await get(), undefined);
  const left = await rows();
  assert.deepEqual(
    left.map(({ table, value }) => ({ table, value })),
    [{ table: 'buyers', value: { erased: true } }],
  );
});

test('an erasure of data that have just ended, and were not told of, is told of as the erasure', async () => {
  const { read, until, buyers, now, rows } = createWorld();
  await read({ status: 'delivered', updatedAt: day(1) });
  await until(day(31));
  await buyers.end(KEY, now());
  await until(day(32));
  const erased = await buyers.erase(KEY, 'test', now());
  assert.equal(erased?.reason, 'test');
  await buyers.announced(KEY, erased!);
  assert.deepEqual(await buyers.due(now(), 10), []);
  assert.equal((await rows()).length, 1);
});

test('an erasure while the order is being stored is not undone by it', async () => {
  const world = createWorld();
  await world.read({});
  let erased = false;
  const store: Store = {
    ...world.store,
    async writeAtomically(writes) {
      const isFirst = !erased;
      erased = true;
      if (isFirst) await world.buyers.erase(KEY, 'test', world.now());
      return world.store.writeAtomically(writes);
    },
  };
  const orders = createOrders({ store, buyers: createBuyers({ ...world, store }) });
  const order = { ...ORDER, updatedAt: day(1) };
  const read = { order, buyer: BUYER, readAt: 2, foundBy: 'poll' as const, now: world.now() };
  const stored = await orders.store(read);
  assert.deepEqual([stored.orderVersion, stored.buyerCommitment], [2, null]);
  assert.equal(await world.get(), undefined);
});

test('a buyer’s orders are found by account and by e-mail address in any case, and by nothing else', async () => {
  const { read, buyers } = createWorld();
  await read({});
  await read({ connectionId: 'ebay-2', orderId: 'second' }, { buyer: { ...BUYER, email: null } });
  await read({ orderId: 'third' }, { accounts: ['somebody'], buyer: { ...BUYER, email: null } });
  const find = async (account: string, connection: string | null = null) => {
    const fingerprints = buyers.index.fingerprintsOf(marketplace, [account]);
    return (await buyers.index.ordersOf({ marketplace, fingerprints }, connection)).map(({ orderId: id }) => id);
  };
  assert.deepEqual((await find('ada-the-buyer')).sort(), [orderId, 'second'].sort());
  assert.deepEqual(await find(' ADA@Marketplace.example '), [orderId]);
  assert.deepEqual(await find('ada-the-buyer', 'ebay-2'), ['second']);
  assert.deepEqual(await find('Ada-the-buyer'), []);
  const elsewhere = buyers.index.fingerprintsOf('shopee', ['ada-the-buyer']);
  assert.deepEqual(await buyers.index.ordersOf({ marketplace: 'shopee', fingerprints: elsewhere }, null), []);
});

test('a buyer’s orders are found after the data key was rolled, those before it and those after', async () => {
  const { store, random, orders: _, ...world } = createWorld();
  let keys = newDataKeys(random);
  const encryption = createEncryption(() => keys, random);
  const buyers = createBuyers({ store, random, encryption });
  const orders = createOrders({ store, buyers });
  const storeAs = (id: string) =>
    orders.store({
      ...{ order: { ...ORDER, orderId: id }, buyer: BUYER, buyerAccounts: ACCOUNTS },
      ...{ readAt: 1, foundBy: 'poll' as const, now: world.now() },
    });
  await storeAs('before');
  const rolled = rolledKeys(keys, random, { now: 0, inForceAt: 0 });
  keys = { current: rolled.next!.version, keys: rolled.keys };
  await storeAs('after');
  const fingerprints = buyers.index.fingerprintsOf(marketplace, ACCOUNTS);
  const found = await buyers.index.ordersOf({ marketplace, fingerprints }, null);
  assert.deepEqual(found.map(({ orderId: id }) => id).sort(), ['after', 'before']);
  assert.deepEqual(await buyers.get(connectionId, 'before', world.now()), BUYER);
});

test('an order of an erased buyer that is read only later is erased at once, and one placed later is not', async () => {
  const { read, get, buyers, until, now, store } = createWorld();
  await until(day(1));
  const fingerprints = buyers.index.fingerprintsOf(marketplace, ACCOUNTS);
  await buyers.index.rememberErasure({ marketplace, fingerprints }, null, now());
  await until(day(2));
  await read({});
  assert.equal(await get(), undefined);
  assert.equal(await store.get('buyer-keys', connectionId, orderId), undefined);
  assert.deepEqual(await buyers.due(now(), 10), [KEY]); // to be told of with the next tick
  await read({ orderId: 'later', placedAt: day(1.5), updatedAt: day(1.5) });
  assert.deepEqual(await buyers.get(connectionId, 'later', now()), BUYER);
});
