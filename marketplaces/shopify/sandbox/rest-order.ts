import { type BookLine, type BookOrder, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import { countryName, customerIdOf, splitName } from './buyer.ts';
import type { Fulfillment } from './fulfillments.ts';
import { gid, idOf, orderNumber, sameSequence } from './ids.ts';
import { LOCATION_ADDRESS, LOCATION_ID, LOCATION_NAME } from './location.ts';
import {
  cancelledAt,
  currentQuantity,
  financialStatus,
  fulfillmentOrderStatus,
  fulfillmentStatus,
  itemOf,
  type OrderParts,
  orderName,
  totals,
} from './order-state.ts';

const NOTHING = '0.00';

/** A time as REST and webhooks write it: to the second, with the shop's offset. */
export function restTime(at: number): string {
  return new Date(at).toISOString().replace('.000Z', '+00:00');
}

function bag(amount: string, currency_code: string) {
  const money = { amount, currency_code };
  return { shop_money: money, presentment_money: money };
}

function address({ buyer }: BookOrder) {
  const { firstName, lastName } = splitName(buyer);
  return {
    first_name: firstName,
    last_name: lastName,
    name: buyer.name,
    company: null,
    address1: buyer.street,
    address2: null,
    city: buyer.city,
    zip: buyer.postalCode,
    province: null,
    province_code: null,
    country: countryName(buyer.countryCode),
    country_code: buyer.countryCode,
    phone: buyer.phone,
    latitude: null,
    longitude: null,
  };
}

/** The order as REST answers it, which is the payload of the `orders/…` webhooks too. */
export function restOrder(order: BookOrder, parts: OrderParts) {
  const { buyer, currency } = order;
  const { firstName, lastName } = splitName(buyer);
  const { ordered, current } = totals(order);
  const cancelled = cancelledAt(order);
  const status = fulfillmentStatus(order, parts);
  const free = bag(NOTHING, currency);
  return {
    id: Number(order.orderId),
    admin_graphql_api_id: gid('Order', order.orderId),
    app_id: 1,
    name: orderName(order),
    number: orderNumber(order.orderId) - 1000,
    order_number: orderNumber(order.orderId),
    created_at: restTime(order.placedAt),
    processed_at: restTime(order.placedAt),
    updated_at: restTime(order.updatedAt),
    closed_at: null,
    cancelled_at: cancelled === null ? null : restTime(cancelled),
    cancel_reason: cancelled === null ? null : 'customer',
    confirmed: true,
    test: false,
    note: null,
    note_attributes: [],
    tags: '',
    source_name: 'web',
    customer_locale: 'en',
    email: buyer.email,
    contact_email: buyer.email,
    phone: buyer.phone,
    buyer_accepts_marketing: false,
    financial_status: financialStatus(order).toLowerCase(),
    fulfillment_status: { FULFILLED: 'fulfilled', PARTIALLY_FULFILLED: 'partial', UNFULFILLED: null }[status],
    payment_gateway_names: ['shopify_payments'],
    currency,
    presentment_currency: currency,
    taxes_included: true,
    tax_exempt: false,
    total_price: ordered,
    total_price_set: bag(ordered, currency),
    subtotal_price: ordered,
    subtotal_price_set: bag(ordered, currency),
    total_line_items_price: ordered,
    total_line_items_price_set: bag(ordered, currency),
    total_discounts: NOTHING,
    total_discounts_set: free,
    total_tax: NOTHING,
    total_tax_set: free,
    total_shipping_price_set: free,
    total_outstanding: NOTHING,
    total_tip_received: NOTHING,
    total_weight: 0,
    current_total_price: current,
    current_total_price_set: bag(current, currency),
    current_subtotal_price: current,
    current_subtotal_price_set: bag(current, currency),
    current_total_discounts: NOTHING,
    current_total_discounts_set: free,
    current_total_tax: NOTHING,
    current_total_tax_set: free,
    discount_codes: [],
    discount_applications: [],
    tax_lines: [],
    order_status_url: `https://${order.sellerId}/account/orders/${order.orderId}`,
    customer: {
      id: customerIdOf(buyer),
      admin_graphql_api_id: gid('Customer', customerIdOf(buyer)),
      email: buyer.email,
      phone: buyer.phone,
      first_name: firstName,
      last_name: lastName,
      state: 'disabled',
      verified_email: true,
      tax_exempt: false,
      tags: '',
      currency,
    },
    billing_address: address(order),
    shipping_address: address(order),
    line_items: order.lines.map((line) => restLine(order, line, line.quantity, parts)),
    shipping_lines: [
      {
        id: Number(order.orderId),
        title: 'Standard',
        code: 'Standard',
        source: 'shopify',
        price: NOTHING,
        price_set: free,
        discounted_price: NOTHING,
        discounted_price_set: free,
        carrier_identifier: null,
        tax_lines: [],
        discount_allocations: [],
      },
    ],
    fulfillments: parts.fulfillments.of(order).map((fulfillment) => restFulfillment(fulfillment, parts)),
    refunds: order.status === 'cancelled' ? [restRefund(order, parts)] : [],
  };
}

function restLine(order: BookOrder, line: BookLine, quantity: number, parts: OrderParts) {
  const { sequence } = itemOf(order, line, parts);
  const open = parts.fulfillments.openQuantity(order, line);
  const isOver = order.status === 'cancelled';
  return {
    id: Number(line.lineId),
    admin_graphql_api_id: gid('LineItem', line.lineId),
    title: line.title,
    name: line.title,
    sku: line.sku,
    variant_id: idOf('variant', sequence),
    variant_title: null,
    variant_inventory_management: 'shopify',
    product_id: idOf('product', sequence),
    product_exists: true,
    vendor: order.sellerId.split('.')[0],
    quantity,
    current_quantity: currentQuantity(order, line),
    fulfillable_quantity: open,
    fulfillment_service: 'manual',
    fulfillment_status: isOver || open === line.quantity ? null : open === 0 ? 'fulfilled' : 'partial',
    requires_shipping: true,
    taxable: true,
    gift_card: false,
    grams: 0,
    price: line.unitPrice,
    price_set: bag(line.unitPrice, order.currency),
    total_discount: NOTHING,
    total_discount_set: bag(NOTHING, order.currency),
    properties: [],
    tax_lines: [],
    discount_allocations: [],
  };
}

/** A fulfillment as REST answers it, which is the payload of the `fulfillments/…` webhooks too. */
export function restFulfillment({ id, order, number, tracking, ...more }: Fulfillment, parts: OrderParts) {
  return {
    id,
    admin_graphql_api_id: gid('Fulfillment', id),
    order_id: Number(order.orderId),
    name: `${orderName(order)}.${number}`,
    status: 'success',
    shipment_status: order.status === 'delivered' ? 'delivered' : null,
    service: 'manual',
    location_id: Number(LOCATION_ID),
    origin_address: {},
    receipt: {},
    created_at: restTime(more.createdAt),
    updated_at: restTime(more.updatedAt),
    tracking_company: tracking.company,
    tracking_number: tracking.numbers[0] ?? null,
    tracking_numbers: tracking.numbers,
    tracking_url: tracking.urls[0] ?? null,
    tracking_urls: tracking.urls,
    line_items: more.parts.map(({ line, quantity }) => restLine(order, line, quantity, parts)),
  };
}

/** The refund of a cancelled order. */
export function restRefund(order: BookOrder, parts: OrderParts) {
  return {
    id: Number(order.orderId),
    admin_graphql_api_id: gid('Refund', order.orderId),
    order_id: Number(order.orderId),
    created_at: restTime(order.updatedAt),
    processed_at: restTime(order.updatedAt),
    note: null,
    restock: true,
    refund_line_items: order.lines.map((line) => ({
      id: Number(line.lineId),
      line_item_id: Number(line.lineId),
      line_item: restLine(order, line, line.quantity, parts),
      location_id: Number(LOCATION_ID),
      quantity: line.quantity,
      restock_type: 'cancel',
      subtotal: bookTotal([line]),
      total_tax: NOTHING,
    })),
    transactions: [],
    order_adjustments: [],
  };
}

/** The order's one fulfillment order as REST answers it. */
export function restFulfillmentOrder(order: BookOrder, shopId: number, parts: OrderParts) {
  const status = fulfillmentOrderStatus(order, parts).toLowerCase();
  const id = sameSequence('order', order.orderId, 'fulfillmentOrder');
  return {
    id,
    shop_id: shopId,
    order_id: Number(order.orderId),
    status,
    request_status: 'unsubmitted',
    created_at: restTime(order.placedAt),
    updated_at: restTime(order.updatedAt),
    fulfill_at: restTime(order.placedAt),
    fulfill_by: null,
    assigned_location_id: Number(LOCATION_ID),
    assigned_location: { ...LOCATION_ADDRESS, name: LOCATION_NAME, location_id: Number(LOCATION_ID) },
    destination: { ...address(order), id: Number(order.orderId), email: order.buyer.email },
    delivery_method: { id: Number(order.orderId), method_type: 'shipping' },
    fulfillment_holds: [],
    supported_actions: status === 'closed' ? [] : ['create_fulfillment'],
    line_items: order.lines.map((line) => ({
      id: sameSequence('line', line.lineId, 'fulfillmentOrderLine'),
      shop_id: shopId,
      fulfillment_order_id: id,
      line_item_id: Number(line.lineId),
      inventory_item_id: idOf('item', itemOf(order, line, parts).sequence),
      variant_id: idOf('variant', itemOf(order, line, parts).sequence),
      quantity: line.quantity,
      fulfillable_quantity: parts.fulfillments.openQuantity(order, line),
    })),
  };
}
