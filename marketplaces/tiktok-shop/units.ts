import type { OrderUnit } from './order-shape.ts';

/** TikTok Shop, Get Order Detail, `display_status` and `package_status` of what the seller has shipped */
const SENT = ['AWAITING_COLLECTION', 'IN_TRANSIT', 'DELIVERED', 'COMPLETED'];
const SENT_PACKAGES = ['PROCESSING', 'FULFILLING', 'COMPLETED'];

export const isCancelled = ({ display_status }: OrderUnit): boolean => display_status === 'CANCELLED';

export const isSent = ({ display_status, package_status }: OrderUnit): boolean =>
  SENT.includes(display_status ?? '') || SENT_PACKAGES.includes(package_status ?? '');

/** Neither sent nor cancelled. Whether it may be shipped yet, TikTok says. */
export const isOpen = (unit: OrderUnit): boolean => !isCancelled(unit) && !isSent(unit);

/**
 * The lines of an order, each as its units: those of one SKU at one price. What the units are put together by never
 * changes, and a line goes by the lowest id among them, so lines are the same however often and in whatever order
 * TikTok lists the units.
 */
export function linesOf(units: readonly OrderUnit[]): { lineId: string; units: [OrderUnit, ...OrderUnit[]] }[] {
  const lines = new Map<string, [OrderUnit, ...OrderUnit[]]>();
  for (const unit of [...units].sort(byId)) {
    const key = JSON.stringify([unit.sku_id, unit.sale_price ?? '', unit.is_gift === true]);
    const line = lines.get(key);
    if (line) line.push(unit);
    else lines.set(key, [unit]);
  }
  return [...lines.values()].map((line) => ({ lineId: line[0].id, units: line }));
}

/** By number: ids are digits, too many of them for a float. */
function byId({ id: a }: OrderUnit, { id: b }: OrderUnit): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
