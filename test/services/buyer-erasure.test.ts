import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataOf, EventOf } from '#events/index.ts';
import { type Buyer, exampleOrder, type Order } from '#events/order.ts';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { eraseBuyers } from '#platform/functions/erase-buyer.ts';
import { queueDelivery } from '#platform/functions/queue-delivery.ts';
import { entryOf } from '#services/audit-log/entry-of.ts';
import { endBuyerData } from '#services/throttled-sync/end-buyer-data.ts';
import { createFunctionWorld, type FunctionWorld, publisherAway } from '#test/support/function-world.ts';

const DAY_MS = 24 * 3_600_000;
const BUYER: Buyer = {
  name: 'Ada Example',
  email: 'ada@marketplace.example',
  phone: null,
  addressLines: ['1 High Street'],
  city: 'London',
  region: null,
  postalCode: null,
  countryCode: 'GB',
};
const PERSONAL = /Ada Example|ada@market|ada-the-buyer|High Street|London/;
const WISH: DataOf<'buyer-erasure.requested'> = {
  ...{ marketplace: 'plain', connectionId: null, reason: 'ACCOUNT_DELETION', accountFingerprints: [] },
  ...{ orderIds: [], ofSeller: false },
};

/** Orders that are stored and published, each with its buyer. */
async function createWorld(orders: Record<string, { account: string; connectionId?: string }>) {
  const all = await createFunctionWorld();
  const { deps, clock } = all;
  for (const connectionId of ['plain-1', 'plain-2']) await all.connect(connectionId);
  const placedAt = new Date(clock.now()).toISOString();
  for (const [orderId, { account, connectionId = 'plain-1' }] of Object.entries(orders)) {
    const order: Order = {
      ...exampleOrder,
      marketplace: 'plain',
      connectionId,
      orderId,
      placedAt,
      updatedAt: placedAt,
    };
    const read = { order, buyer: { ...BUYER, email: null }, buyerAccounts: [account], now: clock.now() };
    await deps.orders.announced(await deps.orders.store({ ...read, readAt: clock.now(), foundBy: 'poll' }));
  }
  await all.taken();
  const kept = async (): Promise<string[]> => {
    const has = async ([orderId, { connectionId = 'plain-1' }]: (typeof entries)[number]) =>
      (await deps.buyers.get(connectionId, orderId, clock.now())) === undefined ? [] : [orderId];
    const entries = Object.entries(orders);
    return (await Promise.all(entries.map(has))).flat();
  };
  return { ...all, kept, erased: () => all.takeEvents('audit', 'buyer.erased') };
}

const accountOf = ({ deps }: FunctionWorld, account: string) => deps.buyers.index.fingerprintsOf('plain', [account]);

test('a wish erases the buyer of every order of an account, tells of each once, and leaves other buyers alone', async () => {
  const world = await createWorld({
    a: { account: 'ada-the-buyer' },
    b: { account: 'ada-the-buyer', connectionId: 'plain-2' },
    c: { account: 'bob' },
  });
  const wish = { ...WISH, accountFingerprints: accountOf(world, 'ada-the-buyer') };
  const done = await eraseBuyers(world.deps, wish);
  assert.deepEqual(done.map(({ orderId }) => orderId).sort(), ['a', 'b']);
  assert.deepEqual(await world.kept(), ['c']);
  const events = await world.erased();
  assert.deepEqual(events.map(({ data }) => data.orderId).sort(), ['a', 'b']);
  for (const event of events) {
    assert.equal(event.data.reason, 'ACCOUNT_DELETION');
    assert.doesNotMatch(JSON.stringify(entryOf(event)), PERSONAL);
  }
  assert.deepEqual(await eraseBuyers(world.deps, wish), []);
  assert.deepEqual(await world.erased(), []);
});

test('a wish of one connection erases nothing of another', async () => {
  const world = await createWorld({
    a: { account: 'ada-the-buyer' },
    b: { account: 'ada-the-buyer', connectionId: 'plain-2' },
  });
  const accountFingerprints = accountOf(world, 'ada-the-buyer');
  await eraseBuyers(world.deps, { ...WISH, connectionId: 'plain-2', accountFingerprints });
  assert.deepEqual(await world.kept(), ['a']);
});

test('a wish erases the orders that it names, also one that is read only later, and all of a seller', async () => {
  const orders = Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`o-${i}`, { account: `buyer-${i}` }]));
  const world = await createWorld({ ...orders, other: { account: 'x', connectionId: 'plain-2' } });
  const { deps, clock } = world;
  await eraseBuyers(deps, { ...WISH, connectionId: 'plain-1', orderIds: ['o-7', 'not-read-yet'] });
  assert.equal((await world.kept()).length, 230);
  assert.deepEqual(
    (await world.erased()).map(({ data }) => data.orderId),
    ['o-7'],
  );
  const order: Order = { ...exampleOrder, marketplace: 'plain', connectionId: 'plain-1', orderId: 'not-read-yet' };
  await deps.orders.store({ order, buyer: BUYER, readAt: 1, foundBy: 'poll', now: clock.now() });
  assert.equal(await deps.buyers.get('plain-1', 'not-read-yet', clock.now()), undefined);

  await eraseBuyers(deps, { ...WISH, connectionId: 'plain-1', ofSeller: true });
  assert.deepEqual(await world.kept(), ['other']);
  assert.equal((await world.erased()).length, 229);
});

test('whoever is killed before telling of an erasure is made up for, by a repeat or by the tick, under the same id', async () => {
  for (const how of ['repeat', 'tick'] as const) {
    const world = await createWorld({ a: { account: 'ada-the-buyer' } });
    const { deps } = world;
    const wish = { ...WISH, connectionId: 'plain-1', orderIds: ['a'] };
    await assert.rejects(
      eraseBuyers(
        publisherAway(deps, 'buyer.erased', () => true),
        wish,
      ),
      /killed/,
    );
    assert.deepEqual(await world.kept(), []);
    assert.deepEqual(await world.erased(), []);
    const told: EventOf<'buyer.erased'>[] = [];
    const before: FunctionDeps = {
      ...deps,
      buyers: { ...deps.buyers, announced: () => Promise.reject(new Error('k')) },
    };
    await assert.rejects(eraseBuyers(before, wish));
    told.push(...(await world.erased()));
    await (how === 'repeat' ? eraseBuyers(deps, wish) : endBuyerData(deps));
    told.push(...(await world.erased()));
    assert.deepEqual([told.length, new Set(told.map(({ id }) => id)).size], [2, 1]);
    await endBuyerData(deps);
    assert.deepEqual(await world.erased(), []);
  }
});

test('the tick takes away what is over, whether the engine would have or not, and tells of it', async () => {
  const orders = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`o-${i}`, { account: `buyer-${i}` }]));
  const world = await createWorld(orders);
  const { deps, clock, engine } = world;
  await clock.sleep(89 * DAY_MS);
  await endBuyerData(deps);
  assert.equal((await world.kept()).length, 120);
  await clock.sleep(DAY_MS);
  await endBuyerData(deps);
  for (const table of ['buyers', 'buyer-keys']) {
    assert.deepEqual(await engine.store.range(table, 'plain-1', { limit: 10 }), []);
  }
  assert.deepEqual(await engine.store.range('buyer-data-due', 'due', { limit: 10 }), []);
  const events = await world.erased();
  assert.deepEqual([events.length, events[0]?.data.reason], [120, 'ended']);
  await endBuyerData(deps);
  assert.deepEqual(await world.erased(), []);
});

/** A delivery that is about a buyer, as the intake queues it; the marketplace names the seller or does not. */
async function deliver(world: FunctionWorld, isOfSeller: boolean, about: object) {
  const connection = isOfSeller ? await world.deps.connections.get('plain-1') : undefined;
  const body = Buffer.from('{"account":"ada-the-buyer"}');
  const told = { topic: 'privacy', sellerId: null, deduplicationKey: 'n-1', orderIds: [], occurredAt: undefined };
  const reading = { ...told, ...about };
  return queueDelivery(world.deps, { marketplace: 'plain', reading, connection, body, receivedAt: world.clock.now() });
}

test('what is queued of a wish holds no account in the clear, nor a hash that could be guessed', async () => {
  const world = await createWorld({ a: { account: 'ada-the-buyer' } });
  assert.equal(await deliver(world, false, { erasure: { buyerAccounts: ['ada-the-buyer', 'u-1'] } }), 'queued');
  const events = await world.taken();
  assert.deepEqual([...new Set(events.map(({ type }) => type))].sort(), [
    'buyer-erasure.requested',
    'webhook.received',
  ]);
  const text = JSON.stringify(events);
  assert.doesNotMatch(text, PERSONAL);
  assert.ok(events.every((event) => event.type !== 'webhook.received' || event.data.bodySha256 === null));
  const wish = events.find((event) => event.type === 'buyer-erasure.requested')!;
  assert.equal(wish.data.accountFingerprints.length, 2);
  assert.ok(!JSON.stringify(entryOf(wish)).includes(wish.data.accountFingerprints[0]!));
  assert.equal((await eraseBuyers(world.deps, wish.data)).length, 1);

  const again = await createWorld({});
  await deliver(again, false, { erasure: { buyerAccounts: ['nobody-known'] } });
  const [unknown] = (await again.taken()).filter((event) => event.type === 'buyer-erasure.requested');
  assert.deepEqual(await eraseBuyers(again.deps, unknown!.data), []);
});

test('a repeat of a wish is one event, and one that was queued in part comes whole with the next try', async () => {
  const world = await createWorld({ a: { account: 'ada-the-buyer' } });
  const about = { erasure: { buyerAccounts: ['ada-the-buyer'] } };
  const ids: string[] = [];
  const wishes = () => world.takeEvents('sync', 'buyer-erasure.requested');
  const killed = { ...world, deps: publisherAway(world.deps, 'webhook.received', () => true) };
  await assert.rejects(deliver(killed, false, about), /killed/);
  ids.push(...(await wishes()).map(({ id }) => id));
  assert.equal(await deliver(world, false, about), 'queued');
  assert.equal(await deliver(world, false, about), 'duplicate');
  ids.push(...(await wishes()).map(({ id }) => id));
  assert.deepEqual([ids.length, new Set(ids).size], [2, 1]);
});

test('a buyer’s wish to know what is held of them goes to the seller, by orders and the marketplace’s own id', async () => {
  const world = await createWorld({});
  await deliver(world, true, { dataRequest: { requestId: '9999', orderIds: ['a', 'b'] } });
  const events = await world.taken();
  assert.doesNotMatch(JSON.stringify(events), PERSONAL);
  const asked = events.filter((event) => event.type === 'buyer-data.requested');
  assert.equal(asked.length, 2); // to the seller and to the audit log
  assert.deepEqual(asked[0]?.data, {
    ...{ marketplace: 'plain', connectionId: 'plain-1', reason: 'privacy', requestId: '9999' },
    orderIds: ['a', 'b'],
  });
  assert.deepEqual(entryOf(asked[0]!).orderIds, ['a', 'b']);
});
