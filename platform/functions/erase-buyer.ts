import { hash } from 'node:crypto';
import type { EventOf } from '#events/index.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { BuyerAccounts, OrderKey } from '#platform/state/buyer-accounts.ts';
import type { Buyers, Unannounced } from '#platform/state/buyers.ts';
import type { Orders } from '#platform/state/orders.ts';

/** orders of a connection that are erased in one step */
const PAGE = 100;

type TellDeps = {
  newEvent: NewEvent;
  publisher: Publisher;
  buyers: Pick<Buyers, 'announced'>;
  orders: Pick<Orders, 'get'>;
};

export type EraseBuyerDeps = TellDeps & { clock: Pick<Clock, 'now'>; buyers: Pick<Buyers, 'erase' | 'announced'> };

export type EraseBuyersDeps = EraseBuyerDeps & {
  /** see `Engine.purge` */
  purge(): Promise<void>;
  buyers: Pick<Buyers, 'erase' | 'announced' | 'ofConnection'> & {
    index: Pick<BuyerAccounts, 'ordersOf' | 'rememberErasure'>;
  };
};

type Wish = Omit<EventOf<'buyer-erasure.requested'>['data'], 'connectionId'> & { connectionId: string | null };

/** Why, and the `traceparent` of what led to it. */
type Why = { reason: string; cause?: string };

/**
 * Erases the personal data of an order's buyer, then records that it was done; whatever it is killed in between, it can be
 * done again, and the tick does it. False: all of that was done before.
 */
export async function eraseBuyer(deps: EraseBuyerDeps, order: OrderKey, { reason, cause }: Why): Promise<boolean> {
  const erased = await deps.buyers.erase(order, reason, deps.clock.now());
  if (!erased) return false;
  await tellOfErasure(deps, order, erased, cause);
  return true;
}

/** Records that the data of an order's buyer are gone, under the same id each time. */
export async function tellOfErasure(
  deps: TellDeps,
  order: OrderKey,
  erased: Unannounced,
  cause?: string,
): Promise<void> {
  const { connectionId, orderId } = order;
  const { reason, at } = erased;
  // Of an order that was never read there is nothing to tell.
  const stored = await deps.orders.get(connectionId, orderId);
  if (stored) {
    const id = hash('sha256', ['buyer.erased', connectionId, orderId, at].join('\n')).slice(0, 32);
    const { marketplace } = stored.order;
    await deps.publisher.publish(
      deps.newEvent('buyer.erased', { marketplace, connectionId, orderId, reason }, { id, cause }),
    );
  }
  await deps.buyers.announced(order, erased);
}

/**
 * Erases the buyers that a wish is about: those of the orders it names, of all orders of the accounts, or of the whole
 * connection. Orders of the accounts that were placed before, and are read only later, are erased then. Returns the orders
 * whose buyers it erased.
 */
export async function eraseBuyers(deps: EraseBuyersDeps, wish: Wish, cause?: string): Promise<OrderKey[]> {
  const { marketplace, connectionId, accountFingerprints: fingerprints, reason } = wish;
  const why = cause === undefined ? { reason } : { reason, cause };
  const erased: OrderKey[] = [];
  const erase = async (orders: readonly OrderKey[]): Promise<void> => {
    const isErased = await Promise.all(orders.map((order) => eraseBuyer(deps, order, why)));
    erased.push(...orders.filter((_, i) => isErased[i]));
  };

  const accounts = { marketplace, fingerprints };
  // First the mark, then the search, so that an order that is read meanwhile is found by one of them.
  await deps.buyers.index.rememberErasure(accounts, connectionId, deps.clock.now());
  const found = await deps.buyers.index.ordersOf(accounts, connectionId);
  const named = connectionId === null ? [] : wish.orderIds.map((orderId) => ({ connectionId, orderId }));
  const wanted = new Map([...found, ...named].map((order) => [`${order.connectionId}/${order.orderId}`, order]));
  const all = [...wanted.values()];
  for (let start = 0; start < all.length; start += PAGE) await erase(all.slice(start, start + PAGE));

  for (let after: string | undefined, more = wish.ofSeller && connectionId !== null; more; ) {
    const page = await deps.buyers.ofConnection(connectionId!, { after, limit: PAGE });
    await erase(page.orders);
    after = page.nextAfter;
    more = after !== undefined;
  }
  if (erased.length > 0) await deps.purge();
  return erased;
}
