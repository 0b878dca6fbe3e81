import type { World } from '#platform/functions/deps.ts';
import { type Buyers, createBuyers } from '#platform/state/buyers.ts';
import { createConnections } from '#platform/state/connections.ts';
import { createOrders, type Orders, type StoredOrder } from '#platform/state/orders.ts';
import { loadEncryption } from '#platform/state/secrets.ts';

/** The orders of a connection and their buyers; an error if there is no such connection. */
export async function openOrders(
  { engine, random }: World,
  connectionId: string,
): Promise<{ orders: Orders; buyers: Buyers }> {
  const { store, secrets } = engine;
  if (!(await createConnections({ store }).get(connectionId))) {
    throw new Error(`there is no connection ${connectionId}: sluice connections lists them`);
  }
  const encryption = await loadEncryption({ secrets, random }, { createIfAbsent: false });
  const buyers = createBuyers({ store, encryption, random });
  return { orders: createOrders({ store, buyers }), buyers };
}

/** What is told of a stored order. */
export function describeOrder({ order, ...stored }: StoredOrder) {
  const { orderVersion, previousStatus, foundBy, firstFoundBy, readAt, announced } = stored;
  const told = { orderVersion, previousStatus, foundBy, firstFoundBy, readAt: new Date(readAt).toISOString() };
  return { ...order, ...told, announced };
}
