import type { Clock } from '#platform/runtime/clock.ts';
import type { Connection, Connections } from '#platform/state/connections.ts';

/** how long a seller's connection is taken to be the same, ms: whoever reads the hint looks at the connection anew */
const KEPT_MS = 60_000;
/** most sellers that are remembered */
const MAX_KEPT = 10_000;

/** Finds connections by their seller, and remembers them for a moment, since most deliveries come from the same few. */
export function createSellers(deps: {
  connections: Pick<Connections, 'bySeller'>;
  clock: Clock;
}): Pick<Connections, 'bySeller'> {
  const kept = new Map<string, { until: number; connection: Promise<Connection | undefined> }>();

  /** Whoever asks meanwhile waits for the same answer. That there is no connection, or no answer, is not remembered. */
  async function find(marketplace: string, sellerId: string, key: string): Promise<Connection | undefined> {
    if (kept.size >= MAX_KEPT) kept.clear();
    const entry = { until: deps.clock.now() + KEPT_MS, connection: deps.connections.bySeller(marketplace, sellerId) };
    kept.set(key, entry);
    const found = await entry.connection.catch((thrown: unknown) => {
      kept.delete(key);
      throw thrown;
    });
    if (!found) kept.delete(key);
    return found;
  }

  return {
    async bySeller(marketplace, sellerId) {
      const key = `${marketplace}/${sellerId}`;
      const known = kept.get(key);
      if (known && known.until > deps.clock.now()) return known.connection;
      return find(marketplace, sellerId, key);
    },
  };
}
