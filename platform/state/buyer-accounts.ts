import type { Store, Write } from '#platform/engines/engine.ts';
import { UNSENT_DAYS } from './buyer-data-end.ts';
import type { Encryption } from './encryption.ts';

/** partition = marketplace and an account's fingerprint, sort = `order#…` or `erased#…` */
const TABLE = 'buyer-accounts';
/** how long an erasure is remembered for orders that are not read yet, ms: as long as their data could be kept */
const REMEMBERED_MS = UNSENT_DAYS * 24 * 3_600_000;
/** orders of one account that are looked up in one step */
const PAGE = 100;

export type OrderKey = { connectionId: string; orderId: string };

/** Accounts of buyers at a marketplace, as fingerprints only. */
export type Accounts = { marketplace: string; fingerprints: readonly string[] };

export type BuyerAccounts = ReturnType<typeof createBuyerAccounts>;

/**
 * Which orders are of which buyer: by the fingerprints of the buyer's accounts, since neither an account's name nor a hash
 * that could be guessed may be stored or queued.
 */
export function createBuyerAccounts({ store, encryption }: { store: Store; encryption: Encryption }) {
  const partitionOf = (marketplace: string, fingerprint: string): string => `${marketplace}/${fingerprint}`;
  const partitionsOf = ({ marketplace, fingerprints }: Accounts) =>
    fingerprints.map((fingerprint) => partitionOf(marketplace, fingerprint));
  const orderSort = ({ connectionId, orderId }: OrderKey): string => `order#${connectionId}/${orderId}`;
  /** `everywhere` names no connection: one can't be called so with nothing behind the sign */
  const erasedSort = (connectionId: string | null): string => `erased#${connectionId ?? ''}`;
  const textOf = (marketplace: string, account: string): string => `${marketplace}\n${normal(account)}`;

  return {
    /** The fingerprints to look an account up by: one for each data key that there is. */
    fingerprintsOf(marketplace: string, accounts: readonly string[]): string[] {
      return accounts.flatMap((account) => encryption.fingerprints(textOf(marketplace, account)));
    },

    /** What an order's buyer is indexed under. */
    indexedAs(marketplace: string, accounts: readonly string[]): string[] {
      return [...new Set(accounts.map((account) => encryption.fingerprint(textOf(marketplace, account))))];
    },

    /** The writes that lead from accounts to an order, until the buyer's data of it end; or, with null, no more. */
    lead(accounts: Accounts, order: OrderKey, endsAt: number | null): Write[] {
      const { connectionId, orderId } = order;
      return partitionsOf(accounts).map((partition) => ({
        ...{ table: TABLE, partition, sort: orderSort(order), condition: 'none' as const },
        ...(endsAt === null ? { value: null } : { value: { connectionId, orderId }, expiresAt: endsAt }),
      }));
    },

    /** The orders of the buyers, at one connection or, with null, at all of the marketplace. */
    async ordersOf(accounts: Accounts, connectionId: string | null): Promise<OrderKey[]> {
      const found = new Map<string, OrderKey>();
      for (const partition of partitionsOf(accounts)) {
        for (let from = 'order#'; ; ) {
          const items = await store.range(TABLE, partition, { from, to: 'order$', limit: PAGE });
          for (const item of items) found.set(item.sort, item.value as OrderKey);
          if (items.length < PAGE) break;
          from = `${items.at(-1)!.sort}\u0000`;
        }
      }
      return [...found.values()].filter((order) => connectionId === null || order.connectionId === connectionId);
    },

    /** From now on orders that were placed before now, and are read later, are erased too. */
    async rememberErasure(accounts: Accounts, connectionId: string | null, now: number): Promise<void> {
      const sort = erasedSort(connectionId);
      await store.write(
        partitionsOf(accounts).map((partition) => ({
          ...{ table: TABLE, partition, sort, condition: 'none' as const },
          ...{ value: { erasedAt: now }, expiresAt: now + REMEMBERED_MS },
        })),
      );
    },

    /** Was it asked, after the order was placed, that the buyer's data be erased? */
    async isErased(accounts: Accounts, order: { connectionId: string; placedAt: string }): Promise<boolean> {
      const placedAt = Date.parse(order.placedAt);
      for (const partition of partitionsOf(accounts)) {
        for (const connectionId of [null, order.connectionId]) {
          const item = await store.get(TABLE, partition, erasedSort(connectionId));
          if (item && (item.value as { erasedAt: number }).erasedAt >= placedAt) return true;
        }
      }
      return false;
    },
  };
}

/** E-mail addresses are written in any case. Ids are not: two that differ in case may be two buyers. */
function normal(account: string): string {
  const trimmed = account.trim();
  return trimmed.includes('@') ? trimmed.toLowerCase() : trimmed;
}
