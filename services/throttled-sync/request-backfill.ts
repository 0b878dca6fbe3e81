import type { Orders } from '#marketplaces/marketplace.ts';
import type { Member } from '#platform/functions/deps.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { NewEvent, Publisher } from '#platform/runtime/publish.ts';
import type { Cursor, Cursors } from '#platform/state/cursors.ts';

/** how long a window of a backfill is taken to be under way without a sign of life, ms: it waits behind all live work */
export const BACKFILL_UNDER_WAY_MS = 24 * 3_600_000;

export type RequestBackfillDeps = {
  clock: Clock;
  newEvent: NewEvent;
  publisher: Publisher;
  cursors: Pick<Cursors, 'goOn' | 'endBackfill'>;
};

type Window = { from: number; to: number };

/**
 * Asks for the next window of a connection's backfill, or ends it. One window at a time, the earliest first: a page of a
 * window that ends earlier than the last one asked for is taken for a repeat. First the wish, then the mark.
 * @param after the window that is stored; absent: the backfill begins, or is taken up where it was lost
 */
export async function requestBackfill(
  deps: RequestBackfillDeps,
  { marketplace: { orders } }: Member,
  connectionId: string,
  cursor: Cursor,
  { after, cause }: { after?: Window; cause?: string } = {},
): Promise<void> {
  if (!cursor.backfill) return;
  const window = nextWindow(cursor, orders, after);
  if (!window) return deps.cursors.endBackfill(connectionId);
  const data = {
    connectionId,
    reason: 'backfill' as const,
    windowFrom: new Date(window.from).toISOString(),
    windowTo: new Date(window.to).toISOString(),
    pageToken: null,
    pageNumber: 1,
  };
  await deps.publisher.publish(deps.newEvent('order-sync.requested', data, { cause }));
  const page = { windowTo: window.to, pageNumber: 1 };
  await deps.cursors.goOn(connectionId, 'backfill', page, deps.clock.now() + BACKFILL_UNDER_WAY_MS);
}

function nextWindow(
  { backfill, asked }: Cursor,
  { maxWindowMs, overlapMs }: Pick<Orders<unknown>, 'maxWindowMs' | 'overlapMs'>,
  after: Window | undefined,
): Window | undefined {
  const { from: first } = backfill!;
  // From there on the first poll reads. A window that ends at this moment, some marketplaces refuse.
  const last = backfill!.to - overlapMs;
  const lost = asked?.backfill?.windowTo;
  if (after || lost === undefined || lost < first) {
    const from = after?.to ?? first;
    return from < last ? { from, to: Math.min(from + maxWindowMs, last) } : undefined;
  }
  // It ends later than the one that was lost, or its pages would be taken for repeats.
  const to = lost + 1;
  return { from: Math.max(first, to - maxWindowMs), to };
}
