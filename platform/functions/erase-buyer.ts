import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Buyers } from '#platform/state/buyers.ts';
import type { Orders } from '#platform/state/orders.ts';

export type EraseBuyerDeps = {
  newEvent: NewEvent;
  publisher: Publisher;
  buyers: Pick<Buyers, 'erase'>;
  orders: Pick<Orders, 'get'>;
};

/** Erases the personal data of an order's buyer, then records that it was done. False: there is no such order. */
export async function eraseBuyer(
  deps: EraseBuyerDeps,
  connectionId: string,
  orderId: string,
  reason: string,
): Promise<boolean> {
  const stored = await deps.orders.get(connectionId, orderId);
  if (!stored) return false;
  await deps.buyers.erase(connectionId, orderId);
  const { marketplace } = stored.order;
  await deps.publisher.publish(deps.newEvent('buyer.erased', { marketplace, connectionId, orderId, reason }));
  return true;
}
