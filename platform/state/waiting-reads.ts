import type { Store, Write } from '#platform/engines/engine.ts';

/** partition = connection id, sort = order id */
const TABLE = 'waiting-reads';
/** a note is worth nothing after this, ms: polls have read its order long since */
const KEPT_MS = 86_400_000;

export type WaitingReads = ReturnType<typeof createWaitingReads>;

/**
 * Notes of orders whose hints wait for a place in the budgets, so that the first hint whose turn comes reads what the
 * others wait for too. Only notes: each hint is still a message of its own, and loses nothing where a note is lost.
 */
export function createWaitingReads({ store }: { store: Store }) {
  const row = (connectionId: string, orderId: string, value: unknown, expiresAt?: number): Write => ({
    table: TABLE,
    partition: connectionId,
    sort: orderId,
    condition: 'none',
    value,
    expiresAt,
  });
  return {
    async add(connectionId: string, orderIds: readonly string[], now: number): Promise<void> {
      await store.write(orderIds.map((orderId) => row(connectionId, orderId, { since: now }, now + KEPT_MS)));
    },
    /** Up to `limit` orders that are waited for. */
    async list(connectionId: string, options: { now: number; limit: number }): Promise<string[]> {
      const items = await store.range(TABLE, connectionId, { limit: options.limit });
      return items.filter((item) => (item.expiresAt ?? options.now) >= options.now).map((item) => item.sort);
    },
    async remove(connectionId: string, orderIds: readonly string[]): Promise<void> {
      if (orderIds.length > 0) await store.write(orderIds.map((orderId) => row(connectionId, orderId, null)));
    },
  };
}
