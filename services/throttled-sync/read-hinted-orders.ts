import type { EventOf } from '#events/index.ts';
import { type Member, memberOf } from '#platform/functions/deps.ts';
import type { MessageContext } from '#platform/runtime/consume.ts';
import type { Connections } from '#platform/state/connections.ts';
import type { ReadDeps } from './read-as-connection.ts';
import { readDetails } from './read-details.ts';
import { type StoreOrderDeps, storeOrder } from './store-order.ts';

export type ReadHintedOrdersDeps = ReadDeps &
  StoreOrderDeps & {
    members: ReadonlyMap<string, Member>;
    connections: Pick<Connections, 'get'>;
  };

/** A webhook is a hint: the orders that it names are read from the marketplace, which alone says what is true. */
export async function readHintedOrders(
  deps: ReadHintedOrdersDeps,
  hint: EventOf<'webhook.received'>,
  context: MessageContext,
): Promise<void> {
  const { connectionId, orderIds, marketplace } = hint.data;
  if (connectionId === null || orderIds.length === 0) return;
  const connection = await deps.connections.get(connectionId);
  if (connection?.status !== 'active') return; // the poll after the new consent reads what the hint named
  const member = memberOf(deps.members, marketplace);
  const found = await readDetails(deps, member, connection, orderIds, {
    cause: hint.traceparent,
    ...context,
    unknown: 'fail',
  });
  await Promise.all(
    found.map((read) => storeOrder(deps, read, { readAt: read.readAt, foundBy: 'webhook', cause: hint.traceparent })),
  );
}
