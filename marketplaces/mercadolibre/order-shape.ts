import { z } from 'zod';
import { epochMs, keep, kept, money, numericId } from './answer.ts';

const text = z.string().nullish();

const orderItem = z.object({
  item: z.object({
    id: z.string().min(1),
    title: text,
    seller_sku: text,
    variation_id: numericId.nullish(),
    variation_attributes: z
      .array(z.object(keep('id', 'name', 'value_id', 'value_name')))
      .nullish()
      .catch(undefined),
    ...keep('category_id', 'condition', 'seller_custom_field', 'user_product_id'),
  }),
  quantity: z.int().min(0),
  unit_price: money.nullish(),
  ...keep('full_unit_price', 'gross_price', 'currency_id', 'sale_fee', 'listing_type_id', 'manufacturing_days'),
  ...keep('element_id', 'base_currency_id'),
});

/** Without the payer, and without anything of a card. */
const payment = z.object({
  ...keep('id', 'status', 'status_detail', 'transaction_amount', 'total_paid_amount', 'shipping_cost', 'coupon_amount'),
  ...keep('taxes_amount', 'transaction_amount_refunded', 'overpaid_amount', 'currency_id', 'payment_method_id'),
  ...keep('payment_type', 'operation_type', 'site_id', 'installments', 'date_created', 'date_approved'),
  ...keep('date_last_modified'),
});

/** What Sluice keeps of an order: only the fields named here, none of them personal. So without the buyer. */
export const orderFacts = z.object({
  id: numericId,
  status: z.string().min(1),
  status_detail: z.object(keep('code', 'description')).nullish().catch(undefined),
  date_created: z.string().refine(isInstant),
  date_last_updated: z.string().refine(isInstant).nullish(),
  /** what the answers of some years ago call it */
  last_updated: z.string().refine(isInstant).nullish(),
  total_amount: money.nullish(),
  currency_id: z.string().regex(/^[A-Z]{3}$/),
  order_items: z.array(orderItem),
  payments: z.array(payment).nullish().catch(undefined),
  shipping: z.object({ id: numericId.nullish() }).nullish(),
  seller: z.object({ id: numericId.nullish() }).nullish().catch(undefined),
  tags: z.array(z.string()).nullish(),
  context: z
    .object({ ...keep('channel', 'site'), flows: z.array(kept).nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
  coupon: z.object(keep('id', 'amount')).nullish().catch(undefined),
  taxes: z
    .object(keep('id', 'amount', 'currency_id'))
    .nullish()
    .catch(undefined),
  ...keep('date_closed', 'expiration_date', 'manufacturing_ending_date', 'paid_amount', 'pack_id', 'pickup_id'),
  ...keep('fulfilled', 'shipping_cost'),
});

/** An order as far as it is read: with whose it is. */
export const mercadolibreOrder = orderFacts.extend({
  buyer: z.object({ id: numericId.nullish(), nickname: text }).nullish().catch(undefined),
});

export type MercadolibreOrder = z.infer<typeof mercadolibreOrder>;
export type OrderFacts = z.infer<typeof orderFacts>;
export type OrderItem = OrderFacts['order_items'][number];

function isInstant(written: string): boolean {
  return epochMs.safeParse(written).success;
}
