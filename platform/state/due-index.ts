import type { Store, Write } from '#platform/engines/engine.ts';

const PARTITION = 'due';

/**
 * An index of what is due when: `sort` = `<due time>#<id>`, so that what is due is found by one range, without a scan.
 * Its writes go into the same all-or-nothing write as the record that they stand for.
 */
export function createDueIndex({ store, table }: { store: Store; table: string }) {
  const key = (dueAt: number, id: string): string => `${String(Math.floor(dueAt)).padStart(15, '0')}#${id}`;
  const row = { table, partition: PARTITION, condition: 'none' as const };

  return {
    /** The writes that move `id` from one due time (undefined: it was not there) to another (undefined: to none). */
    move(id: string, from: number | undefined, to: number | undefined): Write[] {
      if (from !== undefined && to !== undefined && key(from, id) === key(to, id)) return [];
      return [
        ...(from === undefined ? [] : [{ ...row, sort: key(from, id), value: null }]),
        ...(to === undefined ? [] : [{ ...row, sort: key(to, id), value: { id } }]),
      ];
    },
    /** What is due by `now`, the longest due first. */
    async due(now: number, limit: number): Promise<string[]> {
      const items = await store.range(table, PARTITION, { to: key(now + 1, ''), limit });
      return items.map((item) => (item.value as { id: string }).id);
    },
  };
}
