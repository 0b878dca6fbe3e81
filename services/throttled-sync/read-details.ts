import type { ReadOrder } from '#marketplaces/marketplace.ts';
import type { Origin } from '#platform/functions/call-marketplace.ts';
import type { Member } from '#platform/functions/deps.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Connection } from '#platform/state/connections.ts';
import { type ReadDeps, readAsConnection } from './read-as-connection.ts';

/** An order and when its read was sent, epoch ms. */
export type TimedOrder = ReadOrder & { readAt: number };

type DetailOrigin = Origin & {
  /** what to do about an order that the marketplace does not know: a list may name one that is gone since */
  unknown: 'skip' | 'fail';
};

/** Reads whole orders by id, as many in a call as the marketplace takes. A partial answer is never taken for a whole one. */
export async function readDetails(
  deps: ReadDeps,
  member: Member,
  connection: Connection,
  orderIds: readonly string[],
  origin: DetailOrigin,
): Promise<TimedOrder[]> {
  const { detailBatch } = member.marketplace.orders;
  const found: TimedOrder[] = [];
  for (let start = 0; start < orderIds.length; start += detailBatch) {
    found.push(...(await readBatch(deps, member, connection, orderIds.slice(start, start + detailBatch), origin)));
  }
  return found;
}

async function readBatch(
  deps: ReadDeps,
  member: Member,
  connection: Connection,
  batch: readonly string[],
  origin: DetailOrigin,
): Promise<TimedOrder[]> {
  const { orders } = member.marketplace;
  const { unknown, ...about } = origin;
  try {
    const { response, sentAt } = await readAsConnection(
      deps,
      member,
      connection,
      (context) => orders.detailCall(context, batch),
      { orderIds: batch, ...about },
    );
    const details = orders.readDetails(response, connection);
    const missing = batch.filter((orderId) => !details.some(({ order }) => order.orderId === orderId));
    if (missing.length > 0) {
      throw new Failure('retryable', `the answer lacks ${missing.length} of ${batch.length} orders`, {
        code: 'order-missing-in-answer',
      });
    }
    return details.map((read) => ({ ...read, readAt: sentAt }));
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
