import type { Buyer, Order } from '#events/order.ts';
import type { Store, Write } from '#platform/engines/engine.ts';
import type { Random } from '#platform/runtime/random.ts';
import { commitment, SALT_BYTES } from './audit-log/commitment.ts';
import type { Encryption } from './encryption.ts';

/** partition = connection id, sort = order id */
const TABLE = 'buyers';
/** how long a buyer's data is kept, ms: 30 days after the order last changed, Amazon's data protection policy */
const KEPT_MS = 30 * 24 * 3_600_000;

/** As stored: a ciphertext, or the mark that the data was erased and must not come back with the next read. */
type StoredBuyer = { sealed: string } | { erased: true };

/** What the ciphertext holds: with the salt goes all that could link the audit log's commitment to the person. */
type Sealed = { salt: string; buyer: Buyer };

export type Buyers = ReturnType<typeof createBuyers>;

/** Buyers' personal data: apart from the orders, encrypted, with an end date, erasable. */
export function createBuyers(deps: { store: Store; encryption: Encryption; random: Pick<Random, 'hex'> }) {
  const { store, encryption, random } = deps;
  const boundTo = (connectionId: string, orderId: string): string => `${connectionId}/${orderId}`;

  async function read(connectionId: string, orderId: string, now: number) {
    const item = await store.get(TABLE, connectionId, orderId);
    const condition = item?.version ?? ('absent' as const);
    if (!item || (item.expiresAt !== undefined && item.expiresAt <= now)) return { condition, kept: undefined };
    const stored = item.value as StoredBuyer;
    if ('erased' in stored) return { condition, kept: 'erased' as const };
    const kept = JSON.parse(encryption.decrypt(stored.sealed, boundTo(connectionId, orderId))) as Sealed;
    return { condition, kept };
  }

  return {
    /**
     * The write that keeps an order's buyer, to go with the order's own, and what stands for the buyer in the audit log.
     * None for one who was erased; the write fails where that happens before it.
     */
    async keep(order: Order, buyer: Buyer, now: number): Promise<{ write: Write; commitment: string } | undefined> {
      const { connectionId, orderId } = order;
      const { condition, kept } = await read(connectionId, orderId, now);
      if (kept === 'erased') return undefined;
      // The salt stays with the order, so that its entries can be compared.
      const salt = kept?.salt ?? random.hex(SALT_BYTES);
      const sealed = encryption.encrypt(
        JSON.stringify({ salt, buyer } satisfies Sealed),
        boundTo(connectionId, orderId),
      );
      const value: StoredBuyer = { sealed };
      const row = { table: TABLE, partition: connectionId, sort: orderId, condition };
      return {
        write: { ...row, value, expiresAt: now + KEPT_MS },
        commitment: commitment(Buffer.from(salt, 'hex'), 'buyer', JSON.stringify(buyer)),
      };
    },

    /** The buyer of an order, or undefined where none is kept (any more). */
    async get(connectionId: string, orderId: string, now: number): Promise<Buyer | undefined> {
      const { kept } = await read(connectionId, orderId, now);
      return kept === 'erased' ? undefined : kept?.buyer;
    },

    /** Erases a buyer's data for good: later reads of the order do not bring it back. */
    async erase(connectionId: string, orderId: string): Promise<void> {
      const value: StoredBuyer = { erased: true };
      await store.write([{ table: TABLE, partition: connectionId, sort: orderId, condition: 'none', value }]);
    },
  };
}
