import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';

type Entry = { at: number; order: BookOrder };

export type Range = { from: number; to: number };

export type OrderIndex = ReturnType<typeof createOrderIndex>;

/** Every seller's orders by creation and by last change, kept as the books change, so that a search reads few. */
export function createOrderIndex(books: Books) {
  const sellers = new Map<string, { created: Entry[]; updated: Entry[] }>();
  const updatedAt = new Map<string, number>();

  function refresh(order: BookOrder): void {
    const seller = sellers.get(order.sellerId) ?? { created: [], updated: [] };
    sellers.set(order.sellerId, seller);
    const before = updatedAt.get(order.orderId);
    if (before === undefined) insert(seller.created, { at: order.placedAt, order });
    else remove(seller.updated, before, order);
    insert(seller.updated, { at: order.updatedAt, order });
    updatedAt.set(order.orderId, order.updatedAt);
  }
  books.onChange(refresh);

  return {
    /** To be told of a change that the books don't announce. */
    refresh,
    /** The seller's orders whose two times are in these ranges, oldest creation first. */
    select(sellerId: string, { created, updated }: { created: Range; updated: Range | undefined }): BookOrder[] {
      const seller = sellers.get(sellerId);
      if (!seller) return [];
      if (!updated) return within(seller.created, created);
      return within(seller.updated, updated)
        .filter(({ placedAt }) => placedAt >= created.from && placedAt <= created.to)
        .sort((a, b) => a.placedAt - b.placedAt || Number(a.orderId) - Number(b.orderId));
    },
  };
}

function within(entries: readonly Entry[], { from, to }: Range): BookOrder[] {
  const found: BookOrder[] = [];
  for (let index = firstAfter(entries, to) - 1; index >= 0 && entries[index]!.at >= from; index--) {
    found.push(entries[index]!.order);
  }
  return found.reverse();
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
