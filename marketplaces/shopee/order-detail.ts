import { z } from 'zod';
import type { Buyer, Order, OrderLine, OrderPackage } from '#events/order.ts';
import type { ReadOrder } from '#marketplaces/marketplace.ts';
import { digits, price, secondsAsMs } from './body.ts';

const text = z.string().nullish();

const item = z.object({
  item_id: digits,
  model_id: digits,
  order_item_id: digits.nullish(),
  line_item_id: digits.nullish(),
  item_name: text,
  item_sku: text,
  model_sku: text,
  model_quantity_purchased: digits.transform(Number),
  model_discounted_price: price.nullish(),
});

const parcel = z.object({ package_number: z.string().min(1), shipping_carrier: text, tracking_number: text });

const address = z.object({
  name: text,
  phone: text,
  city: text,
  state: text,
  region: text,
  zipcode: text,
  full_address: text,
});

/** One entry of get_order_detail's `order_list`, cut to what is read. */
export const orderDetail = z.object({
  order_sn: z.string().min(1),
  order_status: z.string().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/),
  total_amount: price.nullish(),
  create_time: secondsAsMs,
  update_time: secondsAsMs,
  pickup_done_time: secondsAsMs.nullish(),
  shipping_carrier: text,
  buyer_username: text,
  recipient_address: address.nullish(),
  item_list: z.array(item),
  package_list: z.array(parcel).nullish(),
});

type OrderDetail = z.infer<typeof orderDetail>;

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
export function toReadOrder(detail: OrderDetail, connectionId: string): ReadOrder {
  return {
    order: {
      marketplace: 'shopee',
      connectionId,
      orderId: detail.order_sn,
      // A status that is new to us must not get a parcel sent: the order waits, under Shopee's own word.
      status: STATUSES.get(detail.order_status) ?? 'pending',
      marketplaceStatus: detail.order_status,
      currency: detail.currency,
      total: detail.total_amount ?? null,
      placedAt: new Date(detail.create_time).toISOString(),
      updatedAt: new Date(detail.update_time).toISOString(),
      lines: detail.item_list.map(toLine),
      packages: toPackages(detail),
    },
    buyer: toBuyer(detail),
  };
}

function toLine(entry: z.infer<typeof item>): OrderLine {
  const { item_id, model_id, order_item_id, line_item_id } = entry;
  // All items of a bundle share one order_item_id, so before line_item_id (July 2026) only all three tell lines apart.
  const lineId = known(line_item_id) ?? [known(order_item_id) ?? item_id, item_id, model_id].join('-');
  return {
    lineId,
    sku: entry.model_sku || entry.item_sku || '',
    title: entry.item_name ?? '',
    quantity: entry.model_quantity_purchased,
    unitPrice: entry.model_discounted_price ?? null,
  };
}

function toPackages({ package_list, shipping_carrier, pickup_done_time }: OrderDetail): OrderPackage[] {
  const parcels = package_list ?? [];
  // The pickup time is the order's: of several packages it is not said which one was picked up then.
  const pickedUpAt = parcels.length === 1 && pickup_done_time ? new Date(pickup_done_time).toISOString() : null;
  return parcels.map((entry) => ({
    packageId: entry.package_number,
    carrier: entry.shipping_carrier || shipping_carrier || null,
    // Not documented here (get_tracking_number has it), so it is mostly null.
    trackingNumber: entry.tracking_number || null,
    shippedAt: pickedUpAt,
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

/** Shopee writes 0 for an id that is not there. */
function known(id: string | null | undefined): string | undefined {
  return id && id !== '0' ? id : undefined;
}
