import type { Store, Write, WriteResult } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { coalesce } from '#platform/runtime/coalesce.ts';

/** partition = delivery id, sort = 'queued' */
const TABLE = 'deliveries';
/** how long a mark stands, ms: longer than any marketplace goes on resending (eBay: days) */
const KEPT_MS = 14 * 24 * 3_600_000;
/** how long marks wait for others to share a write, ms; no answer waits for them, so it may be long */
const COALESCE_MS = 500;
/** most marks in one write */
const MAX_MARKS = 100;

export type Deliveries = ReturnType<typeof createDeliveries>;

/**
 * Marks of deliveries that the queue has durably. A mark is written only after the queue has the event: written before,
 * a crash between the two would make the marketplace's own retry look like a repeat, and lose it.
 */
export function createDeliveries({ store, clock }: { store: Store; clock: Clock }) {
  const write = coalesce<Write, WriteResult>((writes) => store.write(writes), {
    clock,
    waitMs: COALESCE_MS,
    maxItems: MAX_MARKS,
  });
  /** queued, and the mark is on its way */
  const marking = new Set<string>();

  return {
    async isQueued(deliveryId: string, now: number): Promise<boolean> {
      if (marking.has(deliveryId)) return true;
      // A repeat that comes within a second of its first may slip through, as the same event.
      const item = await store.get(TABLE, deliveryId, 'queued', { mayBeOld: true });
      return item !== undefined && (item.expiresAt ?? 0) > now;
    },
    /**
     * One conditional write, shared with the marks of other deliveries; a mark that is there already stays. Nobody need
     * wait for it: a mark that is lost, by a crash or a failing store, lets a repeat be queued again, as the same event.
     */
    markQueued(deliveryId: string, now: number): void {
      marking.add(deliveryId);
      const row = { table: TABLE, partition: deliveryId, sort: 'queued', value: {} };
      write({ ...row, condition: 'absent', expiresAt: now + KEPT_MS }).then(
        () => marking.delete(deliveryId),
        () => marking.delete(deliveryId),
      );
    },
  };
}
