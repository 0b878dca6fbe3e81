import type { CallContext, ReadOrder } from '#marketplaces/marketplace.ts';
import { type AsConnectionDeps, callAsConnection, runAsConnection } from '#platform/functions/as-connection.ts';
import type { Origin } from '#platform/functions/call-marketplace.ts';
import type { Member } from '#platform/functions/deps.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Connection } from '#platform/state/connections.ts';

/** An order and when its read was sent, epoch ms. */
export type TimedOrder = ReadOrder & { readAt: number };

type DetailOrigin = Origin & {
  /** what to do about an order that the marketplace does not know: a list may name one that is gone since */
  unknown: 'skip' | 'fail';
};

/** Reads whole orders by id, as many in a call as the marketplace takes. A partial answer is never taken for a whole one. */
export async function readDetails(
  deps: AsConnectionDeps,
  member: Member,
  connection: Connection,
  orderIds: readonly string[],
  origin: DetailOrigin,
): Promise<TimedOrder[]> {
  const { detailBatch } = member.marketplace.orders;
  const found: TimedOrder[] = [];
  for (let start = 0; start < orderIds.length; start += detailBatch) {
    const about = { ...origin, isUnderWay: origin.isUnderWay || start > 0 };
    found.push(...(await readBatch(deps, member, connection, orderIds.slice(start, start + detailBatch), about)));
  }
  return found;
}

async function readBatch(
  deps: AsConnectionDeps,
  member: Member,
  connection: Connection,
  batch: readonly string[],
  origin: DetailOrigin,
): Promise<TimedOrder[]> {
  const { unknown, ...about } = origin;
  try {
    const { details, readAt } = await readOnce(deps, member, connection, batch, about);
    const missing = batch.filter((orderId) => !details.some(({ order }) => order.orderId === orderId));
    if (missing.length > 0) {
      throw new Failure('retryable', `the answer lacks ${missing.length} of ${batch.length} orders`, {
        code: 'order-missing-in-answer',
      });
    }
    return details.map((read) => ({ ...read, readAt }));
  } catch (thrown) {
    if (!(thrown instanceof Failure && thrown.code === 'order-not-found')) throw thrown;
    // Shopee refuses a whole batch for one unknown order: the halves tell which.
    if (batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      const halves = [batch.slice(0, middle), batch.slice(middle)];
      const read = await Promise.all(halves.map((half) => readBatch(deps, member, connection, half, origin)));
      return read.flat();
    }
    if (unknown === 'fail') throw thrown;
    deps.logger.warn({ connectionId: connection.connectionId, orderId: batch[0] }, 'a listed order is unknown');
    return [];
  }
}

/** By the marketplace's procedure where an order is told in parts, by one call elsewhere. */
async function readOnce(
  deps: AsConnectionDeps,
  member: Member,
  connection: Connection,
  orderIds: readonly string[],
  origin: Origin,
): Promise<{ details: ReadOrder[]; readAt: number }> {
  const { orders } = member.marketplace;
  const about = { orderIds, ...origin };
  if (orders.whole) {
    const { details } = orders.whole;
    const read = await runAsConnection(deps, member, connection, (c, answers) => details(c, orderIds, answers), about);
    return { details: read.result, readAt: read.startedAt };
  }
  const build = (context: CallContext<unknown>) => orders.detailCall(context, orderIds);
  const { response, sentAt } = await callAsConnection(deps, member, connection, build, about);
  return { details: orders.readDetails(response, connection), readAt: sentAt };
}
