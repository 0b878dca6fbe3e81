import { type BookLine, type BookOrder, type Books, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import { renderAddress, userIdOf } from './buyer-shape.ts';
import { WAREHOUSE_ID } from './listings.ts';
import { priceOf, unitIdsOf } from './order-ids.ts';
import type { Package, Packages } from './packages.ts';
import { DELIVERY_OPTION, providerNamed } from './providers.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
/** how long a seller has to ship, and a parcel to arrive: this sandbox's choice */
const SHIP_WITHIN_SECONDS = 2 * DAY_SECONDS;
const DELIVER_WITHIN_SECONDS = 7 * DAY_SECONDS;

// TikTok Shop Open API, Get Order List: `status`, which a webhook tells as it is here but for CANCELLED.
const STATUSES = {
  placed: 'AWAITING_SHIPMENT',
  shipped: 'IN_TRANSIT',
  delivered: 'DELIVERED',
  cancelled: 'CANCELLED',
} as const;

/** A point in time as TikTok Shop writes it. */
export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** `status` of an order. */
export function orderStatus(order: BookOrder, packages: Packages): string {
  return order.status === 'placed' && packages.isSplit(order) ? 'PARTIALLY_SHIPPING' : STATUSES[order.status];
}

/** An order as the list and the detail show it. Nothing is masked, unlike at TikTok Shop. */
export function renderOrder(order: BookOrder, { packages, books }: { packages: Packages; books: Books }) {
  const all = packages.of(order);
  const find = packages.finder(order);
  const shipped = all.find((one) => one.shipped)?.shipped;
  const provider = shipped && providerNamed(shipped.carrier);
  const placedAt = seconds(order.placedAt);
  const updatedAt = seconds(order.updatedAt);
  const isCancelled = order.status === 'cancelled';
  return {
    id: order.orderId,
    status: orderStatus(order, packages),
    user_id: userIdOf(order.buyer),
    buyer_email: order.buyer.email,
    buyer_message: '',
    seller_note: '',
    commerce_platform: 'TIKTOK_SHOP',
    create_time: placedAt,
    paid_time: placedAt,
    update_time: updatedAt,
    rts_sla_time: placedAt + SHIP_WITHIN_SECONDS,
    tts_sla_time: placedAt + SHIP_WITHIN_SECONDS,
    shipping_due_time: placedAt + SHIP_WITHIN_SECONDS,
    collection_due_time: placedAt + SHIP_WITHIN_SECONDS + DAY_SECONDS,
    delivery_due_time: placedAt + DELIVER_WITHIN_SECONDS,
    cancel_order_sla_time: placedAt + SHIP_WITHIN_SECONDS + HOUR_SECONDS,
    ...(shipped && { rts_time: seconds(shipped.shippedAt), collection_time: seconds(shipped.shippedAt) }),
    ...(order.status === 'delivered' && { delivery_time: updatedAt }),
    ...(isCancelled && { cancel_time: updatedAt, cancel_reason: 'No longer needed', cancellation_initiator: 'BUYER' }),
    payment: renderPayment(order),
    payment_method_name: 'CCDC',
    is_cod: false,
    fulfillment_type: 'FULFILLMENT_BY_SELLER',
    shipping_type: 'SELLER',
    delivery_type: 'HOME_DELIVERY',
    delivery_option_id: DELIVERY_OPTION.id,
    delivery_option_name: DELIVERY_OPTION.name,
    shipping_provider: provider?.name ?? '',
    shipping_provider_id: provider?.id ?? '',
    tracking_number: shipped?.trackingNumber ?? '',
    packages: all.map(({ packageId }) => ({ id: packageId })),
    ...(packages.isSplit(order) && { split_or_combine_tag: 'SPLIT' }),
    warehouse_id: WAREHOUSE_ID,
    has_updated_recipient_address: false,
    need_upload_invoice: 'NO_NEED',
    is_buyer_request_cancel: false,
    is_exchange_order: false,
    is_on_hold_order: false,
    is_replacement_order: false,
    is_sample_order: false,
    handling_duration: { days: String(SHIP_WITHIN_SECONDS / DAY_SECONDS), type: 'BUSINESS_DAY' },
    recipient_address: renderAddress(order.buyer),
    line_items: order.lines.flatMap((line) => renderUnits(order, line, { find, books })),
  };
}

function renderPayment({ currency, lines }: BookOrder) {
  const total = bookTotal(lines);
  return {
    currency,
    sub_total: total,
    shipping_fee: '0',
    seller_discount: '0',
    platform_discount: '0',
    total_amount: total,
    original_total_product_price: total,
    original_shipping_fee: '0',
    shipping_fee_seller_discount: '0',
    shipping_fee_platform_discount: '0',
    shipping_fee_cofunded_discount: '0',
    tax: '0',
    product_tax: '0',
    shipping_fee_tax: '0',
    small_order_fee: '0',
    retail_delivery_fee: '0',
    buyer_service_fee: '0',
    handling_fee: '0',
    shipping_insurance_fee: '0',
    item_insurance_fee: '0',
  };
}

/** One element for each unit. */
function renderUnits(
  order: BookOrder,
  line: BookLine,
  { find, books }: { find: (unitId: string) => Package | undefined; books: Books },
) {
  const price = priceOf(line.unitPrice);
  const { productId, skuId } = books.listing(order.sellerId, line.sku).reference;
  const same = {
    product_id: productId,
    product_name: line.title,
    sku_id: skuId,
    sku_name: 'Default',
    sku_type: 'NORMAL',
    seller_sku: line.sku,
    currency: order.currency,
    original_price: price,
    sale_price: price,
    platform_discount: '0',
    seller_discount: '0',
    is_gift: false,
    item_tax: [{ tax_type: 'SALES_TAX', tax_amount: '0', tax_rate: '0' }],
  };
  return unitIdsOf(line).map((id) => ({ id, ...same, ...renderProgress(order, find(id)) }));
}

/** How far a unit is, which is what its package says. */
function renderProgress({ status }: BookOrder, held: Package | undefined) {
  const packageId = held && { package_id: held.packageId };
  if (!held?.shipped) {
    const isCancelled = status === 'cancelled';
    return {
      ...packageId,
      display_status: isCancelled ? STATUSES.cancelled : STATUSES.placed,
      package_status: isCancelled ? 'CANCELLED' : 'TO_FULFILL',
      ...(isCancelled && { cancel_reason: 'No longer needed', cancel_user: 'BUYER' }),
    };
  }
  const { carrier, trackingNumber, shippedAt } = held.shipped;
  const provider = providerNamed(carrier);
  return {
    ...packageId,
    display_status: status === 'delivered' ? STATUSES.delivered : STATUSES.shipped,
    package_status: status === 'delivered' ? 'COMPLETED' : 'FULFILLING',
    rts_time: seconds(shippedAt),
    shipping_provider_id: provider.id,
    shipping_provider_name: provider.name,
    tracking_number: trackingNumber,
  };
}
