import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventOf } from '#events/index.ts';
import { exampleOrder } from '#events/order.ts';
import type { Limit } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { planReads } from '#services/throttled-sync/plan-reads.ts';
import { readHintedOrders } from '#services/throttled-sync/read-hinted-orders.ts';
import { createRecentReads } from '#services/throttled-sync/recent-reads.ts';
import { createFunctionWorld } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

const CONNECTION = 'plain-1';
const limit = (ratePerSecond: number, burst: number): Limit => ({
  bucket: 'all',
  scope: 'connection',
  ratePerSecond,
  burst,
  source: 'a test',
});
const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `order-${i}`);

/** A connection whose marketplace takes `detailBatch` orders a call, and few calls. */
async function scarce(options: { detailBatch: number; pageSize?: number }) {
  const all = await createFunctionWorld();
  await all.connect(CONNECTION, 'access-1');
  await all.deps.cursors.start(CONNECTION, all.clock.now(), all.clock.now() + 600_000);
  const { marketplace } = all;
  const member = {
    marketplace: {
      ...marketplace,
      limits: { forOperation: () => [limit(0.1, 2)] },
      orders: { ...marketplace.orders, ...options },
    },
    app: {},
  };
  const deps = { ...all.deps, members: new Map([['plain', member]]), recentReads: createRecentReads() };
  all.world.answering = ({ url }) =>
    answer(
      (new URL(url).searchParams.get('ids') ?? '').split(',').map((orderId) => ({
        ...exampleOrder,
        marketplace: 'plain',
        connectionId: CONNECTION,
        orderId,
      })),
    );
  const hint = (orderId: string): EventOf<'webhook.received'> =>
    deps.newEvent('webhook.received', {
      marketplace: 'plain',
      connectionId: CONNECTION,
      topic: 'order',
      orderIds: [orderId],
      occurredAt: null,
      receivedAt: new Date(all.clock.now()).toISOString(),
      bodyBytes: 1,
      bodySha256: '0'.repeat(64),
    });
  /** Handles a hint to its end, as a queue would: it comes back when it is told to, with its place. */
  async function handle(event: EventOf<'webhook.received'>): Promise<void> {
    for (let turnAt: number | undefined; ; ) {
      try {
        return await readHintedOrders(deps, event, { attempt: 1, turnAt, rest: (wait) => wait });
      } catch (thrown) {
        if (!(thrown instanceof Failure && thrown.kind === 'throttled')) throw thrown;
        turnAt = thrown.turnAt;
        await all.clock.sleep(thrown.retryAfterMs!);
      }
    }
  }
  return { ...all, deps, hint, handle };
}

test('of several hints of one change that come together one reads at once, and one for all the others after it', async () => {
  const { hint, handle, calls, marketplace, deps } = await scarce({ detailBatch: 20 });
  const plenty = { ...marketplace, limits: { forOperation: () => [limit(100, 100)] } };
  deps.members.set('plain', { marketplace: plenty, app: {} });
  const hints = Array.from({ length: 9 }, () => hint('order-1'));
  await Promise.all(hints.map(handle));
  assert.equal(calls.filter(({ url }) => url.includes('/details')).length, 2);
});

test('of many hints of a scarce connection the first whose turn comes reads for the others too', async () => {
  const { hint, handle, calls, deps, clock } = await scarce({ detailBatch: 20 });
  const hints = ids(60).map(hint);
  await clock.sleep(10_000);
  const startedAt = clock.now();
  await Promise.all(hints.map(handle));
  const stored = await deps.orders.list(CONNECTION, { limit: 100 });
  assert.equal(stored.length, 60);
  // One by one, 60 calls would take ten minutes.
  assert.ok(calls.length <= 6, `${calls.length} calls`);
  assert.ok(clock.now() - startedAt < 700_000);
  assert.deepEqual(await deps.waitingReads.list(CONNECTION, { now: clock.now(), limit: 10 }), []);
});

test('an order that was read since its hint came is not read again; one that was read just before it is', async () => {
  const { hint, handle, calls, clock } = await scarce({ detailBatch: 20 });
  const early = hint('a');
  await clock.sleep(10_000);
  await handle(hint('a'));
  await handle(early);
  assert.equal(calls.length, 1);
  await handle(hint('a'));
  assert.equal(calls.length, 2);
});

test('where a page of the list covers more than the calls by id could, the next poll is brought forward', async () => {
  const { hint, handle, deps, clock } = await scarce({ detailBatch: 1, pageSize: 100 });
  const dueAt = (await deps.cursors.get(CONNECTION))!.dueAt;
  await Promise.all(ids(6).map((orderId) => handle(hint(orderId))));
  assert.ok((await deps.cursors.get(CONNECTION))!.dueAt < dueAt);
  assert.ok(clock.now() < dueAt);
});

test('the plan is the way that takes less time', () => {
  const plan = (waiting: number, detailBatch: number, pageSize: number | undefined, rates: [number, number]) =>
    planReads({
      waiting: ids(waiting),
      detailBatch,
      detailLimits: [limit(rates[0], 1)],
      pageSize,
      pageLimits: [limit(rates[1], 1)],
    });
  // Amazon: one order a call at 0.5/s, or a hundred a page at 0.0056/s.
  assert.equal(plan(50, 1, 100, [0.5, 0.0056]).how, 'by-id');
  assert.equal(plan(100, 1, 100, [0.5, 0.0056]).how, 'list');
  // eBay: fifty orders a call, or two hundred a page, of one budget.
  assert.deepEqual(plan(50, 50, 200, [1, 1]), { how: 'by-id', orderIds: ids(50) });
  assert.equal(plan(51, 50, 200, [1, 1]).how, 'list');
  // Shopee's pages only name orders.
  assert.deepEqual(plan(200, 50, undefined, [10, 10]), { how: 'by-id', orderIds: ids(50) });
});
