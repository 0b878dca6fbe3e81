import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';

/** A place in a shop's list: just before it, newest first, the next page goes on. */
export type Place = { at: number; orderId: string };

export type TimeField = 'create_time' | 'update_time';

export type OrderIndex = ReturnType<typeof createOrderIndex>;

type Entry = Place & { order: BookOrder };

/** Finds a shop's orders by the time of their creation or last change without walking through all of them. */
export function createOrderIndex(books: Books) {
  const shops = new Map<string, Record<TimeField, Entry[]>>();
  const updatedAt = new Map<string, number>();

  function refresh(order: BookOrder): void {
    const shop = shops.get(order.sellerId) ?? { create_time: [], update_time: [] };
    shops.set(order.sellerId, shop);
    const before = updatedAt.get(order.orderId);
    if (before === undefined) insert(shop.create_time, order.placedAt, order);
    else shop.update_time.splice(lowerBound(shop.update_time, { at: before, orderId: order.orderId }), 1);
    insert(shop.update_time, order.updatedAt, order);
    updatedAt.set(order.orderId, order.updatedAt);
  }
  books.onChange(refresh);

  return {
    /** To be told of a change that the books don't announce. */
    refresh,
    /**
     * Up to `limit` orders from `from` (epoch ms) on and strictly before the place `before`, newest first, as the list
     * in Shopee's published example runs.
     */
    page(
      shopId: string,
      options: { field: TimeField; from: number; before: Place; limit: number; accepts: (order: BookOrder) => boolean },
    ): Entry[] {
      const entries = shops.get(shopId)?.[options.field] ?? [];
      const found: Entry[] = [];
      for (let index = lowerBound(entries, options.before) - 1; found.length < options.limit; index--) {
        const entry = entries[index];
        if (!entry || entry.at < options.from) break;
        if (options.accepts(entry.order)) found.push(entry);
      }
      return found;
    },
  };
}

function insert(entries: Entry[], at: number, order: BookOrder): void {
  const entry = { at, orderId: order.orderId, order };
  entries.splice(lowerBound(entries, entry), 0, entry);
}

/** Index of the first entry that is not before `place`. */
function lowerBound(entries: readonly Entry[], place: Place): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle]!;
    const isBefore = entry.at < place.at || (entry.at === place.at && entry.orderId < place.orderId);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}
