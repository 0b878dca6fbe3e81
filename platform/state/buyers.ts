import { createHmac } from 'node:crypto';
import type { Buyer, Order } from '#events/order.ts';
import type { Item, Store, Write } from '#platform/engines/engine.ts';
import type { Random } from '#platform/runtime/random.ts';
import { commitment, SALT_BYTES } from './audit-log/commitment.ts';
import { createBuyerAccounts, type OrderKey } from './buyer-accounts.ts';
import { BUYER_DATA_DAYS, buyerDataEndsAt, type Stage } from './buyer-data-end.ts';
import { createDueIndex } from './due-index.ts';
import { createEncryption, type Encryption } from './encryption.ts';

/** partition = connection id, sort = order id; so are the rows of both */
const TABLE = 'buyers';
const KEYS = 'buyer-keys';
/** AES-256 */
const KEY_BYTES = 32;

/** What is still to be told of data that are gone. */
export type Unannounced = { reason: string; at: number };
/** the reason of data that came to their end, which nobody asked to be erased */
export const ENDED = 'ended';

/**
 * As stored: a ciphertext, or the mark that the data were erased and must not come back with the next read. `accounts` are
 * fingerprints.
 */
type Kept = { sealed: string; marketplace: string; accounts: string[]; endsAt: number };
type StoredBuyer = Kept | { erased: true; unannounced?: Unannounced };

export type BuyerRead = {
  order: Order;
  buyer: Buyer | null;
  /** as the marketplace names them, in the clear */
  accounts: readonly string[];
  stage: Stage;
  now: number;
};

/** `commitment` stands for the buyer in the audit log. */
export type KeptBuyer = { writes: Write[]; commitment: string | null; fingerprints: string[] };

export type Buyers = ReturnType<typeof createBuyers>;

/**
 * Buyers' personal data: apart from the orders, under a key of each order's own, with an end, erasable. The key is wrapped
 * by the data key and lies in a table of its own; it goes with the data, so that no copy of them can be read any more.
 * @param deps.keptDays how long the data are kept after delivery
 */
export function createBuyers(deps: {
  store: Store;
  encryption: Encryption;
  random: Pick<Random, 'hex'>;
  keptDays?: number | undefined;
}) {
  const { store, encryption, random, keptDays = BUYER_DATA_DAYS } = deps;
  const index = createBuyerAccounts({ store, encryption });
  const due = createDueIndex({ store, table: 'buyer-data-due' });
  const boundTo = ({ connectionId, orderId }: OrderKey): string => `${connectionId}/${orderId}`;
  const dueId = ({ connectionId, orderId }: OrderKey): string => JSON.stringify([connectionId, orderId]);
  const rowOf = (table: string, { connectionId, orderId }: OrderKey) => ({
    table,
    partition: connectionId,
    sort: orderId,
    condition: 'none' as const,
  });

  const readRow = (order: OrderKey): Promise<Item | undefined> => store.get(TABLE, order.connectionId, order.orderId);

  /** The order's key, unless it has come to its end; the engine may have kept it longer. */
  async function readKey(order: OrderKey, now: number): Promise<string | undefined> {
    const item = await store.get(KEYS, order.connectionId, order.orderId);
    if (!item || (item.expiresAt ?? 0) <= now) return undefined;
    return encryption.decrypt((item.value as { wrapped: string }).wrapped, boundTo(order));
  }

  const openedWith = (key: string): Encryption => createEncryption({ current: '1', keys: { 1: key } }, random);

  /** Leaves the mark alone; undefined where there is nothing (more) to tell. */
  async function takeAway(order: OrderKey, unannounced: Unannounced): Promise<Unannounced | undefined> {
    const isEnd = unannounced.reason === ENDED;
    for (;;) {
      const item = await readRow(order);
      const stored = item?.value as StoredBuyer | undefined;
      const kept = stored && 'sealed' in stored ? stored : undefined;
      const told = stored && 'erased' in stored ? stored.unannounced : undefined;
      if (isEnd && !(kept && kept.endsAt <= unannounced.at)) return told;
      // What ended may be read anew, and what someone wants erased may not: the mark of the one becomes that of the other.
      if (stored && !kept && told?.reason !== ENDED) return told;
      const value: StoredBuyer = { erased: true, unannounced };
      const written = await store.writeAtomically([
        { ...rowOf(TABLE, order), condition: item?.version ?? 'absent', value },
        { ...rowOf(KEYS, order), value: null },
        ...(kept ? index.lead({ marketplace: kept.marketplace, fingerprints: kept.accounts }, order, null) : []),
        ...due.move(dueId(order), kept?.endsAt ?? told?.at, unannounced.at),
      ]);
      if (written) return unannounced;
    }
  }

  return {
    index,

    /**
     * The writes that keep an order's buyer, to go with the order's own. None for one who was erased, or whose time is over; the writes fail where that happens before them. An order that
     * comes without its buyer leaves what is kept, and moves its end.
     */
    async keep(read: BuyerRead): Promise<KeptBuyer | undefined> {
      const { order, buyer, stage, now } = read;
      const item = await readRow(order);
      const stored = item?.value as StoredBuyer | undefined;
      if (stored && 'erased' in stored) return undefined;
      const endsAt = buyerDataEndsAt(order, stage, keptDays);
      const formerKey = stored ? await readKey(order, now) : undefined;
      if (!buyer && !formerKey) return undefined;
      // What is over is not stored again; what is stored ends with the next tick.
      if (!formerKey && endsAt <= now) return undefined;

      const key = formerKey ?? Buffer.from(random.hex(KEY_BYTES), 'hex').toString('base64');
      const { marketplace } = order;
      const named = buyer
        ? index.indexedAs(marketplace, [...read.accounts, ...(buyer.email ? [buyer.email] : [])])
        : [];
      const fingerprints = [...new Set([...(stored?.accounts ?? []), ...named])];
      const sealed = buyer ? openedWith(key).encrypt(JSON.stringify(buyer), boundTo(order)) : stored!.sealed;
      const value: StoredBuyer = { sealed, marketplace, accounts: fingerprints, endsAt };
      const wrapped = { wrapped: encryption.encrypt(key, boundTo(order)) };
      return {
        writes: [
          { ...rowOf(TABLE, order), condition: item?.version ?? 'absent', value },
          { ...rowOf(KEYS, order), value: wrapped, expiresAt: endsAt },
          ...index.lead({ marketplace, fingerprints }, order, endsAt),
          ...due.move(dueId(order), stored?.endsAt, endsAt),
        ],
        commitment: buyer && commitment(saltOf(key), 'buyer', JSON.stringify(buyer)),
        fingerprints,
      };
    },

    /** The buyer of an order, or undefined where none is kept (any more). */
    async get(connectionId: string, orderId: string, now: number): Promise<Buyer | undefined> {
      const order = { connectionId, orderId };
      const stored = (await readRow(order))?.value as StoredBuyer | undefined;
      if (!stored || 'erased' in stored || stored.endsAt <= now) return undefined;
      const key = await readKey(order, now);
      if (key === undefined) return undefined;
      return JSON.parse(openedWith(key).decrypt(stored.sealed, boundTo(order))) as Buyer;
    },

    /**
     * Erases a buyer's data for good: later reads of the order do not bring them back. Returns what is still to be told of
     * it; undefined where all of that was done before.
     */
    erase(order: OrderKey, reason: string, now: number): Promise<Unannounced | undefined> {
      return takeAway(order, { reason, at: now });
    },

    /** Takes data away whose time is over. Returns what is to be told of it, or of an erasure that was not told of yet. */
    end(order: OrderKey, now: number): Promise<Unannounced | undefined> {
      return takeAway(order, { reason: ENDED, at: now });
    },

    /** It has been told of. Of data that ended nothing is left; of erased ones the mark is. */
    async announced(order: OrderKey, { reason, at }: Unannounced): Promise<void> {
      for (;;) {
        const item = await readRow(order);
        const stored = item?.value as StoredBuyer | undefined;
        if (!item || !stored || !('erased' in stored) || stored.unannounced?.at !== at) return;
        const value: StoredBuyer | null = reason === ENDED ? null : { erased: true };
        const row = { ...rowOf(TABLE, order), condition: item.version, value };
        if (await store.writeAtomically([row, ...due.move(dueId(order), at, undefined)])) return;
      }
    },

    /** Orders whose buyers' data are over, or gone and not told of; the longest due first. */
    async due(now: number, limit: number): Promise<OrderKey[]> {
      return (await due.due(now, limit)).map((id) => {
        const [connectionId, orderId] = JSON.parse(id) as [string, string];
        return { connectionId, orderId };
      });
    },

    /** A connection's orders whose buyers are not erased or not told of, `limit` looked at from after `after` on. */
    async ofConnection(connectionId: string, options: { after?: string | undefined; limit: number }) {
      const from = options.after === undefined ? undefined : `${options.after}\u0000`;
      const items = await store.range(TABLE, connectionId, { from, limit: options.limit });
      const isLeft = ({ value }: Item): boolean => {
        const stored = value as StoredBuyer;
        return 'sealed' in stored || stored.unannounced !== undefined;
      };
      return {
        orders: items.filter(isLeft).map(({ sort }): OrderKey => ({ connectionId, orderId: sort })),
        nextAfter: items.length < options.limit ? undefined : items.at(-1)!.sort,
      };
    },

    /** Erases the buyer of an order just stored, where that was asked for before the order was read. */
    async eraseIfAsked(order: Order, { fingerprints }: KeptBuyer, now: number): Promise<void> {
      const { marketplace } = order;
      if (await index.isErased({ marketplace, fingerprints }, order)) {
        await takeAway(order, { reason: 'asked-before', at: now });
      }
    },
  };
}

/** The audit log's commitments are salted with what goes with the key. It stays with the order, so that they can be compared. */
function saltOf(key: string): Buffer {
  return createHmac('sha256', Buffer.from(key, 'base64')).update('salt').digest().subarray(0, SALT_BYTES);
}
