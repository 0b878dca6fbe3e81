import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';

/** The place of an order in a list: by time, then by id. */
export type Place = { at: number; orderId: string };

export type OrderIndex = ReturnType<typeof createOrderIndex>;

/** Every seller's orders sorted by creation and by last update, kept as the books change, so that a page costs a page. */
export function createOrderIndex(books: Books) {
  const lists = { created: new Map<string, Place[]>(), updated: new Map<string, Place[]>() };
  const lastUpdates = new Map<string, Place>();

  function refresh(order: BookOrder): void {
    const updated = listOf(lists.updated, order.sellerId);
    const before = lastUpdates.get(order.orderId);
    if (before) updated.splice(firstFrom(updated, before), 1);
    const place = placeOf(order, 'updated');
    insert(updated, place);
    lastUpdates.set(order.orderId, place);
  }

  books.onChange((order, change) => {
    if (change === 'placed') insert(listOf(lists.created, order.sellerId), placeOf(order, 'created'));
    refresh(order);
  });

  return {
    /** For an update that the books don't announce. */
    refresh,
    /** The seller's orders in [from, to], or from behind `after`, in order. */
    *between(
      sellerId: string,
      by: 'created' | 'updated',
      { from, to, after }: { from: number; to: number; after: Place | undefined },
    ): Generator<BookOrder> {
      const list = lists[by].get(sellerId) ?? [];
      let index = firstFrom(list, after ?? { at: from, orderId: '' });
      if (after && list[index] && compare(list[index]!, after) === 0) index += 1;
      for (; index < list.length && list[index]!.at <= to; index++) yield books.orders.get(list[index]!.orderId)!;
    },
  };
}

/** Where the order stands in the list by creation or by last update. */
export function placeOf(order: BookOrder, by: 'created' | 'updated'): Place {
  return { at: by === 'created' ? order.placedAt : order.updatedAt, orderId: order.orderId };
}

function listOf(lists: Map<string, Place[]>, sellerId: string): Place[] {
  const list = lists.get(sellerId) ?? [];
  lists.set(sellerId, list);
  return list;
}

function compare(a: Place, b: Place): number {
  return a.at - b.at || (a.orderId < b.orderId ? -1 : Number(a.orderId > b.orderId));
}

/** Index of the first place that is not before `place`. */
function firstFrom(list: readonly Place[], place: Place): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(list[middle]!, place) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(list: Place[], place: Place): void {
  list.splice(firstFrom(list, place), 0, place);
}
