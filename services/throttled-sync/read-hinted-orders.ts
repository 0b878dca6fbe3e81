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
import type { RecentReads } from './recent-reads.ts';
import { type StoreOrderDeps, storeOrder } from './store-order.ts';

/** an order read this long after its hint came holds what the hint was about, ms: more than workers' clocks differ */
const SURELY_AFTER_MS = 5_000;
/** when to look again whether an order has been read for another hint, ms, at the earliest */
const LOOK_AGAIN_MS = 1_000;
/** how many waiting orders a plan looks at */
const MAX_LOOKED_AT = 500;

export type ReadHintedOrdersDeps = AsConnectionDeps &
  Omit<StoreOrderDeps, 'orders'> & {
    connections: Pick<Connections, 'get'>;
    cursors: Pick<Cursors, 'get' | 'begin'>;
    waitingReads: Pick<WaitingReads, 'add' | 'list' | 'remove'>;
    orders: Pick<Orders, 'get' | 'store' | 'announced'>;
    recentReads: RecentReads;
  };

/**
 * A webhook is a hint: the orders that it names are read from the marketplace, which alone says what is true. What was
 * read since the hint came is not read again. Marketplaces send several hints of one change: while one is read, the
 * others wait until one read is sure to cover them all. A hint without a place in the budgets leaves a note; the first of
 * a connection's hints whose turn comes reads for the others too.
 */
export async function readHintedOrders(
  deps: ReadHintedOrdersDeps,
  hint: EventOf<'webhook.received'>,
  context: MessageContext,
): Promise<void> {
  const { connectionId } = hint.data;
  if (connectionId === null || hint.data.orderIds.length === 0) return;
  const connection = await deps.connections.get(connectionId);
  if (connection?.status !== 'active') return; // the poll after the new consent reads what the hint named
  const member = memberOf(deps.members, connection.marketplace);

  const hasWaited = context.turnAt !== undefined;
  const hintedAt = Date.parse(hint.data.receivedAt);
  const orderIds = await unread(deps, connectionId, hint.data.orderIds, hintedAt);
  if (orderIds.length === 0) return hasWaited ? deps.waitingReads.remove(connectionId, hint.data.orderIds) : undefined;
  const names = orderIds.map((orderId) => nameOf(connectionId, orderId));
  if (names.some(deps.recentReads.isUnderWay)) {
    const retryAfterMs = Math.max(LOOK_AGAIN_MS, hintedAt + SURELY_AFTER_MS - deps.clock.now() + 1);
    const { turnAt } = context;
    throw new Failure('throttled', 'it is read for another hint', { code: 'read-under-way', retryAfterMs, turnAt });
  }
  const origin = { cause: hint.traceparent, ...context };
  const read = async (ids: readonly string[], unknown: 'fail' | 'skip'): Promise<string[]> => {
    const found = await readDetails(deps, member, connection, ids, { ...origin, unknown });
    await Promise.all(
      found.map(async (each) => {
        await storeOrder(deps, each, { readAt: each.readAt, foundBy: 'webhook', cause: hint.traceparent });
        deps.recentReads.remember(nameOf(connectionId, each.order.orderId), each.readAt);
      }),
    );
    return found.map(({ order }) => order.orderId);
  };
  deps.recentReads.begin(names);
  let others: string[] = [];
  try {
    if (hasWaited) others = await plannedWith(deps, member, connection, orderIds);
    // Another hint's order that is unknown is that hint's trouble, and one of ours is ours.
    const found = others.length > 0 ? await read([...orderIds, ...others], 'skip') : [];
    const left = orderIds.filter((orderId) => !found.includes(orderId));
    if (left.length > 0) await read(left, member.marketplace.webhook.unsigned ? 'skip' : 'fail');
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'budget-empty' && !hasWaited) {
      await deps.waitingReads.add(connectionId, orderIds, deps.clock.now());
    }
    throw thrown;
  } finally {
    deps.recentReads.end(names);
  }
  if (hasWaited) await deps.waitingReads.remove(connectionId, [...orderIds, ...others]);
}

/** The orders whose stored version may be from before the hint. */
async function unread(
  deps: Pick<ReadHintedOrdersDeps, 'orders' | 'recentReads'>,
  connectionId: string,
  orderIds: readonly string[],
  hintedAt: number,
): Promise<string[]> {
  const stored = await Promise.all(orderIds.map((orderId) => deps.orders.get(connectionId, orderId)));
  const surelyAfter = hintedAt + SURELY_AFTER_MS;
  return orderIds.filter((orderId, i) => {
    const order = stored[i];
    if (deps.recentReads.readAt(nameOf(connectionId, orderId)) > surelyAfter) return false;
    return !(order?.announced && order.readAt > surelyAfter);
  });
}

const nameOf = (connectionId: string, orderId: string): string => `${connectionId}/${orderId}`;

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
