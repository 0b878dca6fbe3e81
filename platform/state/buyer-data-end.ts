import type { Order } from '#events/order.ts';

const DAY_MS = 24 * 3_600_000;
/** days after delivery: Amazon's Data Protection Policy, the shortest that any of the marketplaces asks for */
export const BUYER_DATA_DAYS = 30;
/**
 * days after it was placed, for an order that does not leave: as long as Shopee's Data Protection Policy lets an order's
 * personal data be kept, and as eBay itself shows an address
 */
export const UNSENT_DAYS = 90;

/** How far an order is, as far as its buyer's data is concerned, and since when, by the marketplace's clock. */
export type Stage = { name: 'unsent' | 'sent' | 'delivered' | 'cancelled'; since: string };

const STAGES: Record<Order['status'], Stage['name']> = {
  pending: 'unsent',
  unshipped: 'unsent',
  'partially-shipped': 'unsent', // the rest still needs the address
  shipped: 'sent',
  delivered: 'delivered',
  returned: 'delivered',
  cancelled: 'cancelled',
};

/**
 * @param before the stage of the version before; an order that stays in it is in it since then
 * @param deliveredAt epoch ms, where the marketplace tells it
 */
export function stageOf(order: Order, before: Stage | undefined, deliveredAt: number | undefined): Stage {
  const name = STAGES[order.status];
  if (name === 'delivered' && deliveredAt !== undefined) return { name, since: new Date(deliveredAt).toISOString() };
  if (name === 'sent') {
    const shippedAts = order.packages.flatMap(({ shippedAt }) => shippedAt ?? []);
    if (shippedAts.length > 0) return { name, since: shippedAts.sort().at(-1)! };
  }
  return before?.name === name ? before : { name, since: order.updatedAt };
}

/**
 * When the buyer's data of an order ends, epoch ms: `keptDays` after it was delivered or cancelled. Some marketplaces never
 * tell a delivery; a parcel is not delivered before it is sent, so `keptDays` after that is never too late.
 */
export function buyerDataEndsAt(order: Pick<Order, 'placedAt'>, stage: Stage, keptDays: number): number {
  if (stage.name === 'unsent') return Date.parse(order.placedAt) + UNSENT_DAYS * DAY_MS;
  return Date.parse(stage.since) + keptDays * DAY_MS;
}
