import type { EventOf } from '#events/index.ts';
import type { CallContext, OrderPage } from '#marketplaces/marketplace.ts';
import { type AsConnectionDeps, callAsConnection, runAsConnection } from '#platform/functions/as-connection.ts';
import type { Origin } from '#platform/functions/call-marketplace.ts';
import { type Member, memberOf } from '#platform/functions/deps.ts';
import type { MessageContext } from '#platform/runtime/consume.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Priority } from '#platform/state/budgets/budgets.ts';
import type { Connection, Connections } from '#platform/state/connections.ts';
import { type Cursors, isPassed } from '#platform/state/cursors.ts';
import { readDetails, type TimedOrder } from './read-details.ts';
import { BACKFILL_UNDER_WAY_MS, requestBackfill } from './request-backfill.ts';
import { pollWindow, UNDER_WAY_MS } from './request-due-polls.ts';
import { type StoreOrderDeps, storeOrder } from './store-order.ts';

export type SyncOrderPageDeps = AsConnectionDeps &
  StoreOrderDeps & {
    connections: Pick<Connections, 'get'>;
    cursors: Pick<Cursors, 'get' | 'goOn' | 'finish' | 'pauseBackfill' | 'endBackfill'>;
  };

type Request = EventOf<'order-sync.requested'>;

/**
 * Reads one page of a window and stores its orders; then asks for the next page or, after the last, moves a poll's watermark
 * or asks for a backfill's next window.
 * The watermark moves only after everything up to it is stored, so whatever happens in between is read again.
 */
export async function syncOrderPage(deps: SyncOrderPageDeps, request: Request, context: MessageContext): Promise<void> {
  const { connectionId, reason, pageNumber } = request.data;
  const connection = await deps.connections.get(connectionId);
  // A connection that waits for its seller's consent keeps its watermark, and goes on from there.
  if (connection?.status !== 'active')
    return reason === 'backfill' ? deps.cursors.pauseBackfill(connectionId) : undefined;
  const member = memberOf(deps.members, connection.marketplace);
  // A page that comes twice would read all that follow it twice.
  const cursor = await deps.cursors.get(connectionId);
  if (isPassed({ windowTo: Date.parse(request.data.windowTo), pageNumber }, cursor?.asked?.[reason])) return;

  const window = {
    from: Date.parse(request.data.windowFrom),
    to: Date.parse(request.data.windowTo),
    pageToken: request.data.pageToken ?? undefined,
  };
  const priority: Priority = reason === 'poll' ? 'live' : 'backfill';
  const origin = { cause: request.traceparent, ...context, priority };
  let page: OrderPage;
  let readAt: number;
  try {
    ({ page, readAt } = await readPage(deps, member, connection, window, origin));
  } catch (thrown) {
    if (!(thrown instanceof Failure && member.marketplace.orders.isPageTokenExpired(thrown))) throw thrown;
    return restart(deps, member, request);
  }

  const found: TimedOrder[] = page.orders.map((read) => ({ ...read, readAt }));
  found.push(
    ...(await readDetails(deps, member, connection, page.orderIds, { ...origin, isUnderWay: true, unknown: 'skip' })),
  );
  await Promise.all(
    found.map((read) => storeOrder(deps, read, { readAt: read.readAt, foundBy: reason, cause: request.traceparent })),
  );

  if (page.nextPageToken !== undefined) {
    return ask(deps, request, { ...request.data, pageToken: page.nextPageToken, pageNumber: pageNumber + 1 });
  }
  // A backfill's window need not begin at the watermark: moved to its end, the watermark would jump over what is unread.
  if (reason === 'poll') return deps.cursors.finish(connectionId, window.to);
  const now = await deps.cursors.get(connectionId);
  if (now) await requestBackfill(deps, member, connectionId, now, { after: window, cause: request.traceparent });
}

type Window = { from: number; to: number; pageToken: string | undefined };

/** By the marketplace's procedure where a page is told in parts, by one call elsewhere. */
async function readPage(
  deps: AsConnectionDeps,
  member: Member,
  connection: Connection,
  window: Window,
  origin: Origin,
): Promise<{ page: OrderPage; readAt: number }> {
  const { orders } = member.marketplace;
  const about = { orderIds: [], ...origin };
  const whole = orders.whole?.page;
  if (whole) {
    const read = await runAsConnection(deps, member, connection, (c, answers) => whole(c, window, answers), about);
    return { page: read.result, readAt: read.startedAt };
  }
  const build = (context: CallContext<unknown>) => orders.pageCall(context, window);
  const { response, sentAt } = await callAsConnection(deps, member, connection, build, about);
  return { page: orders.readPage(response, connection, window), readAt: sentAt };
}

/** The page token is lost: the window begins anew at the watermark, which has not moved. */
async function restart(deps: SyncOrderPageDeps, member: Member, request: Request): Promise<void> {
  const { connectionId, reason, ...former } = request.data;
  const cursor = await deps.cursors.get(connectionId);
  const formerTo = Date.parse(former.windowTo);
  const window =
    cursor && reason === 'poll'
      ? pollWindow(member, cursor, deps.clock.now())
      : { from: Date.parse(former.windowFrom), to: formerTo };
  // It ends later than the one that it takes the place of, or its pages would be taken for repeats.
  const laterMs = Math.max(0, formerTo + 1 - window.to);
  await ask(deps, request, {
    ...{ connectionId, reason, pageToken: null, pageNumber: 1 },
    windowFrom: new Date(window.from + (reason === 'poll' ? laterMs : 0)).toISOString(),
    windowTo: new Date(window.to + laterMs).toISOString(),
  });
}

/** First the wish, then the mark. */
async function ask(deps: SyncOrderPageDeps, cause: Request, data: Request['data']): Promise<void> {
  const { connectionId, reason, windowTo, pageNumber } = data;
  await deps.publisher.publish(deps.newEvent('order-sync.requested', data, { cause: cause.traceparent }));
  const page = { windowTo: Date.parse(windowTo), pageNumber };
  const underWayMs = reason === 'poll' ? UNDER_WAY_MS : BACKFILL_UNDER_WAY_MS;
  await deps.cursors.goOn(connectionId, reason, page, deps.clock.now() + underWayMs);
}
