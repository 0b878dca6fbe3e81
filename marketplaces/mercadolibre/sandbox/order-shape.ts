import { type BookOrder, type Books, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import { buyerIdOf, packIdOf, paymentIdOf, shipmentIdOf } from './ids.ts';
import { SITE_ID } from './registration.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Mercado Libre writes most of its times four hours behind UTC, whatever the country. */
const ZONE_MS = -4 * HOUR_MS;
/** how long an order may stay open, ms */
const OPEN_FOR_MS = 28 * DAY_MS;
/** what Mercado Libre keeps of a sale, of 1 */
const FEE = 0.14;

/** An instant in Mercado Libre's own zone. */
export function local(at: number): string {
  return `${new Date(at + ZONE_MS).toISOString().slice(0, -1)}-04:00`;
}

const cents = (amount: number): number => Math.round(amount * 100) / 100;

/** `status` of an order: nothing in it tells that the order was shipped. */
export const orderStatusOf = ({ status }: BookOrder): string => (status === 'cancelled' ? 'cancelled' : 'paid');

export function tagsOf({ status }: BookOrder): string[] {
  const delivery = status === 'delivered' ? 'delivered' : 'not_delivered';
  return ['pack_order', ...(status === 'cancelled' ? [] : ['paid']), delivery];
}

/** Who bought, as far as an order tells: name and address stand in the shipment. */
export const renderBuyer = (order: BookOrder) => ({
  id: buyerIdOf(order.orderId),
  nickname: `TETE${buyerIdOf(order.orderId)}`,
});

/** The order as `/orders/{id}` and `orders/search` answer it. Amounts are JSON numbers. */
export function renderOrder(order: BookOrder, books: Books) {
  const total = Number(bookTotal(order.lines));
  const isCancelled = order.status === 'cancelled';
  return {
    id: Number(order.orderId),
    status: orderStatusOf(order),
    status_detail: null,
    date_created: local(order.placedAt),
    date_closed: local(order.placedAt),
    last_updated: local(order.updatedAt),
    date_last_updated: new Date(order.updatedAt).toISOString(),
    expiration_date: local(order.placedAt + OPEN_FOR_MS),
    manufacturing_ending_date: null,
    pack_id: packIdOf(order.orderId),
    pickup_id: null,
    comment: null,
    fulfilled: order.status === 'delivered' ? true : null,
    buying_mode: 'buy_equals_pay',
    shipping_cost: null,
    mediations: [],
    total_amount: total,
    paid_amount: total,
    coupon: { id: null, amount: 0 },
    currency_id: order.currency,
    order_items: renderItems(order, books),
    payments: [renderPayment(order, total)],
    shipping: { id: shipmentIdOf(order.orderId) },
    buyer: renderBuyer(order),
    seller: { id: Number(order.sellerId) },
    tags: tagsOf(order),
    context: { channel: 'marketplace', site: SITE_ID, flows: [] },
    feedback: { buyer: null, seller: null },
    taxes: { amount: null, currency_id: null, id: null },
    order_request: { change: null, return: null },
    cancel_detail: isCancelled
      ? {
          group: 'buyer',
          code: 'buyer_cancel_express',
          description: 'The buyer cancelled the purchase',
          requested_by: 'buyer',
          date: local(order.updatedAt),
        }
      : null,
  };
}

function renderItems(order: BookOrder, books: Books) {
  return order.lines.map((line, index) => {
    const { itemId, variationId, userProductId } = books.listing(order.sellerId, line.sku).reference;
    const price = Number(line.unitPrice);
    return {
      item: {
        id: itemId,
        title: line.title,
        category_id: `${SITE_ID}31447`,
        variation_id: variationId === undefined ? null : Number(variationId),
        seller_custom_field: null,
        variation_attributes: variationId
          ? [{ id: 'COLOR', name: 'Cor', value_id: null, value_name: `Cor ${variationId}` }]
          : [],
        warranty: null,
        condition: 'new',
        seller_sku: line.sku,
        global_price: null,
        net_weight: null,
        user_product_id: userProductId ?? null,
        release_date: null,
      },
      quantity: line.quantity,
      requested_quantity: { measure: 'unit', value: line.quantity },
      picked_quantity: null,
      unit_price: price,
      full_unit_price: price,
      gross_price: price,
      currency_id: order.currency,
      manufacturing_days: null,
      sale_fee: cents(price * FEE),
      listing_type_id: 'gold_special',
      base_exchange_rate: null,
      base_currency_id: null,
      element_id: index + 1,
    };
  });
}

function renderPayment(order: BookOrder, total: number) {
  const isRefunded = order.status === 'cancelled';
  return {
    id: paymentIdOf(order.orderId),
    order_id: Number(order.orderId),
    payer_id: buyerIdOf(order.orderId),
    collector: { id: Number(order.sellerId) },
    site_id: SITE_ID,
    reason: order.lines[0]!.title,
    payment_method_id: 'account_money',
    payment_type: 'account_money',
    operation_type: 'regular_payment',
    currency_id: order.currency,
    installments: 1,
    status: isRefunded ? 'refunded' : 'approved',
    status_detail: isRefunded ? 'refunded' : 'accredited',
    transaction_amount: total,
    transaction_amount_refunded: isRefunded ? total : 0,
    taxes_amount: 0,
    shipping_cost: 0,
    coupon_amount: 0,
    overpaid_amount: 0,
    total_paid_amount: total,
    marketplace_fee: cents(total * FEE),
    date_approved: local(order.placedAt),
    date_created: local(order.placedAt),
    date_last_modified: local(order.updatedAt),
  };
}
