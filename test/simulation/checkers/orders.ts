import type { Order } from '#events/order.ts';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { differences } from '#services/all-in-one/demo/compare.ts';
import type { Inside } from '#test/simulation/simulation.ts';
import type { Checker } from '#test/simulation/watch.ts';

const RULE = 'an order never goes backwards';

type Stored = { order: Order; orderVersion: number; announced: boolean };
type Event = { id: string; type: string; data: { order: Order; orderVersion: number } };
type Told = { id: string; content: string; updatedAt: string };

const keyOf = ({ connectionId, orderId }: Order): string => `${connectionId}/${orderId}`;

/**
 * Each stored version is one more than the one before and not older; each is told to the seller's system before it is
 * marked as told; in the end the store and the seller's newest event say what the marketplace's books say.
 */
export function checkOrders(inside: Inside): Checker {
  const violate = (text: string): void => inside.violate(RULE, text);
  /** by order, then by version */
  const told = new Map<string, Map<number, Told>>();
  const versions = new Map<string, number>();

  function changed({ id, data: { order, orderVersion } }: Event): void {
    const key = keyOf(order);
    if ((versions.get(key) ?? 0) < orderVersion) violate(`version ${orderVersion} of ${key} was told and not stored`);
    const known = told.get(key) ?? new Map<number, Told>();
    told.set(key, known);
    const content = JSON.stringify(order);
    const same = known.get(orderVersion);
    if (same && (same.id !== id || same.content !== content))
      violate(`version ${orderVersion} of ${key} was told in two ways`);
    for (const [version, other] of known) {
      const isBackwards =
        version < orderVersion ? other.updatedAt > order.updatedAt : other.updatedAt < order.updatedAt;
      if (version !== orderVersion && isBackwards)
        violate(`versions ${version} and ${orderVersion} of ${key} are out of order`);
    }
    known.set(orderVersion, { id, content, updatedAt: order.updatedAt });
  }

  function stored(key: string, before: Stored | undefined, after: Stored): void {
    const isNew = before?.orderVersion !== after.orderVersion;
    versions.set(key, after.orderVersion);
    if (isNew && before && JSON.stringify(before.order) === JSON.stringify(after.order)) {
      violate(`version ${after.orderVersion} of ${key} says what the one before says`);
    }
    if (isNew && after.orderVersion !== (before?.orderVersion ?? 0) + 1)
      violate(`${key} jumps to version ${after.orderVersion}`);
    if (before && after.order.updatedAt < before.order.updatedAt) violate(`${key} was overwritten with an older state`);
    if (isNew && before && !before.announced)
      violate(`version ${before.orderVersion} of ${key} was overwritten untold`);
    if (after.announced && !told.get(key)?.has(after.orderVersion)) {
      violate(`version ${after.orderVersion} of ${key} is marked as told, and was not`);
    }
  }

  async function compare(connectionId: string, book: BookOrder): Promise<void> {
    const key = `${connectionId}/${book.orderId}`;
    const found = await inside.deps.orders.get(connectionId, book.orderId);
    if (!found) return violate(`${key} is missing`);
    const buyer = await inside.deps.buyers.get(connectionId, book.orderId, inside.clock.now());
    const wrong = differences(book, found.order, buyer);
    if (wrong.length > 0) violate(`${key} differs from the books in ${wrong.join(', ')}`);
    const [newest] = [...(told.get(key) ?? [])].sort(([a], [b]) => b - a).map(([, event]) => event);
    if (newest?.content !== JSON.stringify(found.order)) violate(`the newest event of ${key} is not what is stored`);
  }

  return {
    rule: RULE,
    sent({ queue, body }) {
      if (queue !== 'seller-events' || !body.includes('"order.changed"')) return;
      const event = JSON.parse(body) as Event;
      if (event.type === 'order.changed') changed(event);
    },
    wrote({ table, partition, sort, before, after }) {
      if (table !== 'orders' || after === undefined) return;
      const was = before === undefined ? undefined : (JSON.parse(before) as Stored);
      stored(`${partition}/${sort}`, was, JSON.parse(after) as Stored);
    },
    async finish() {
      for (const { name, sellers, books } of inside.sandboxes) {
        for (const book of books.orders.values()) {
          const connectionId = `${name}-${sellers.findIndex(({ sellerId }) => sellerId === book.sellerId) + 1}`;
          const connection = await inside.deps.connections.get(connectionId);
          if (connection?.status === 'active') await compare(connectionId, book);
        }
      }
    },
  };
}
