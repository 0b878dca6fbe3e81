import type { Store } from '#platform/engines/engine.ts';
import { AUDIT_TABLE, partitions, sortOf } from './storage.ts';

/** Statements in one file of all statements, as of checkpoints. */
export const STATEMENTS_PER_PAGE = 256;

/**
 * The first line of a statement, which no checkpoint can have before a size and a root. After it: the log's origin, up
 * to which entry (not including) entries were cut, when, and why; a line each.
 */
export const RETENTION_HEADER = 'sluice/audit-retention@v1';

/** Says that all entries before `cut` were removed. */
export type StoredStatement = { number: number; cut: number; cutAt: string; note: string };

/** The newest statement; those before it said less. */
export async function latestStatement(store: Store, origin: string): Promise<StoredStatement | undefined> {
  const [item] = await store.range(AUDIT_TABLE, partitions.retention(origin), { limit: 1, reverse: true });
  return item && { ...(item.value as Omit<StoredStatement, 'number'>), number: Number(item.sort) };
}

/** Up to STATEMENTS_PER_PAGE statements from `page · STATEMENTS_PER_PAGE` on, in order, as signed notes. */
export async function statementPage(store: Store, origin: string, page: number): Promise<string[]> {
  const first = page * STATEMENTS_PER_PAGE;
  const items = await store.range(AUDIT_TABLE, partitions.retention(origin), {
    from: sortOf(first),
    to: sortOf(first + STATEMENTS_PER_PAGE),
    limit: STATEMENTS_PER_PAGE,
  });
  return items.map(({ value }) => (value as StoredStatement).note);
}
