import { z } from 'zod';
import { decimal } from '#events/order.ts';

const text = z.string().nullish();
const id = z.string().min(1);
/** A field that nothing is made of yet: kept where it is a single value, and never a reason to refuse an order. */
const kept = z.union([z.string(), z.number(), z.boolean()]).nullish().catch(undefined);
const keep = <const Name extends string>(...names: Name[]) =>
  Object.fromEntries(names.map((name) => [name, kept])) as Record<Name, typeof kept>;

/** Latest instant that is read, seconds; ours, the year 5138. */
const MAX_INSTANT_SECONDS = 99_999_999_999;
export const seconds = z.int().min(0).max(MAX_INSTANT_SECONDS);

const currency = z.string().regex(/^[A-Z]{3}$/);
/** A decimal string; empty where TikTok tells none. */
const money = z.union([decimal, z.literal('').transform(() => null)]).nullish();

/** One unit: two of the same SKU are two line items. */
const lineItem = z.object({
  id,
  sku_id: id,
  seller_sku: text,
  product_name: text,
  sale_price: money,
  currency: currency.nullish().catch(undefined),
  display_status: text,
  is_gift: z.boolean().nullish(),
  package_id: text,
  package_status: text,
  tracking_number: text,
  shipping_provider_name: text,
  rts_time: seconds.nullish(),
  item_tax: z
    .array(z.object(keep('tax_type', 'tax_amount', 'tax_rate')))
    .nullish()
    .catch(undefined),
  combined_listing_skus: z
    .array(z.object(keep('sku_id', 'sku_count', 'product_id', 'seller_sku')))
    .nullish()
    .catch(undefined),
  ...keep('product_id', 'sku_name', 'sku_type', 'original_price', 'platform_discount', 'seller_discount'),
  ...keep('cancel_user', 'cancel_reason', 'shipping_provider_id', 'small_order_fee', 'retail_delivery_fee'),
  ...keep('buyer_service_fee', 'pfand_fee', 'gift_retail_price', 'is_dangerous_good', 'handling_duration_days'),
});

const payment = z.object({
  currency,
  total_amount: money,
  ...keep('sub_total', 'original_total_product_price', 'seller_discount', 'platform_discount'),
  ...keep('shipping_fee', 'original_shipping_fee', 'shipping_fee_seller_discount', 'shipping_fee_platform_discount'),
  ...keep('shipping_fee_cofunded_discount', 'tax', 'product_tax', 'shipping_fee_tax', 'small_order_fee'),
  ...keep('retail_delivery_fee', 'buyer_service_fee', 'handling_fee', 'shipping_insurance_fee'),
  ...keep('item_insurance_fee', 'item_insurance_tax'),
});

/**
 * What Sluice keeps of an order besides its buyer: only the fields named here, none of them personal. So without the
 * buyer's user id, messages and notes, tax number, card, and anything of a prescription.
 */
export const orderFacts = z.object({
  id: z.string().regex(/^\d{1,32}$/),
  status: z.string().min(1),
  create_time: seconds,
  update_time: seconds,
  payment: payment.nullish(),
  line_items: z.array(lineItem),
  packages: z.array(z.object({ id: text })).nullish(),
  shipping_type: text,
  shipping_provider: text,
  tracking_number: text,
  rts_time: seconds.nullish(),
  delivery_option_id: text,
  handling_duration: z.object(keep('days', 'type')).nullish().catch(undefined),
  ...keep('paid_time', 'cancel_time', 'collection_time', 'delivery_time', 'request_cancel_time', 'release_date'),
  ...keep('rts_sla_time', 'tts_sla_time', 'cancel_order_sla_time', 'delivery_sla_time', 'fast_dispatch_sla_time'),
  ...keep('shipping_due_time', 'collection_due_time', 'delivery_due_time', 'pick_up_cut_off_time'),
  ...keep('delivery_option_required_delivery_time', 'cancel_reason', 'cancellation_initiator'),
  ...keep('payment_method_name', 'fulfillment_type', 'delivery_type', 'delivery_option_name', 'warehouse_id'),
  ...keep('shipping_provider_id', 'split_or_combine_tag', 'auto_combine_group_id', 'has_updated_recipient_address'),
  ...keep('order_type', 'commerce_platform', 'fast_delivery_program', 'need_upload_invoice', 'is_cod'),
  ...keep('is_on_hold_order', 'is_sample_order', 'is_buyer_request_cancel', 'is_replacement_order'),
  ...keep('replaced_order_id', 'is_exchange_order', 'exchange_source_order_id'),
});

const district = z.object({ address_level_name: text, address_name: text });

/** An order of Get Order List or Get Order Detail, as far as it is read. */
export const tiktokOrder = orderFacts.extend({
  user_id: text,
  buyer_email: text,
  recipient_address: z
    .object({
      name: text,
      phone_number: text,
      full_address: text,
      address_line1: text,
      address_line2: text,
      address_line3: text,
      address_line4: text,
      post_town: text,
      postal_code: text,
      region_code: text,
      district_info: z.array(district).nullish(),
    })
    .nullish(),
});

export type OrderFacts = z.infer<typeof orderFacts>;
export type TikTokOrder = z.infer<typeof tiktokOrder>;
export type OrderUnit = OrderFacts['line_items'][number];
