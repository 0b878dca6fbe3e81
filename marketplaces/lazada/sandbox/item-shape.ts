import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { Fulfillment } from './fulfillment.ts';
import { buyerId, shipBy, writeTime } from './order-shape.ts';
import { type Unit, unitsOf } from './units.ts';

/** Which answer the items are for: GetMultipleOrderItems has some fields in other types than GetOrderItems. */
export type ItemForm = 'one-order' | 'several-orders';

/** All order items of an order. */
export function renderItems(order: BookOrder, parts: { fulfillment: Fulfillment; books: Books }, form: ItemForm) {
  return unitsOf(order).map((unit) => renderItem(order, unit, parts, form));
}

function renderItem(
  order: BookOrder,
  { itemId, line }: Unit,
  { fulfillment, books }: { fulfillment: Fulfillment; books: Books },
  form: ItemForm,
) {
  const parcel = fulfillment.packageOf(order, itemId);
  const { reference } = books.listing(order.sellerId, line.sku);
  const isCancelled = order.status === 'cancelled';
  const paidAt = order.placedAt;
  return {
    order_item_id: itemId,
    status: fulfillment.statusOf(order, itemId),
    sku: line.sku,
    shop_sku: `${reference.itemId}_SGAMZ-${reference.skuId}`,
    sku_id: reference.skuId ?? '',
    name: line.title,
    variation: '',
    item_price: line.unitPrice,
    paid_price: line.unitPrice,
    currency: order.currency,
    tax_amount: '0.00',
    voucher_amount: '0.00',
    voucher_code: '',
    voucher_platform: '0.00',
    voucher_seller: '0.00',
    voucher_platform_lpi: '0.00',
    voucher_seller_lpi: '0.00',
    voucher_code_platform: '',
    voucher_code_seller: '',
    wallet_credits: '0.00',
    shipping_amount: '0.00',
    shipping_fee_original: '0.00',
    shipping_fee_discount_seller: '0.00',
    shipping_fee_discount_platform: '0.00',
    shipping_service_cost: 0,
    shipping_type: 'Dropshipping',
    shipping_provider_type: 'standard',
    shipment_provider: parcel?.shipmentProvider ?? '',
    tracking_code: parcel?.trackingNumber ?? '',
    tracking_code_pre: '',
    package_id: parcel?.packageId ?? '',
    warehouse_code: 'dropshipping',
    created_at: writeTime(order.placedAt),
    updated_at: writeTime(order.updatedAt),
    promised_shipping_time: writeTime(shipBy(order)),
    sla_time_stamp: isoTime(shipBy(order)),
    fulfillment_sla: '',
    priority_fulfillment_tag: '',
    reason: isCancelled ? 'Change of mind' : '',
    reason_detail: '',
    cancel_return_initiator: isCancelled ? 'cancellation-customer' : '',
    return_status: '',
    reverse_order_id: isCancelled ? reverseId(Number(order.orderId)) : null,
    need_cancel_confirm: false,
    is_cancel_pending: false,
    cancel_trigger_time: null,
    product_main_image: `https://sg-live.slatic.example/p/${reference.itemId}.jpg`,
    product_detail_url: `https://www.lazada.example/products/i${reference.itemId}-s${reference.skuId}.html`,
    order_type: 'Normal',
    order_flag: 'NORMAL',
    stage_pay_status: '',
    is_digital: 0,
    is_fbl: '0',
    is_reroute: '0',
    delivery_option_sof: '0',
    digital_delivery_info: '',
    pick_up_store_info: {},
    invoice_number: '',
    purchase_order_id: '',
    purchase_order_number: '',
    shop_id: `Shop ${order.sellerId}`,
    buyer_id: buyerId(order),
    gift_wrapping: '',
    personalization: '',
    show_personalization_tag: false,
    supply_price: '',
    supply_price_currency: '',
    mp3_order: false,
    biz_group: 70_000,
    schedule_delivery_start_timeslot: null,
    schedule_delivery_end_timeslot: null,
    can_escalate_pickup: false,
    extra_attributes: '',
    ...(form === 'one-order'
      ? {
          order_id: order.orderId,
          product_id: reference.itemId ?? '',
          payment_time: paidAt,
          semi_managed: false,
          show_giftwrapping_tag: false,
        }
      : {
          order_id: Number(order.orderId),
          payment_time: String(paidAt),
          semi_managed: 'false',
          show_gift_wrapping_tag: false,
        }),
  };
}

/** The id of the cancellation or return of an order or an order item. */
export function reverseId(id: number): number {
  return id + 1;
}

/** Singapore's time in ISO 8601, unlike the other times. */
function isoTime(at: number): string {
  const [date, time] = writeTime(at).split(' ');
  return `${date}T${time}+08:00`;
}
