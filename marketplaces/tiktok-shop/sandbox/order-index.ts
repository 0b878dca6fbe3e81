import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';

/** A place in a shop's list: just behind it the next page goes on. */
export type Place = { at: number; orderId: string };

export type TimeField = 'create_time' | 'update_time';

export type OrderIndex = ReturnType<typeof createOrderIndex>;

type Entry = Place & { order: BookOrder };

/** Every shop's orders by creation and by last change, kept as the books change, so that a list sorts nothing. */
export function createOrderIndex(books: Books) {
  const shops = new Map<string, Record<TimeField, Entry[]>>();
  const updatedAt = new Map<string, number>();

  function refresh(order: BookOrder): void {
    const { orderId, sellerId } = order;
    const shop = shops.get(sellerId) ?? { create_time: [], update_time: [] };
    shops.set(sellerId, shop);
    const before = updatedAt.get(orderId);
    if (before === undefined) insert(shop.create_time, { at: order.placedAt, orderId, order });
    else shop.update_time.splice(lowerBound(shop.update_time, { at: before, orderId }), 1);
    insert(shop.update_time, { at: order.updatedAt, orderId, order });
    updatedAt.set(orderId, order.updatedAt);
  }
  books.onChange(refresh);

  return {
    /** To be told of a change that the books don't announce. */
    refresh,
    /** How many orders of [from, to) there are, and up to `limit` of them behind the place `after`. */
    find(
      shopId: string,
      options: {
        field: TimeField;
        from: number;
        to: number;
        isDescending: boolean;
        after: Place | undefined;
        limit: number;
        /** absent: takes all */
        accepts?: ((order: BookOrder) => boolean) | undefined;
      },
    ): { total: number; found: Entry[] } {
      const { after, accepts = () => true, limit } = options;
      const entries = shops.get(shopId)?.[options.field] ?? [];
      const start = lowerBound(entries, { at: options.from, orderId: '' });
      const end = Math.max(start, lowerBound(entries, { at: options.to, orderId: '' }));
      const found: Entry[] = [];
      const step = options.isDescending ? -1 : 1;
      const first = options.isDescending
        ? (after ? lowerBound(entries, after) : end) - 1
        : after
          ? lowerBound(entries, after)
          : start;
      for (let index = first; index >= start && index < end && found.length < limit; index += step) {
        const entry = entries[index]!;
        if (entry.orderId !== after?.orderId && accepts(entry.order)) found.push(entry);
      }
      let total = end - start;
      if (options.accepts) {
        total = 0;
        for (let index = start; index < end; index++) if (accepts(entries[index]!.order)) total += 1;
      }
      return { total, found };
    },
  };
}

function insert(entries: Entry[], entry: Entry): void {
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
