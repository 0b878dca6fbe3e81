import type { EventOf } from '#events/index.ts';
import type { AsConnectionDeps } from '#platform/functions/as-connection.ts';
import { type Member, memberOf } from '#platform/functions/deps.ts';
import type { MessageContext } from '#platform/runtime/consume.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Connection, Connections } from '#platform/state/connections.ts';
import type { Cursors } from '#platform/state/cursors.ts';
import type { Orders } from '#platform/state/orders.ts';
import type { WaitingReads } from '#platform/state/waiting-reads.ts';
import { planReads } from './plan-reads.ts';
import { readDetails } from './read-details.ts';
import { type StoreOrderDeps, storeOrder } from './store-order.ts';

/** an order read this long after its hint came holds what the hint was about, ms: more than workers' clocks differ */
const SURELY_AFTER_MS = 5_000;
/** how many waiting orders a plan looks at */
const MAX_LOOKED_AT = 500;

export type ReadHintedOrdersDeps = AsConnectionDeps &
  Omit<StoreOrderDeps, 'orders'> & {
    connections: Pick<Connections, 'get'>;
    cursors: Pick<Cursors, 'get' | 'begin'>;
    waitingReads: Pick<WaitingReads, 'add' | 'list' | 'remove'>;
    orders: Pick<Orders, 'get' | 'store' | 'announced'>;
  };

/**
 * A webhook is a hint: the orders that it names are read from the marketplace, which alone says what is true. What was
 * read since the hint came is not read again. A hint without a place in the budgets leaves a note; the first of a
 * connection's hints whose turn comes reads for the others too.
 */
export async function readHintedOrders(
  deps: ReadHintedOrdersDeps,
  hint: EventOf<'webhook.received'>,
  context: MessageContext,
): Promise<void> {
  const { connectionId, marketplace } = hint.data;
  if (connectionId === null || hint.data.orderIds.length === 0) return;
  const connection = await deps.connections.get(connectionId);
  if (connection?.status !== 'active') return; // the poll after the new consent reads what the hint named
  const member = memberOf(deps.members, marketplace);

  const hasWaited = context.turnAt !== undefined;
  const orderIds = await unread(deps, connectionId, hint.data.orderIds, Date.parse(hint.data.receivedAt));
  if (orderIds.length === 0) return hasWaited ? deps.waitingReads.remove(connectionId, hint.data.orderIds) : undefined;
  const others = hasWaited ? await plannedWith(deps, member, connection, orderIds) : [];

  const origin = { cause: hint.traceparent, ...context };
  const read = async (ids: readonly string[], unknown: 'fail' | 'skip'): Promise<string[]> => {
    const found = await readDetails(deps, member, connection, ids, { ...origin, unknown });
    await Promise.all(
      found.map((each) => storeOrder(deps, each, { readAt: each.readAt, foundBy: 'webhook', cause: hint.traceparent })),
    );
    return found.map(({ order }) => order.orderId);
  };
  try {
    // Another hint's order that is unknown is that hint's trouble, and one of ours is ours.
    const found = others.length > 0 ? await read([...orderIds, ...others], 'skip') : [];
    const left = orderIds.filter((orderId) => !found.includes(orderId));
    if (left.length > 0) await read(left, 'fail');
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'budget-empty' && !hasWaited) {
      await deps.waitingReads.add(connectionId, orderIds, deps.clock.now());
    }
    throw thrown;
  }
  if (hasWaited) await deps.waitingReads.remove(connectionId, [...orderIds, ...others]);
}

/** The orders whose stored version may be from before the hint. */
async function unread(
  deps: Pick<ReadHintedOrdersDeps, 'orders'>,
  connectionId: string,
  orderIds: readonly string[],
  hintedAt: number,
): Promise<string[]> {
  const stored = await Promise.all(orderIds.map((orderId) => deps.orders.get(connectionId, orderId)));
  return orderIds.filter((_, i) => {
    const order = stored[i];
    return !(order?.announced && order.readAt > hintedAt + SURELY_AFTER_MS);
  });
}

/** The other hints' orders to read in the same call. Where the list is the better way, the next poll is brought forward. */
async function plannedWith(
  deps: ReadHintedOrdersDeps,
  { marketplace, app }: Member,
  connection: Connection,
  orderIds: readonly string[],
): Promise<string[]> {
  const { connectionId } = connection;
  const now = deps.clock.now();
  const noted = await deps.waitingReads.list(connectionId, { now, limit: MAX_LOOKED_AT });
  const { orders, limits } = marketplace;
  const context = { app, connection, accessToken: '', now };
  const plan = planReads({
    waiting: [...new Set([...orderIds, ...noted])],
    detailBatch: orders.detailBatch,
    detailLimits: limits.forOperation(orders.detailCall(context, orderIds).operation),
    pageSize: orders.pageSize,
    pageLimits: limits.forOperation(
      orders.pageCall(context, { from: now - orders.overlapMs, to: now, pageToken: undefined }).operation,
    ),
  });
  if (plan.how === 'by-id') return plan.orderIds.filter((orderId) => !orderIds.includes(orderId));
  const cursor = await deps.cursors.get(connectionId);
  if (cursor && cursor.underWayUntil <= now && cursor.dueAt > now) {
    await deps.cursors.begin(connectionId, { dueAt: now, underWayUntil: cursor.underWayUntil });
  }
  return [];
}
