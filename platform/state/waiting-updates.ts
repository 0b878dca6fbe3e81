import { hash } from 'node:crypto';
import type { Store, Write } from '#platform/engines/engine.ts';
import type { LineId } from './latest-updates.ts';

/** partition = connection id and what its lines share a call by, sort = `<command id>#<index>` */
const TABLE = 'waiting-updates';
/** a note is worth nothing after this, ms: its own message has been handled long since */
const KEPT_MS = 86_400_000;
const INDEX_DIGITS = 4;

export type WaitingUpdates = ReturnType<typeof createWaitingUpdates>;

/**
 * Notes of lines that wait for a place in the budgets, so that the first command whose turn comes takes those along that
 * fit into its call. Only notes: each command is still a message of its own, and loses nothing where a note is lost.
 */
export function createWaitingUpdates({ store }: { store: Store }) {
  const partitionOf = (connectionId: string, batchKey: string): string =>
    `${connectionId}#${hash('sha256', batchKey).slice(0, 32)}`;

  const row = (partition: string, line: LineId, value: LineId | null, expiresAt?: number): Write => ({
    table: TABLE,
    partition,
    sort: `${line.commandId}#${String(line.index).padStart(INDEX_DIGITS, '0')}`,
    condition: 'none',
    value,
    expiresAt,
  });

  return {
    async add(connectionId: string, batchKey: string, lines: readonly LineId[], now: number): Promise<void> {
      const partition = partitionOf(connectionId, batchKey);
      await store.write(
        lines.map(({ commandId, index }) => {
          const line = { commandId, index };
          return row(partition, line, line, now + KEPT_MS);
        }),
      );
    },
    /** Up to `limit` lines that wait. */
    async list(connectionId: string, batchKey: string, options: { now: number; limit: number }): Promise<LineId[]> {
      const items = await store.range(TABLE, partitionOf(connectionId, batchKey), { limit: options.limit });
      return items
        .filter(({ expiresAt }) => (expiresAt ?? options.now) >= options.now)
        .map(({ value }) => value as LineId);
    },
    async remove(connectionId: string, batchKey: string, lines: readonly LineId[]): Promise<void> {
      const partition = partitionOf(connectionId, batchKey);
      if (lines.length > 0) await store.write(lines.map((line) => row(partition, line, null)));
    },
  };
}
