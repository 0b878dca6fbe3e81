import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';

export type TimeField = 'created' | 'updated';

export type Range = { from: number; to: number };

export type OrderIndex = ReturnType<typeof createOrderIndex>;

type Entry = { at: number; order: BookOrder };

/** Every shop's orders by creation and by last change, kept as the books change, so that a list sorts nothing. */
export function createOrderIndex(books: Books) {
  const shops = new Map<string, Record<TimeField, Entry[]>>();
  const updatedAt = new Map<string, number>();

  function refresh(order: BookOrder): void {
    const shop = shops.get(order.sellerId) ?? { created: [], updated: [] };
    shops.set(order.sellerId, shop);
    const before = updatedAt.get(order.orderId);
    if (before === undefined) insert(shop.created, { at: order.placedAt, order });
    else shop.updated.splice(countBefore(shop.updated, before, order.orderId), 1);
    insert(shop.updated, { at: order.updatedAt, order });
    updatedAt.set(order.orderId, order.updatedAt);
  }
  books.onChange(refresh);

  return {
    /** To be told of a change that the books don't announce. */
    refresh,
    /** A shop's orders whose time is in [from, to], oldest first, ties by id. */
    between(shopId: string, field: TimeField, { from, to }: Range): BookOrder[] {
      const entries = shops.get(shopId)?.[field] ?? [];
      return entries.slice(countBefore(entries, from, ''), countBefore(entries, to + 1, '')).map(({ order }) => order);
    },
  };
}

function insert(entries: Entry[], entry: Entry): void {
  entries.splice(countBefore(entries, entry.at, entry.order.orderId), 0, entry);
}

/** How many entries are before this time, or at it with a lower id. */
function countBefore(entries: readonly Entry[], at: number, orderId: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle]!;
    if (entry.at < at || (entry.at === at && entry.order.orderId < orderId)) low = middle + 1;
    else high = middle;
  }
  return low;
}
