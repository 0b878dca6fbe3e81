import type { Order } from '#events/order.ts';
import type { OrderUnit } from './order-shape.ts';

type Stage = 'pending' | 'unshipped' | 'shipped' | 'delivered' | 'returned' | 'cancelled';

/** Lazada Open Platform, GetOrders, `status`, and the further ones that its units and its pushes have. */
const STAGES: ReadonlyMap<string, Stage> = new Map([
  ['unpaid', 'pending'],
  ['pending', 'unshipped'],
  ['topack', 'unshipped'],
  ['packed', 'unshipped'],
  ['repacked', 'unshipped'],
  ['ready_to_ship_pending', 'unshipped'],
  // Announced to the carrier, who has not fetched it yet.
  ['ready_to_ship', 'unshipped'],
  ['toship', 'unshipped'],
  ['shipped', 'shipped'],
  ['failed_delivery', 'shipped'],
  ['shipped_back', 'shipped'],
  // It has left the seller, and it will neither arrive nor come back.
  ['shipped_back_failed', 'shipped'],
  ['lost_by_3pl', 'shipped'],
  ['damaged_by_3pl', 'shipped'],
  ['delivered', 'delivered'],
  ['confirmed', 'delivered'],
  ['returned', 'returned'],
  ['shipped_back_success', 'returned'],
  ['canceled', 'cancelled'],
]);

/** The seller has done his part: nothing is left to pack or to announce. */
const ANNOUNCED = ['ready_to_ship_pending', 'ready_to_ship', 'toship'];
const PACKED = ['packed', 'repacked'];

/** It has left the seller. */
const GONE: readonly Stage[] = ['shipped', 'delivered', 'returned'];

// A status that is new to us must not get a parcel sent: the unit waits, under Lazada's own word.
const stageOf = ({ status }: OrderUnit): Stage => STAGES.get(status) ?? 'pending';

export const isCancelled = (unit: OrderUnit): boolean => stageOf(unit) === 'cancelled';
export const isReturned = (unit: OrderUnit): boolean => stageOf(unit) === 'returned';

/** Ready to ship, or further. */
export const isSent = (unit: OrderUnit): boolean => ANNOUNCED.includes(unit.status) || GONE.includes(stageOf(unit));

export const isPacked = ({ status, package_id }: OrderUnit): boolean => PACKED.includes(status) && !!package_id;

/** What an order's units come to: Lazada has no status of an order. Cancelled ones do not count but where all are. */
export function statusOf(units: readonly OrderUnit[]): Order['status'] {
  const stages = units.map(stageOf).filter((stage) => stage !== 'cancelled');
  if (stages.length === 0) return 'cancelled';
  if (stages.every((stage) => stage === 'returned')) return 'returned';
  if (stages.every((stage) => stage === 'delivered' || stage === 'returned')) return 'delivered';
  if (stages.every((stage) => GONE.includes(stage))) return 'shipped';
  if (stages.some((stage) => GONE.includes(stage))) return 'partially-shipped';
  return stages.includes('pending') ? 'pending' : 'unshipped';
}

/**
 * The lines of an order, each as its units: those of one SKU at one price. What the units are put together by never
 * changes, and a line goes by the lowest id among them, so lines are the same however often and in whatever order
 * Lazada lists the units.
 */
export function linesOf(units: readonly OrderUnit[]): { lineId: string; units: [OrderUnit, ...OrderUnit[]] }[] {
  const lines = new Map<string, [OrderUnit, ...OrderUnit[]]>();
  for (const unit of [...units].sort(byId)) {
    const key = JSON.stringify([unit.sku || unit.sku_id, unit.item_price]);
    const line = lines.get(key);
    if (line) line.push(unit);
    else lines.set(key, [unit]);
  }
  return [...lines.values()].map((line) => ({ lineId: line[0].order_item_id, units: line }));
}

/** By number: ids are digits, maybe too many of them for a float. */
function byId({ order_item_id: a }: OrderUnit, { order_item_id: b }: OrderUnit): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
