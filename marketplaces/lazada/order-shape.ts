import { z } from 'zod';
import { digits } from './answer.ts';
import { money } from './money.ts';

const text = z.string().nullish();
/** A field that nothing is made of yet: kept where it is a single value, and never a reason to refuse an order. */
const kept = z.union([z.string(), z.boolean()]).nullish().catch(undefined);
const keep = <const Name extends string>(...names: Name[]) =>
  Object.fromEntries(names.map((name) => [name, kept])) as Record<Name, typeof kept>;

/** An amount; empty where Lazada tells none. */
const amount = z.union([money, z.literal('').transform(() => null)]).nullish();

/** `2014-10-15 19:12:15 +0800` as the answers write it, or ISO 8601 with an offset as the requests do. */
const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(?:Z|([+-]\d\d):?(\d\d))$/;
const time = z.string().refine((written) => !Number.isNaN(toEpochMs(written)), 'not a time');

/** A time of Lazada's, epoch ms; NaN if it is none. */
export function toEpochMs(written: string): number {
  const [, date, clock, hours = '+00', minutes = '00'] = TIME.exec(written) ?? [];
  return Date.parse(`${date}T${clock}${hours}:${minutes}`);
}

/**
 * What Sluice keeps of one unit: only the fields named here, none of them personal. So without the buyer's id, what a
 * gift or a personalization says, the reason in the buyer's own words, the invoice, and any digital goods.
 */
const orderUnit = z.object({
  order_id: digits,
  order_item_id: digits,
  sku: text,
  name: text,
  status: z.string().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/),
  item_price: amount,
  paid_price: amount,
  shipping_amount: amount,
  created_at: time,
  updated_at: time,
  package_id: text,
  shipment_provider: text,
  tracking_code: text,
  ...keep('shop_sku', 'sku_id', 'product_id', 'variation', 'order_type', 'order_flag', 'shop_id', 'biz_group'),
  ...keep('is_fbl', 'is_digital', 'is_reroute', 'mp3_order', 'semi_managed', 'stage_pay_status', 'payment_time'),
  ...keep('voucher_amount', 'voucher_seller', 'voucher_platform', 'voucher_seller_lpi', 'voucher_platform_lpi'),
  ...keep('tax_amount', 'wallet_credits', 'supply_price', 'supply_price_currency', 'shipping_fee_original'),
  ...keep('shipping_fee_discount_seller', 'shipping_fee_discount_platform', 'shipping_service_cost'),
  ...keep('shipping_type', 'shipping_provider_type', 'tracking_code_pre', 'warehouse_code', 'delivery_option_sof'),
  ...keep('promised_shipping_time', 'sla_time_stamp', 'fulfillment_sla', 'priority_fulfillment_tag'),
  ...keep('schedule_delivery_start_timeslot', 'schedule_delivery_end_timeslot', 'can_escalate_pickup'),
  ...keep('reason', 'return_status', 'cancel_return_initiator', 'reverse_order_id', 'need_cancel_confirm'),
  ...keep('is_cancel_pending', 'cancel_trigger_time', 'purchase_order_id', 'purchase_order_number'),
});

/** What Sluice keeps of the units of an order: GetMultipleOrderItems. */
export const itemsFacts = z.object({ order_id: digits, order_items: z.array(orderUnit).min(1) });

/** The units of an order as far as they are read: with whose they are. */
export const orderItems = itemsFacts.extend({
  order_items: z.array(orderUnit.extend({ buyer_id: digits.nullish().catch(undefined) })).min(1),
});

/**
 * What Sluice keeps of GetOrders and GetOrder besides the buyer: what both write alike and the units do not tell.
 * `order_number` is the order's id once more.
 */
export const headFacts = z.object({
  order_id: digits,
  created_at: time,
  updated_at: time,
  price: amount,
  voucher: amount,
  shipping_fee: amount,
  ...keep('items_count', 'warehouse_code', 'payment_method', 'promised_shipping_times', 'shipping_fee_original'),
  ...keep('shipping_fee_discount_seller', 'shipping_fee_discount_platform'),
});

/** An order of GetOrders or GetOrder, which hold everything but its units, as far as it is read. */
export const orderHead = headFacts.extend({
  customer_first_name: text,
  customer_last_name: text,
  address_shipping: z
    .object({
      first_name: text,
      last_name: text,
      phone: text,
      phone2: text,
      address1: text,
      address2: text,
      address3: text,
      address4: text,
      address5: text,
      city: text,
      post_code: text,
      country: text,
    })
    .nullish(),
});

export type OrderItems = z.infer<typeof orderItems>;
export type OrderUnit = z.infer<typeof orderUnit>;
export type OrderHead = z.infer<typeof orderHead>;
