import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';

type Entry = { at: number; order: BookOrder };

export type TimeField = 'created' | 'modified';

export type OrderIndex = ReturnType<typeof createOrderIndex>;

/** Every seller's orders by creation and by last change, kept as the books change, so that a list sorts nothing. */
export function createOrderIndex(books: Books) {
  const sellers = new Map<string, Record<TimeField, Entry[]>>();
  const modifiedAt = new Map<string, number>();

  function refresh(order: BookOrder): void {
    const seller = sellers.get(order.sellerId) ?? { created: [], modified: [] };
    sellers.set(order.sellerId, seller);
    const before = modifiedAt.get(order.orderId);
    if (before === undefined) insert(seller.created, { at: order.placedAt, order });
    else remove(seller.modified, before, order);
    insert(seller.modified, { at: order.updatedAt, order });
    modifiedAt.set(order.orderId, order.updatedAt);
  }
  books.onChange(refresh);

  return {
    /** To be told of a change that the books don't announce. */
    refresh,
    /** The seller's orders whose time is in [from, to], newest first. */
    *between(sellerId: string, field: TimeField, { from, to }: { from: number; to: number }): Generator<BookOrder> {
      const entries = sellers.get(sellerId)?.[field] ?? [];
      for (let index = firstAfter(entries, to) - 1; index >= 0; index--) {
        const { at, order } = entries[index]!;
        if (at < from) return;
        yield order;
      }
    },
  };
}

/** Index of the first entry later than `at`. */
function firstAfter(entries: readonly Entry[], at: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(entries: Entry[], entry: Entry): void {
  entries.splice(firstAfter(entries, entry.at), 0, entry);
}

function remove(entries: Entry[], at: number, order: BookOrder): void {
  let index = firstAfter(entries, at) - 1;
  while (entries[index]!.order !== order) index -= 1;
  entries.splice(index, 1);
}
