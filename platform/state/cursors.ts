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
};

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

    /** The poll under way goes on. */
    goOn: (connectionId: string, underWayUntil: number) =>
      update(connectionId, (cursor) =>
        underWayUntil > cursor.underWayUntil ? { ...cursor, underWayUntil } : undefined,
      ),

    /** The last page of a window up to `watermark` is stored. A watermark never moves back. */
    finish: (connectionId: string, watermark: number) =>
      update(connectionId, (cursor) => ({
        ...cursor,
        watermark: Math.max(cursor.watermark, watermark),
        underWayUntil: 0,
      })),
  };
}
