import type { Limit } from '#marketplaces/marketplace.ts';

/** How the orders that hints wait for are read. */
export type ReadPlan =
  /** as many of them as fit into one call, by id */
  | { how: 'by-id'; orderIds: string[] }
  /** the list, from the watermark on, as the next poll does */
  | { how: 'list' };

/**
 * Decides how to read what many hints of one connection wait for. By id a call covers `detailBatch` orders, a page of the
 * list `pageSize` of them and whatever else has changed; each costs its own budget. So the time that each way takes is
 * the calls that it needs over the rate of its narrowest bucket, and the shorter one is taken: by id while few wait or
 * many fit into a call, the list where a page covers more than the calls that could be made meanwhile. Where a page only
 * names the orders it saves nothing, and all are read by id.
 */
export function planReads(options: {
  waiting: readonly string[];
  detailBatch: number;
  detailLimits: readonly Limit[];
  pageSize: number | undefined;
  pageLimits: readonly Limit[];
}): ReadPlan {
  const { waiting, detailBatch, pageSize } = options;
  const byId: ReadPlan = { how: 'by-id', orderIds: waiting.slice(0, detailBatch) };
  if (pageSize === undefined || waiting.length <= detailBatch) return byId;
  const byIdSeconds = Math.ceil(waiting.length / detailBatch) / rateOf(options.detailLimits);
  const listSeconds = Math.ceil(waiting.length / pageSize) / rateOf(options.pageLimits);
  return listSeconds < byIdSeconds ? { how: 'list' } : byId;
}

/** calls a second that a call's narrowest bucket allows */
const rateOf = (limits: readonly Limit[]): number =>
  Math.min(...limits.map(({ ratePerSecond, cost = 1 }) => ratePerSecond / cost));
