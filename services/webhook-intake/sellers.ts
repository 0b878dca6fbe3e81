import type { Clock } from '#platform/runtime/clock.ts';
import type { Connection, Connections } from '#platform/state/connections.ts';

/** how long a seller's connection is taken to be the same, ms: whoever reads the hint looks at the connection anew */
const KEPT_MS = 5_000;
/** most sellers that are remembered */
const MAX_KEPT = 10_000;

/** Finds connections by their seller, and remembers them for a moment, since most deliveries come from the same few. */
export function createSellers(deps: {
  connections: Pick<Connections, 'bySeller'>;
  clock: Clock;
}): Pick<Connections, 'bySeller'> {
  const kept = new Map<string, { until: number; connection: Connection }>();
  return {
    async bySeller(marketplace, sellerId) {
      const key = `${marketplace}/${sellerId}`;
      const known = kept.get(key);
      if (known && known.until > deps.clock.now()) return known.connection;
      const connection = await deps.connections.bySeller(marketplace, sellerId);
      if (!connection) return undefined;
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(key, { until: deps.clock.now() + KEPT_MS, connection });
      return connection;
    },
  };
}
