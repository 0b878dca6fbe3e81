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

    /** Starts a connection's cursor at `watermark`, due at once; one that exists keeps what it has. */
    async start(connectionId: string, watermark: number, dueAt: number): Promise<void> {
      const cursor: Cursor = { watermark, dueAt, underWayUntil: 0 };
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

    /** A sync goes on: `page` has been asked for. A poll is under way until then. */
    goOn: (connectionId: string, reason: SyncReason, page: SyncPage, underWayUntil: number) =>
      update(connectionId, (cursor) => {
        const isNews = !isPassed(page, cursor.asked?.[reason]);
        const isLonger = reason === 'poll' && underWayUntil > cursor.underWayUntil;
        if (!isNews && !isLonger) return undefined;
        return {
          ...cursor,
          ...(isNews && { asked: { ...cursor.asked, [reason]: page } }),
          ...(isLonger && { underWayUntil }),
        };
      }),

    /** The last page of a window up to `watermark` is stored. A watermark never moves back. */
    finish: (connectionId: string, watermark: number) =>
      update(connectionId, (cursor) => ({
        ...cursor,
        watermark: Math.max(cursor.watermark, watermark),
        underWayUntil: 0,
      })),
  };
}
