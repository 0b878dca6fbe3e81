import type { Store } from '#platform/engines/engine.ts';

/** partition = what is leased, sort = 'lease' */
const TABLE = 'leases';
/** how long a lease that ended may lie about, ms */
const KEPT_MS = 86_400_000;

type Lease = { owner: string; until: number };

export type Leases = ReturnType<typeof createLeases>;

/** Who alone may do something right now. A lease that nobody gives back ends by itself. */
export function createLeases({ store }: { store: Store }) {
  const find = async (name: string) => {
    const item = await store.get(TABLE, name, 'lease');
    return { item, lease: item?.value as Lease | undefined };
  };

  return {
    /** Takes what is free of `names`, until `until` (epoch ms); gives what was taken. */
    async take(
      names: readonly string[],
      { owner, until, now }: { owner: string; until: number; now: number },
    ): Promise<Set<string>> {
      const wanted = [...new Set(names)];
      const found = await Promise.all(wanted.map(find));
      const writes = wanted.flatMap((name, i) => {
        const { item, lease } = found[i]!;
        if (lease && lease.until > now) return [];
        const condition = item?.version ?? ('absent' as const);
        const row = { table: TABLE, partition: name, sort: 'lease', condition, expiresAt: until + KEPT_MS };
        return [{ ...row, value: { owner, until } satisfies Lease }];
      });
      const results = await store.write(writes);
      return new Set(writes.filter((_, i) => results[i]?.ok).map(({ partition }) => partition));
    },

    /** Gives back what `owner` still has. The row stays, so that its version tells whoever looked at it before. */
    async giveBack(names: Iterable<string>, owner: string, now: number): Promise<void> {
      const found = await Promise.all([...names].map(async (name) => ({ name, ...(await find(name)) })));
      const own = found.filter(({ lease }) => lease?.owner === owner);
      await store.write(
        own.map(({ name, item }) => {
          const row = { table: TABLE, partition: name, sort: 'lease', condition: item!.version };
          return { ...row, value: { owner, until: 0 } satisfies Lease, expiresAt: now + KEPT_MS };
        }),
      );
    },
  };
}
