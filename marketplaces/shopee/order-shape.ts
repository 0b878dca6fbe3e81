import { z } from 'zod';
import { digits, price, seconds } from './body.ts';

const text = z.string().nullish();
/** A field that nothing is made of yet: kept where it is a single value, and never a reason to refuse an order. */
const kept = z.union([z.string(), z.boolean()]).nullish().catch(undefined);
/** Units of a line in a state: told since May 2026, and only where they are. */
const units = digits.nullish().catch(undefined);

const item = z.object({
  item_id: digits,
  model_id: digits,
  order_item_id: digits.nullish(),
  line_item_id: digits.nullish(),
  item_name: text,
  item_sku: text,
  model_name: kept,
  model_sku: text,
  model_quantity_purchased: digits,
  model_original_price: kept,
  model_discounted_price: price.nullish(),
  active_qty: kept,
  cancel_requested_qty: kept,
  cancelled_qty: units,
  return_requested_qty: kept,
  returned_qty: units,
  wholesale: kept,
  weight: kept,
  add_on_deal: kept,
  add_on_deal_id: kept,
  main_item: kept,
  promotion_type: kept,
  promotion_id: kept,
  promotion_group_id: kept,
});

const parcel = z.object({
  package_number: z.string().min(1),
  logistics_status: text.catch(undefined),
  logistics_channel_id: kept,
  shipping_carrier: text,
  tracking_number: text,
  group_shipment_id: kept,
  item_list: z
    .array(z.object({ item_id: digits, model_id: digits, model_quantity: digits, order_item_id: kept }))
    .nullish()
    .catch(undefined),
});

/**
 * What Sluice keeps of get_order_detail's `order_list` besides the buyer: only the fields named here, none of them
 * personal. Numbers are text, as `parseBody` leaves them.
 */
export const orderFacts = z.object({
  order_sn: z.string().min(1),
  order_status: z.string().min(1),
  region: kept,
  currency: z.string().regex(/^[A-Z]{3}$/),
  cod: kept,
  total_amount: price.nullish(),
  create_time: seconds,
  update_time: seconds,
  pay_time: kept,
  pickup_done_time: seconds.nullish(),
  days_to_ship: kept,
  ship_by_date: kept,
  payment_method: kept,
  shipping_carrier: text,
  fulfillment_flag: kept,
  split_up: kept,
  cancel_by: kept,
  cancel_reason: kept,
  booking_sn: kept,
  item_list: z.array(item),
  package_list: z.array(parcel).nullish(),
});

const address = z.object({
  name: text,
  phone: text,
  city: text,
  state: text,
  region: text,
  zipcode: text,
  full_address: text,
});

/** One entry of get_order_detail's `order_list`, as far as it is read. */
export const orderDetail = orderFacts.extend({
  buyer_user_id: digits.nullish().catch(undefined),
  buyer_username: text,
  recipient_address: address.nullish(),
});

export type OrderFacts = z.infer<typeof orderFacts>;
export type OrderDetail = z.infer<typeof orderDetail>;
export type OrderItem = OrderFacts['item_list'][number];
export type Parcel = NonNullable<OrderFacts['package_list']>[number];
