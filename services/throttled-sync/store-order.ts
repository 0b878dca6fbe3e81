import { hash } from 'node:crypto';
import type { ReadOrder } from '#marketplaces/marketplace.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { FoundBy, Orders, StoredOrder } from '#platform/state/orders.ts';

export type StoreOrderDeps = {
  clock: Clock;
  newEvent: NewEvent;
  publisher: Publisher;
  orders: Pick<Orders, 'store' | 'announced'>;
};

/**
 * Stores an order if it is newer and publishes `order.changed`. Store, publish, mark, in this order: a crash before the
 * mark lets whoever reads the order next publish it again, under the same id, before a newer version is stored. So every
 * version that was ever stored is published.
 */
export async function storeOrder(
  deps: StoreOrderDeps,
  read: ReadOrder,
  about: { readAt: number; foundBy: FoundBy; cause: string },
): Promise<void> {
  const { readAt, foundBy } = about;
  for (;;) {
    const stored = await deps.orders.store({ ...read, readAt, foundBy, now: deps.clock.now() });
    if (stored.announced) return;
    await announce(deps, stored, about.cause);
  }
}

async function announce(deps: StoreOrderDeps, stored: StoredOrder, cause: string): Promise<void> {
  const { order, orderVersion, previousStatus, foundBy, buyerCommitment } = stored;
  await deps.publisher.publish(
    deps.newEvent(
      'order.changed',
      { order, orderVersion, previousStatus, foundBy, buyerCommitment },
      { id: orderChangedId(stored), subject: order.orderId, cause },
    ),
  );
  await deps.orders.announced(stored);
}

/** The same for each publishing of one version: whose order, which, as of when, and with what content. */
function orderChangedId({ order, contentHash }: Pick<StoredOrder, 'order' | 'contentHash'>): string {
  const parts = [order.connectionId, order.orderId, order.updatedAt, contentHash];
  return hash('sha256', parts.join('\n')).slice(0, 32);
}
