import type { Buyer, Order, OrderLine, OrderPackage } from '#events/order.ts';
import type { ReadOrder } from '#marketplaces/marketplace.ts';
import { plainDecimal } from './body.ts';
import { type OrderDetail, type OrderFacts, type OrderItem, orderFacts } from './order-shape.ts';

/** Shopee Open Platform guide "v2.0 Data Definition", order status */
const STATUSES = new Map<string, Order['status']>([
  ['UNPAID', 'pending'],
  ['PENDING', 'pending'],
  ['INVOICE_PENDING', 'pending'],
  ['READY_TO_SHIP', 'unshipped'],
  ['PROCESSED', 'unshipped'],
  ['RETRY_SHIP', 'unshipped'],
  ['IN_CANCEL', 'unshipped'],
  ['SHIPPED', 'shipped'],
  ['TO_CONFIRM_RECEIVE', 'shipped'],
  ['COMPLETED', 'delivered'],
  ['CANCELLED', 'cancelled'],
  ['TO_RETURN', 'returned'],
]);

/** An order in Sluice's form; the buyer's data as Shopee gives them, which for most apps is masked. */
export function readOrder(detail: OrderDetail, connectionId: string): ReadOrder {
  const facts = orderFacts.parse(detail);
  const accounts = [known(detail.buyer_user_id), detail.buyer_username].flatMap((account) => account || []);
  return {
    order: toOrder(facts, connectionId),
    buyer: toBuyer(detail),
    raw: facts,
    ...(accounts.length > 0 && { buyerAccounts: accounts }),
  };
}

/** Made of the facts that are kept as `raw` alone, so that it can be made of them again. */
function toOrder(facts: OrderFacts, connectionId: string): Order {
  // A status that is new to us must not get a parcel sent: the order waits, under Shopee's own word.
  const status = STATUSES.get(facts.order_status) ?? 'pending';
  return {
    marketplace: 'shopee',
    connectionId,
    orderId: facts.order_sn,
    status,
    marketplaceStatus: facts.order_status,
    currency: facts.currency,
    total: facts.total_amount ? plainDecimal(facts.total_amount) : null,
    placedAt: toInstant(facts.create_time),
    updatedAt: toInstant(facts.update_time),
    lines: facts.item_list.map((item) => toLine(item, status)),
    packages: toPackages(facts),
  };
}

function toLine(item: OrderItem, status: Order['status']): OrderLine {
  const quantity = Number(item.model_quantity_purchased);
  const price = item.model_discounted_price;
  const cancelled = item.cancelled_qty ?? (status === 'cancelled' ? quantity : undefined);
  return {
    lineId: lineIdOf(item),
    sku: item.model_sku || item.item_sku || '',
    title: item.item_name ?? '',
    quantity,
    unitPrice: price ? plainDecimal(price) : null,
    ...(cancelled !== undefined && { cancelledQuantity: Number(cancelled) }),
    ...(item.returned_qty && { returnedQuantity: Number(item.returned_qty) }),
  };
}

/** All items of a bundle share one order_item_id, so before line_item_id (July 2026) only all three tell lines apart. */
export function lineIdOf({ item_id, model_id, order_item_id, line_item_id }: OrderItem): string {
  return known(line_item_id) ?? [known(order_item_id) ?? item_id, item_id, model_id].join('-');
}

function toPackages({ package_list, shipping_carrier, pickup_done_time }: OrderFacts): OrderPackage[] {
  const parcels = package_list ?? [];
  // The pickup time is the order's: of several packages it is not said which one was picked up then.
  const pickedUp = parcels.length === 1 ? known(pickup_done_time) : undefined;
  return parcels.map((entry) => ({
    packageId: entry.package_number,
    carrier: entry.shipping_carrier || shipping_carrier || null,
    // Not documented here (get_tracking_number has it), so it is mostly null.
    trackingNumber: entry.tracking_number || null,
    shippedAt: pickedUp ? toInstant(pickedUp) : null,
  }));
}

function toBuyer({ recipient_address, buyer_username }: OrderDetail): Buyer | null {
  if (!recipient_address && !buyer_username) return null;
  const { name, phone, full_address, city, state, zipcode, region } = recipient_address ?? {};
  return {
    name: name || buyer_username || null,
    email: null,
    phone: phone || null,
    addressLines: full_address ? [full_address] : [],
    city: city || null,
    region: state || null,
    postalCode: zipcode || null,
    countryCode: region || null,
  };
}

const toInstant = (seconds: string): string => new Date(Number(seconds) * 1000).toISOString();

/** Shopee writes 0 for an id or a time that is not there. */
function known(value: string | null | undefined): string | undefined {
  return value && value !== '0' ? value : undefined;
}
