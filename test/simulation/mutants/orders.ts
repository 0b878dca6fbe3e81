import type { FunctionDeps } from '#platform/functions/deps.ts';
import type { Orders } from '#platform/state/orders.ts';
import { type Mutant, unconditional, withMarketplaces, withStore } from './mutation.ts';

const withOrders = (deps: FunctionDeps, change: (orders: Orders) => Partial<Orders>): FunctionDeps => ({
  ...deps,
  orders: { ...deps.orders, ...change(deps.orders) },
});

const publishAs = (deps: FunctionDeps, stored: Awaited<ReturnType<Orders['store']>>): Promise<void> => {
  const { order, orderVersion, previousStatus, foundBy, buyerCommitment } = stored;
  return deps.publisher.publish(
    deps.newEvent('order.changed', { order, orderVersion, previousStatus, foundBy, buyerCommitment }),
  );
};

const SLOW_MS = 10_000;

export const orderMutants: Mutant[] = [
  {
    name: 'write-an-order-without-condition',
    breaks: [/backwards/],
    withinSeeds: 16,
    world: (world) =>
      withStore(world, (store) => ({
        // Slow too, so that few runs are enough.
        async writeAtomically(writes) {
          if (writes.some(({ table }) => table === 'orders')) {
            await world.clock.sleep(world.random.fraction() * SLOW_MS);
          }
          return unconditional('orders', 'buyers')(store).writeAtomically(writes);
        },
      })),
  },
  {
    name: 'store-an-order-without-comparing',
    breaks: [/backwards/],
    withinSeeds: 1,
    deps: (deps) =>
      withOrders(deps, (orders) => ({
        async store(read) {
          const before = await orders.get(read.order.connectionId, read.order.orderId);
          if (!before?.announced) return orders.store(read);
          const { connectionId: partition, orderId: sort } = read.order;
          const orderVersion = before.orderVersion + 1;
          const after = { ...before, order: read.order, orderVersion, readAt: read.readAt, announced: false };
          await deps.store.write([{ table: 'orders', partition, sort, condition: 'none', value: after }]);
          return after;
        },
      })),
  },
  {
    name: 'overwrite-an-order-that-is-not-told-yet',
    breaks: [/backwards/],
    withinSeeds: 6,
    deps: (deps) =>
      withOrders(deps, (orders) => ({
        async store(read) {
          const stored = await orders.store(read);
          // Taken for told, so that the next read may overwrite it.
          if (!stored.announced && stored.readAt !== read.readAt) await orders.announced(stored);
          return orders.store(read);
        },
      })),
  },
  {
    name: 'publish-before-storing',
    breaks: [/backwards/],
    withinSeeds: 1,
    deps: (deps) =>
      withOrders(deps, (orders) => ({
        async store(read) {
          const before = await orders.get(read.order.connectionId, read.order.orderId);
          if (!before) {
            const { order, foundBy } = read;
            const first = { order, foundBy, orderVersion: 1, previousStatus: null, buyerCommitment: null };
            await publishAs(deps, first as Awaited<ReturnType<Orders['store']>>);
          }
          return orders.store(read);
        },
      })),
  },
  {
    name: 'mark-before-publishing',
    breaks: [/backwards/],
    withinSeeds: 1,
    deps: (deps) =>
      withOrders(deps, (orders) => ({
        async store(read) {
          const stored = await orders.store(read);
          if (!stored.announced) await orders.announced(stored);
          return stored;
        },
      })),
  },
  {
    name: 'never-publish-again',
    breaks: [/backwards/, /watermark/, /2xx/],
    withinSeeds: 10,
    deps: (deps) =>
      withOrders(deps, (orders) => ({
        async store(read) {
          const stored = await orders.store(read);
          return stored.readAt === read.readAt ? stored : { ...stored, announced: true };
        },
      })),
  },
  {
    name: 'no-overlap-of-windows',
    breaks: [/watermark/, /backwards/],
    withinSeeds: 12,
    // Not 0: Shopee takes no empty window.
    deps: (deps) => withMarketplaces(deps, ({ orders }) => ({ orders: { ...orders, overlapMs: 2_000 } })),
  },
  {
    name: 'no-time-to-settle',
    breaks: [/watermark/, /backwards/, /buried/],
    withinSeeds: 8,
    // Not Amazon, which refuses a window that ends now.
    deps: (deps) =>
      withMarketplaces(deps, ({ name, orders }) => ({
        orders: name === 'amazon' ? orders : { ...orders, settleMs: 0 },
      })),
  },
  {
    name: 'no-new-start-after-a-lost-page-token',
    breaks: [/buried/],
    withinSeeds: 12,
    deps: (deps) =>
      withMarketplaces(deps, ({ orders }) => ({ orders: { ...orders, isPageTokenExpired: () => false } })),
  },
  {
    name: 'leave-out-all-pages-but-the-first',
    breaks: [/watermark/],
    withinSeeds: 12,
    deps: (deps) =>
      withMarketplaces(deps, ({ orders }) => ({
        orders: {
          ...orders,
          readPage: (response, connection, window) => ({
            ...orders.readPage(response, connection, window),
            nextPageToken: undefined,
          }),
        },
      })),
  },
  {
    name: 'move-the-watermark-when-the-poll-begins',
    breaks: [/watermark/],
    withinSeeds: 2,
    deps: (deps) => ({
      ...deps,
      cursors: {
        ...deps.cursors,
        async begin(connectionId, next) {
          await deps.cursors.begin(connectionId, next);
          if (next.underWayUntil > 0) await deps.cursors.finish(connectionId, deps.clock.now());
        },
      },
    }),
  },
  {
    name: 'let-the-watermark-go-back',
    breaks: [/watermark/],
    withinSeeds: 4,
    deps: (deps) => ({
      ...deps,
      cursors: {
        ...deps.cursors,
        async finish(connectionId, watermark) {
          await deps.cursors.finish(connectionId, watermark);
          const item = await deps.store.get('cursors', connectionId, 'orders');
          const value = { ...(item?.value as object), watermark };
          await deps.store.write([
            { table: 'cursors', partition: connectionId, sort: 'orders', condition: 'none', value },
          ]);
        },
      },
    }),
  },
];
