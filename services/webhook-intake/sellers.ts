import type { Clock } from '#platform/runtime/clock.ts';
import { remember } from '#platform/runtime/remember.ts';
import type { Connections } from '#platform/state/connections.ts';

/** how long a seller's connection is taken to be the same, ms: whoever reads the hint looks at the connection anew */
const KEPT_MS = 60_000;
/** most sellers that are remembered */
const MAX_KEPT = 10_000;

/** Finds connections by their seller, and remembers them for a moment, since most deliveries come from the same few. */
export function createSellers({
  connections,
  clock,
}: {
  connections: Pick<Connections, 'bySeller'>;
  clock: Clock;
}): Pick<Connections, 'bySeller'> {
  const bySeller = (marketplace: string, sellerId: string) => connections.bySeller(marketplace, sellerId);
  return { bySeller: remember(bySeller, { clock, keptMs: KEPT_MS, maxKept: MAX_KEPT }) };
}
