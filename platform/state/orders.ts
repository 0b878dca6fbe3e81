import { hash } from 'node:crypto';
import type { Buyer, Order } from '#events/order.ts';
import type { Item, Store, Write } from '#platform/engines/engine.ts';
import { type Stage, stageOf } from './buyer-data-end.ts';
import type { Buyers } from './buyers.ts';
import { createRawOrders } from './raw-orders.ts';

/** partition = connection id, sort = order id */
const TABLE = 'orders';

export type FoundBy = 'webhook' | 'poll' | 'backfill';

export type StoredOrder = {
  order: Order;
  /** 1 upwards, one more with each change */
  orderVersion: number;
  previousStatus: Order['status'] | null;
  /** what led to the read that found this version */
  foundBy: FoundBy;
  /** what led to the read that found the order at all */
  firstFoundBy: FoundBy;
  /** when the read that gave this version was sent, epoch ms */
  readAt: number;
  contentHash: string;
  /** stands for the buyer's data in the audit log; null where there was none, or it was erased */
  buyerCommitment: string | null;
  /** how far it is, which the end of the buyer's data goes by */
  stage?: Stage;
  /** of the marketplace's own JSON that is kept beside it; null where there is none */
  rawHash?: string | null;
  /** has `order.changed` been published for this version? */
  announced: boolean;
};

export type Orders = ReturnType<typeof createOrders>;

/** Same content, same hash: the keys of an order always stand in the order that the connector writes them. */
const contentHashOf = (order: Order): string => hash('sha256', JSON.stringify(order)).slice(0, 32);

/**
 * Is what was read newer than what is stored? By the marketplace's update time; where that is equal (Shopee counts
 * seconds) and the content differs, by when the read was sent. So an order never goes backwards.
 */
function isNewer(read: { order: Order; readAt: number; contentHash: string }, stored: StoredOrder): boolean {
  if (read.order.updatedAt !== stored.order.updatedAt) return read.order.updatedAt > stored.order.updatedAt;
  return read.contentHash !== stored.contentHash && read.readAt > stored.readAt;
}

export function createOrders({ store, buyers }: { store: Store; buyers: Pick<Buyers, 'keep' | 'eraseIfAsked'> }) {
  const rawOrders = createRawOrders({ store });

  return {
    /** The marketplace's own JSON of an order, without personal data; undefined where none is kept. */
    raw: rawOrders.get,

    async get(connectionId: string, orderId: string): Promise<StoredOrder | undefined> {
      return (await store.get(TABLE, connectionId, orderId))?.value as StoredOrder | undefined;
    },

    /**
     * Stores an order if it is newer than what is stored, its buyer with it. Returns what is stored afterwards, with
     * `announced` false where its event has still to be published, be it by us or by one who was killed before it. Then
     * it is to be published and marked, and the read to be stored again.
     */
    async store(read: {
      order: Order;
      buyer: Buyer | null;
      buyerAccounts?: readonly string[];
      raw?: unknown;
      deliveredAt?: number;
      readAt: number;
      foundBy: FoundBy;
      now: number;
    }): Promise<StoredOrder> {
      const contentHash = contentHashOf(read.order);
      for (;;) {
        const item = await store.get(TABLE, read.order.connectionId, read.order.orderId);
        const before = item?.value as StoredOrder | undefined;
        // What is not announced yet is not overwritten: its event would never be published.
        if (before && (!before.announced || !isNewer({ ...read, contentHash }, before))) return before;
        const { order, buyer, buyerAccounts: accounts = [], now } = read;
        const stage = stageOf(order, before?.stage, read.deliveredAt);
        const kept = await buyers.keep({ order, buyer, accounts, stage, now });
        const raw = rawOrders.keep(order, read.raw, before?.rawHash ?? null);
        const after: StoredOrder = {
          order,
          orderVersion: (before?.orderVersion ?? 0) + 1,
          previousStatus: before?.order.status ?? null,
          foundBy: read.foundBy,
          firstFoundBy: before?.firstFoundBy ?? read.foundBy,
          readAt: read.readAt,
          contentHash,
          buyerCommitment: kept?.commitment ?? null,
          stage,
          rawHash: raw.hash,
          announced: false,
        };
        const write: Write = {
          table: TABLE,
          partition: order.connectionId,
          sort: order.orderId,
          condition: item?.version ?? 'absent',
          value: after,
        };
        if (!(await store.writeAtomically([write, ...(kept?.writes ?? []), ...raw.writes]))) continue;
        // Afterwards, so that of an order and an erasure that meet one at least sees the other.
        if (kept) await buyers.eraseIfAsked(order, kept, now);
        return after;
      }
    },

    /** `order.changed` has been published for this version. A newer version stays unannounced. */
    async announced(stored: StoredOrder): Promise<void> {
      const { connectionId, orderId } = stored.order;
      for (;;) {
        const item = await store.get(TABLE, connectionId, orderId);
        const current = item?.value as StoredOrder | undefined;
        if (!item || current?.orderVersion !== stored.orderVersion || current.announced) return;
        const value: StoredOrder = { ...current, announced: true };
        const [result] = await store.write([
          { table: TABLE, partition: connectionId, sort: orderId, condition: item.version, value },
        ]);
        if (result?.ok) return;
      }
    },

    /** A connection's orders by id, `limit` at most, from after `after` on. */
    async list(connectionId: string, options: { after?: string; limit: number }): Promise<StoredOrder[]> {
      const items: Item[] = await store.range(TABLE, connectionId, {
        from: options.after === undefined ? undefined : `${options.after}\u0000`,
        limit: options.limit,
      });
      return items.map((item) => item.value as StoredOrder);
    },
  };
}
