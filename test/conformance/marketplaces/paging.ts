import type { ReadOrder } from '#marketplaces/marketplace.ts';
import type { Fault } from '#marketplaces/sandbox-kit/faults.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { World } from './world.ts';

export type Scan = {
  /** the ids of the last, complete pass over the window, as they came */
  orderIds: string[];
  /** every order read in any pass */
  read: ReadOrder[];
  failures: Failure[];
};

/**
 * Pages a window to its end as throttled-sync does: waits out a throttle, repeats what is retryable, begins anew where
 * a page token ended, reads by id what a list only names. `before` runs before the n-th page call, 1 upwards.
 */
export async function scan(
  world: World,
  window: { from: number; to: number },
  options: { pageSize: number; before?: (pageCall: number) => void | Promise<void> },
): Promise<Scan> {
  const { orders } = world.marketplace;
  const failures: Failure[] = [];
  const read: ReadOrder[] = [];
  let orderIds: string[] = [];
  let pageToken: string | undefined;
  for (let pageCall = 1; pageCall <= 100; pageCall++) {
    await options.before?.(pageCall);
    try {
      const page = await world.readPage({ ...window, pageToken, pageSize: options.pageSize });
      const named = page.orderIds.length === 0 ? [] : await detailsOf(world, page.orderIds);
      read.push(...page.orders, ...named);
      orderIds.push(...page.orders.map(({ order }) => order.orderId), ...page.orderIds);
      if (page.nextPageToken === undefined) return { orderIds, read, failures };
      pageToken = page.nextPageToken;
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      failures.push(thrown);
      if (orders.isPageTokenExpired(thrown)) {
        pageToken = undefined;
        orderIds = [];
      } else if (thrown.kind === 'throttled') await world.advance(thrown.retryAfterMs ?? 0);
      else if (thrown.kind !== 'retryable') throw thrown;
    }
  }
  throw new Error('the window has no end');
}

/** Orders by id, as many in a call as the marketplace takes. */
export async function detailsOf(world: World, orderIds: readonly string[]): Promise<ReadOrder[]> {
  const { detailBatch } = world.marketplace.orders;
  const found: ReadOrder[] = [];
  for (let start = 0; start < orderIds.length; start += detailBatch) {
    found.push(...(await world.readDetails(orderIds.slice(start, start + detailBatch))));
  }
  return found;
}

/** Lets one fault strike each of the page calls that `faults` names by number. */
export function strikeAt(world: World, faults: Record<number, Fault>): (pageCall: number) => void {
  const path = pagePath(world);
  return (pageCall) => {
    const fault = faults[pageCall];
    // Only lists have page tokens, and Shopify's list is told by no path of its own.
    if (fault) world.faults.next(fault, fault === 'expire-page-token' ? '' : path);
  };
}

function pagePath(world: World): string {
  const { request } = world.marketplace.orders.pageCall(world.context(), world.wholeWindow());
  return new URL(request.url).pathname;
}
