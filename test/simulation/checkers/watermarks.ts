import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { LISTING_LAG_MS } from '#test/simulation/late-listing.ts';
import type { Inside } from '#test/simulation/simulation.ts';
import type { Checker } from '#test/simulation/watch.ts';

const RULE = 'everything up to a watermark is stored';
/** the marketplaces' clocks and times are this exact, ms */
const RESOLUTION_MS = 1_000;

/**
 * When a watermark moves, every order whose last change is before it is stored as it is. Lists may be late by
 * LISTING_LAG_MS, so a change that near to the watermark may wait for the next poll's overlap.
 */
export function checkWatermarks(inside: Inside): Checker {
  const storedAt = new Map<string, number>();
  /** orders whose last change is not known to be stored, by connection */
  const open = new Map<string, Set<BookOrder>>();

  for (const { name, sellers, books } of inside.sandboxes) {
    books.onChange((order) => {
      const connectionId = `${name}-${sellers.findIndex(({ sellerId }) => sellerId === order.sellerId) + 1}`;
      const orders = open.get(connectionId) ?? new Set();
      open.set(connectionId, orders.add(order));
    });
  }

  function moved(connectionId: string, watermark: number): void {
    const until = watermark - LISTING_LAG_MS - RESOLUTION_MS;
    for (const order of open.get(connectionId) ?? []) {
      if (order.updatedAt > until) continue;
      open.get(connectionId)!.delete(order);
      if ((storedAt.get(`${connectionId}/${order.orderId}`) ?? -1) >= order.updatedAt) continue;
      const at = new Date(order.updatedAt).toISOString();
      inside.violate(RULE, `${connectionId} moved past ${order.orderId}, changed at ${at} and not stored`);
    }
  }

  return {
    rule: RULE,
    wrote({ table, partition, sort, before, after }) {
      if (after === undefined) return;
      if (table === 'orders') {
        const { order } = JSON.parse(after) as { order: { updatedAt: string } };
        storedAt.set(`${partition}/${sort}`, Date.parse(order.updatedAt));
      }
      if (table !== 'cursors') return;
      const { watermark } = JSON.parse(after) as { watermark: number };
      const was = before === undefined ? undefined : (JSON.parse(before) as { watermark: number }).watermark;
      if (was === undefined || watermark === was) return;
      if (watermark < was) inside.violate(RULE, `the watermark of ${partition} went back`);
      moved(partition, watermark);
    },
  };
}
