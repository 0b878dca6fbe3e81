import type { Buyer, Order, OrderPackage } from '#events/order.ts';
import type { ConnectionRef, ReadOrder } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { type OrderFacts, orderFacts, seconds, type TikTokOrder } from './order-shape.ts';
import { isCancelled, linesOf } from './units.ts';

/** TikTok Shop, Get Order List, `status`; webhooks write CANCEL for the last. */
const STATUSES: ReadonlyMap<string, Order['status']> = new Map([
  ['UNPAID', 'pending'],
  // The buyer may still cancel without asking.
  ['ON_HOLD', 'pending'],
  ['AWAITING_SHIPMENT', 'unshipped'],
  ['PARTIALLY_SHIPPING', 'partially-shipped'],
  // Shipped in TikTok's own sense: the seller has done his part, and a partly shipped order goes on to it.
  ['AWAITING_COLLECTION', 'shipped'],
  ['IN_TRANSIT', 'shipped'],
  ['DELIVERED', 'delivered'],
  ['COMPLETED', 'delivered'],
  ['CANCELLED', 'cancelled'],
  ['CANCEL', 'cancelled'],
]);

/** An order in Sluice's own form; the buyer's data as TikTok gives them, which for most orders is masked. */
export function readOrder(source: TikTokOrder, connection: ConnectionRef): ReadOrder {
  const facts = orderFacts.parse(source);
  const deliveredAt = seconds.safeParse(facts.delivery_time).data;
  return {
    order: toOrder(facts, connection),
    buyer: toBuyer(source),
    raw: facts,
    ...(source.user_id && { buyerAccounts: [source.user_id] }),
    ...(deliveredAt && { deliveredAt: deliveredAt * 1000 }),
  };
}

/** Made of the facts that are kept as `raw` alone, so that it can be made of them again. Returns are not told in them. */
function toOrder(facts: OrderFacts, connection: ConnectionRef): Order {
  const units = facts.line_items;
  // A status that is new to us must not get a parcel sent: the order waits, under TikTok's own word.
  const status = STATUSES.get(facts.status) ?? 'pending';
  const currency = facts.payment?.currency ?? units.find((unit) => unit.currency)?.currency;
  if (!currency) throw new Failure('retryable', 'an order names no currency', { code: 'unreadable-answer' });
  return {
    marketplace: 'tiktok-shop',
    connectionId: connection.connectionId,
    orderId: facts.id,
    status,
    marketplaceStatus: facts.status,
    currency,
    total: facts.payment?.total_amount ?? null,
    placedAt: toInstant(facts.create_time),
    updatedAt: toInstant(facts.update_time),
    lines: linesOf(units).map(({ lineId, units: [first, ...others] }) => ({
      lineId,
      sku: first.seller_sku ?? '',
      title: first.product_name ?? '',
      quantity: 1 + others.length,
      unitPrice: first.sale_price ?? null,
      cancelledQuantity: [first, ...others].filter((unit) => status === 'cancelled' || isCancelled(unit)).length,
    })),
    packages: toPackages(facts),
  };
}

/** Tracking stands at the units of a package, and at the order, where it is that of its only package. */
function toPackages(facts: OrderFacts): OrderPackage[] {
  const units = facts.line_items;
  const named = [...(facts.packages ?? []).map(({ id }) => id), ...units.map(({ package_id }) => package_id)];
  const ids = [...new Set(named.flatMap((id) => id || []))].sort();
  return ids.map((packageId) => {
    const unit = units.find(({ package_id }) => package_id === packageId);
    const ofOrder = ids.length === 1 ? facts : undefined;
    const shippedAt = unit?.rts_time || ofOrder?.rts_time;
    return {
      packageId,
      carrier: unit?.shipping_provider_name || ofOrder?.shipping_provider || null,
      trackingNumber: unit?.tracking_number || ofOrder?.tracking_number || null,
      shippedAt: shippedAt ? toInstant(shippedAt) : null,
    };
  });
}

function toBuyer({ recipient_address: address, buyer_email }: TikTokOrder): Buyer | null {
  if (!address && !buyer_email) return null;
  const { address_line1, address_line2, address_line3, address_line4, full_address } = address ?? {};
  const lines = [address_line1, address_line2, address_line3, address_line4].flatMap((line) => line?.trim() || []);
  const district = (level: RegExp): string | undefined =>
    address?.district_info?.find(({ address_level_name }) => level.test(address_level_name ?? ''))?.address_name ||
    undefined;
  return {
    name: address?.name || null,
    // An alias that TikTok makes for each buyer.
    email: buyer_email || null,
    phone: address?.phone_number || null,
    addressLines: lines.length > 0 || !full_address ? lines : [full_address],
    city: address?.post_town || district(/city|municipality/i) || null,
    region: district(/state|province|prefecture/i) || null,
    postalCode: address?.postal_code || null,
    countryCode: address?.region_code || null,
  };
}

function toInstant(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
