import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';

type Entry = { at: number; order: BookOrder };

export type TimeField = 'created_at' | 'updated_at';

export type OrderIndex = ReturnType<typeof createOrderIndex>;

/** Every seller's orders by creation and by last change, kept as the books change, so that a list sorts nothing. */
export function createOrderIndex(books: Books) {
  const sellers = new Map<string, Record<TimeField, Entry[]>>();
  const updatedAt = new Map<string, number>();

  function refresh(order: BookOrder): void {
    let seller = sellers.get(order.sellerId);
    if (!seller) {
      seller = { created_at: [], updated_at: [] };
      sellers.set(order.sellerId, seller);
    }
    const before = updatedAt.get(order.orderId);
    if (before === undefined) insert(seller.created_at, { at: order.placedAt, order });
    else remove(seller.updated_at, before, order);
    insert(seller.updated_at, { at: order.updatedAt, order });
    updatedAt.set(order.orderId, order.updatedAt);
  }
  books.onChange(refresh);

  return {
    /** To be told of a change that the books don't announce. */
    refresh,
    /** The seller's orders whose time is in [from, to], oldest first. */
    between(sellerId: string, field: TimeField, { from, to }: { from: number; to: number }): BookOrder[] {
      const entries = sellers.get(sellerId)?.[field] ?? [];
      return entries.slice(firstNotBefore(entries, from), firstAfter(entries, to)).map(({ order }) => order);
    },
  };
}

/** Index of the first entry that `isPast`, which holds for all entries after it. */
function first(entries: readonly Entry[], isPast: (entry: Entry) => boolean): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isPast(entries[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function firstNotBefore(entries: readonly Entry[], at: number): number {
  return first(entries, (entry) => entry.at >= at);
}

function firstAfter(entries: readonly Entry[], at: number): number {
  return first(entries, (entry) => entry.at > at);
}

function insert(entries: Entry[], entry: Entry): void {
  entries.splice(firstAfter(entries, entry.at), 0, entry);
}

function remove(entries: Entry[], at: number, order: BookOrder): void {
  let index = firstAfter(entries, at) - 1;
  while (entries[index]!.order !== order) index -= 1;
  entries.splice(index, 1);
}
