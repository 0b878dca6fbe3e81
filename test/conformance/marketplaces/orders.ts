import assert from 'node:assert/strict';
import { order as orderSchema } from '#events/order.ts';
import type { ReadOrder } from '#marketplaces/marketplace.ts';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { differences } from '#services/all-in-one/demo/compare.ts';
import { BUYER_WORDS, DRAFTS } from './drafts.ts';
import type { MarketplacePromises } from './marketplace-conformance.ts';
import { detailsOf, scan, strikeAt } from './paging.ts';
import { failureOf, MINUTE_MS, type World } from './world.ts';

/** Not a multiple of the page's size, so that the last page is not full. */
const ORDERS = 47;
const PAGE_SIZE = 10;

const idsOf = (orders: readonly BookOrder[]): string[] => orders.map(({ orderId }) => orderId).sort();

/** Orders in every status that the books know, each change a minute after the last. */
async function tradeEveryStatus(world: World): Promise<BookOrder[]> {
  const { books } = world.sandbox;
  const placed = await world.trade(6);
  const [shipped, delivered, cancelled] = placed as [BookOrder, BookOrder, BookOrder];
  for (const { orderId } of [shipped, delivered]) {
    books.ship(orderId, { carrier: 'Royal Mail', trackingNumber: `RM${orderId.replace(/\W/g, '')}GB` });
    await world.advance(MINUTE_MS);
  }
  books.deliver(delivered.orderId);
  await world.advance(MINUTE_MS);
  books.cancel(cancelled.orderId);
  await world.advance(MINUTE_MS + world.marketplace.orders.settleMs);
  return placed;
}

/** Places orders in one and the same second. */
async function tradeAtOnce(world: World, count: number): Promise<BookOrder[]> {
  const { books } = world.sandbox;
  const placed = Array.from({ length: count }, () => books.place(world.seller.sellerId, DRAFTS[0]!));
  await world.advance(MINUTE_MS + world.marketplace.orders.settleMs);
  return placed;
}

function assertAsInTheBooks(world: World, placed: readonly BookOrder[], read: readonly ReadOrder[]): void {
  assert.deepEqual(read.map(({ order }) => order.orderId).sort(), idsOf(placed));
  for (const { order, buyer } of read) {
    assert.deepEqual(orderSchema.parse(order), order);
    assert.equal(order.marketplace, world.marketplace.name);
    assert.equal(order.connectionId, world.connection.connectionId);
    assert.ok(buyer, 'the buyer is read');
    assert.deepEqual(differences(world.sandbox.books.orders.get(order.orderId)!, order, buyer), []);
    const said = JSON.stringify(order);
    for (const word of BUYER_WORDS) assert.ok(!said.includes(word), 'an order holds nothing of its buyer');
  }
}

export const orderPromises: MarketplacePromises = {
  async 'a window is paged to its end, each order once and no order of another seller'(world) {
    const placed = await world.trade(ORDERS);
    await world.trade(3, world.otherSeller.sellerId);
    const { orderIds, failures } = await scan(world, world.wholeWindow(), { pageSize: PAGE_SIZE });
    assert.deepEqual(failures, []);
    assert.deepEqual(orderIds.sort(), idsOf(placed));
  },

  async 'a 429, a 500 and an expired page token in the middle of a window cost no order and double none'(
    world,
    { pageTokens },
  ) {
    const placed = pageTokens === 'within-a-second' ? await tradeAtOnce(world, ORDERS) : await world.trade(ORDERS);
    const before = strikeAt(world, { 2: 'throttle', 4: 'server-error', 6: 'expire-page-token' });
    const { orderIds, read, failures } = await scan(world, world.wholeWindow(), { pageSize: PAGE_SIZE, before });
    const tokenEnded = world.marketplace.orders.isPageTokenExpired;
    const met = failures.map((failure) => (tokenEnded(failure) ? 'page token' : failure.kind));
    assert.deepEqual(met, ['throttled', 'retryable', ...(pageTokens === 'places' ? [] : ['page token'])]);
    assert.deepEqual(orderIds.sort(), idsOf(placed));
    assert.equal(new Set(read.map(({ order }) => order.orderId)).size, ORDERS);
  },

  async 'an order that changes while its window is paged costs no other order its place'(world) {
    const placed = await world.trade(ORDERS);
    const { orderIds } = await scan(world, world.wholeWindow(), {
      pageSize: PAGE_SIZE,
      async before(pageCall) {
        const changing = { 2: placed[0], 3: placed.at(-1), 4: placed[20] }[pageCall];
        await world.advance(1_000);
        if (changing) world.sandbox.books.cancel(changing.orderId);
      },
    });
    const unchanged = placed.filter(({ status }) => status === 'placed');
    assert.equal(unchanged.length, ORDERS - 3);
    for (const { orderId } of unchanged) assert.ok(orderIds.includes(orderId), `${orderId} is missing`);
  },

  async 'both ends of a window belong to it, and what changed outside of it does not'(world) {
    const [first, second, third] = (await world.trade(3)) as [BookOrder, BookOrder, BookOrder];
    const idsIn = async (from: number, to: number) =>
      (await scan(world, { from, to }, { pageSize: PAGE_SIZE })).orderIds.sort();
    assert.deepEqual(await idsIn(first.updatedAt, second.updatedAt), idsOf([first, second]));
    assert.deepEqual(await idsIn(second.updatedAt + 1_000, third.updatedAt), idsOf([third]));
    assert.deepEqual(await idsIn(first.updatedAt + 1_000, second.updatedAt - 1_000), []);
  },

  async 'orders that a poll finds are those of the books, field by field'(world) {
    const placed = await tradeEveryStatus(world);
    const { read } = await scan(world, world.wholeWindow(), { pageSize: PAGE_SIZE });
    assertAsInTheBooks(world, placed, read);
  },

  async 'orders that are read by id are those of the books, field by field, and the same as a poll finds'(world) {
    const placed = await tradeEveryStatus(world);
    const byId = await detailsOf(world, idsOf(placed));
    assertAsInTheBooks(world, placed, byId);
    const { read } = await scan(world, world.wholeWindow(), { pageSize: PAGE_SIZE });
    const sorted = (orders: ReadOrder[]) => orders.toSorted((a, b) => a.order.orderId.localeCompare(b.order.orderId));
    assert.deepEqual(sorted(byId), sorted(read));
  },

  async 'an order that is unknown, or of another seller, is not found or not in the answer'(world) {
    const [foreign] = await world.trade(1, world.otherSeller.sellerId);
    const [own] = await world.trade(1);
    const unknown = own!.orderId.replace(/\w/g, (letter) => (/\d/.test(letter) ? '9' : letter));
    for (const orderId of [foreign!.orderId, unknown]) {
      try {
        assert.deepEqual(await world.readDetails([orderId]), []);
      } catch {
        const failure = await failureOf(() => world.readDetails([orderId]));
        assert.deepEqual([failure.kind, failure.code], ['permanent', 'order-not-found']);
      }
    }
  },
};
