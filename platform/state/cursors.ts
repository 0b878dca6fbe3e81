import type { Store, Write } from '#platform/engines/engine.ts';
import { createDueIndex } from './due-index.ts';

/** partition = connection id, sort = 'orders' */
const TABLE = 'cursors';
/** which connections are due for a poll */
const DUE_TABLE = 'cursors-due';

/** How far a connection's orders have been read. Times are epoch ms. */
export type Cursor = {
  /** everything updated up to here is stored */
  watermark: number;
  /** when the next poll begins */
  dueAt: number;
  /** until when a poll that has begun is taken to be under way; 0 when none is */
  underWayUntil: number;
  /** the page that was asked for last, of each kind of sync: what comes before it has been read already */
  asked?: { [reason in SyncReason]?: SyncPage };
  /** the old orders that are still to be read; absent where there are none */
  backfill?: Backfill;
};

/** Orders updated in [from, to] (epoch ms) are read window by window, the earliest first. */
export type Backfill = {
  from: number;
  to: number;
  /** until when its reading is taken to be under way; 0 when it is not */
  underWayUntil: number;
};

export type SyncReason = 'poll' | 'backfill';
/** A page of a sync: its window's end (epoch ms), which is later for each sync that begins, and its number. */
export type SyncPage = { windowTo: number; pageNumber: number };

/** Does a page come before the one that was asked for last? Then it is a repeat, or of a sync that was begun anew. */
export function isPassed(page: SyncPage, last: SyncPage | undefined): boolean {
  if (!last) return false;
  return page.windowTo === last.windowTo ? page.pageNumber < last.pageNumber : page.windowTo < last.windowTo;
}

export type Cursors = ReturnType<typeof createCursors>;

export function createCursors({ store }: { store: Store }) {
  const index = createDueIndex({ store, table: DUE_TABLE });

  /** Changes a cursor on its version, and its place in the index with it. */
  async function update(connectionId: string, change: (cursor: Cursor) => Cursor | undefined): Promise<void> {
    for (;;) {
      const item = await store.get(TABLE, connectionId, 'orders');
      if (!item) return;
      const before = item.value as Cursor;
      const after = change(before);
      if (!after) return;
      const cursorWrite: Write = {
        table: TABLE,
        partition: connectionId,
        sort: 'orders',
        condition: item.version,
        value: after,
      };
      const moves = index.move(connectionId, before.dueAt, after.dueAt);
      if (await store.writeAtomically([cursorWrite, ...moves])) return;
    }
  }

  return {
    get: async (connectionId: string): Promise<Cursor | undefined> =>
      (await store.get(TABLE, connectionId, 'orders'))?.value as Cursor | undefined,

    /**
     * Starts a connection's cursor at `watermark`, with the older orders that are to be read too; one that exists keeps
     * what it has.
     */
    async start(connectionId: string, watermark: number, dueAt: number, backfillFrom?: number): Promise<void> {
      // Whole milliseconds, as in the events that name a window.
      const backfill = { from: Math.floor(backfillFrom ?? watermark), to: Math.floor(watermark), underWayUntil: 0 };
      const cursor: Cursor = { watermark, dueAt, underWayUntil: 0, ...(backfill.from < backfill.to && { backfill }) };
      await store.writeAtomically([
        { table: TABLE, partition: connectionId, sort: 'orders', condition: 'absent', value: cursor },
        ...index.move(connectionId, undefined, dueAt),
      ]);
    },

    /** Connections whose poll is due by `now`, the longest due first. */
    due: index.due,

    /** A poll has been asked for. */
    begin: (connectionId: string, next: { dueAt: number; underWayUntil: number }) =>
      update(connectionId, (cursor) => ({ ...cursor, ...next })),

    /** A sync goes on: `page` has been asked for. It is under way until then. */
    goOn: (connectionId: string, reason: SyncReason, page: SyncPage, underWayUntil: number) =>
      update(connectionId, (cursor) => {
        const isNews = !isPassed(page, cursor.asked?.[reason]);
        const isPollLonger = reason === 'poll' && underWayUntil > cursor.underWayUntil;
        const { backfill } = cursor;
        const isBackfillLonger = reason === 'backfill' && backfill && underWayUntil > backfill.underWayUntil;
        if (!isNews && !isPollLonger && !isBackfillLonger) return undefined;
        return {
          ...cursor,
          ...(isNews && { asked: { ...cursor.asked, [reason]: page } }),
          ...(isPollLonger && { underWayUntil }),
          ...(isBackfillLonger && { backfill: { ...backfill, underWayUntil } }),
        };
      }),

    /** The reading of the old orders has come to a stop, and is to be taken up again. */
    pauseBackfill: (connectionId: string) =>
      update(
        connectionId,
        (cursor) => cursor.backfill && { ...cursor, backfill: { ...cursor.backfill, underWayUntil: 0 } },
      ),

    /** All old orders are stored. */
    endBackfill: (connectionId: string) =>
      update(connectionId, ({ backfill, ...cursor }) => (backfill ? cursor : undefined)),

    /** The last page of a window up to `watermark` is stored. A watermark never moves back. */
    finish: (connectionId: string, watermark: number) =>
      update(connectionId, (cursor) => ({
        ...cursor,
        watermark: Math.max(cursor.watermark, watermark),
        underWayUntil: 0,
      })),
  };
}
