import { type BookOrder, type Books, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import { buyerIdOf, shipmentIdOf } from './ids.ts';
import { local } from './order-shape.ts';
import { CLIENT_ID, SITE_ID } from './registration.ts';
import type { ShipmentState } from './shipments.ts';

/** `service_id` of a seller's own carrier in Brazil [Mercado Libre developer guide, ME1 order states] */
export const SERVICE_ID = 11;

function renderAddress({ buyer }: BookOrder) {
  return {
    address_line: buyer.street,
    street_name: buyer.street,
    street_number: 'SN',
    comment: null,
    zip_code: buyer.postalCode,
    city: { id: null, name: buyer.city },
    state: { id: null, name: null },
    country: { id: buyer.countryCode, name: null },
    neighborhood: { id: null, name: null },
    municipality: { id: null, name: null },
    latitude: null,
    longitude: null,
    types: ['default_buying_address'],
  };
}

function renderState(order: BookOrder, { status, substatus }: ShipmentState) {
  return {
    id: shipmentIdOf(order.orderId),
    status,
    substatus,
    date_created: local(order.placedAt),
    last_updated: local(order.updatedAt),
    tracking_number: order.shipment?.trackingNumber || null,
    tracking_method: order.shipment?.carrier ?? null,
  };
}

/** A shipment as the header `x-format-new: true` asks for it. The buyer's name and address stand here only. */
export function renderShipment(order: BookOrder, state: ShipmentState) {
  const shippedAt = order.shipment ? local(order.shipment.shippedAt) : null;
  return {
    ...renderState(order, state),
    external_reference: null,
    declared_value: Number(bookTotal(order.lines)),
    dimensions: { height: 10, width: 20, length: 30, weight: 500 },
    logistic: { direction: 'forward', mode: 'me1', type: 'default' },
    source: { site_id: SITE_ID, market_place: 'MELI', application_id: null },
    origin: { type: 'selling_address', sender_id: Number(order.sellerId), shipping_address: null },
    destination: {
      type: 'buying_address',
      receiver_id: buyerIdOf(order.orderId),
      receiver_name: order.buyer.name,
      receiver_phone: order.buyer.phone,
      comments: null,
      shipping_address: renderAddress(order),
    },
    lead_time: {
      option_id: null,
      shipping_method: { id: SERVICE_ID, name: 'Normal', type: 'standard', deliver_to: 'address' },
      currency_id: order.currency,
      cost: 0,
      list_cost: 0,
      service_id: SERVICE_ID,
      estimated_delivery_time: null,
    },
    status_history: { date_shipped: shippedAt },
    items_types: ['new'],
    snapshot_packing: null,
    tags: [],
  };
}

/** A shipment in the shape of before, which is still the one of `/orders/{id}/shipments`. */
export function renderOldShipment(order: BookOrder, state: ShipmentState) {
  return {
    ...renderState(order, state),
    mode: 'me1',
    created_by: 'receiver',
    order_id: Number(order.orderId),
    order_cost: Number(bookTotal(order.lines)),
    base_cost: 0,
    site_id: SITE_ID,
    service_id: SERVICE_ID,
    sender_id: Number(order.sellerId),
    receiver_id: buyerIdOf(order.orderId),
    receiver_address: {
      ...renderAddress(order),
      receiver_name: order.buyer.name,
      receiver_phone: order.buyer.phone,
    },
    application_id: Number(CLIENT_ID),
    logistic_type: 'default',
    market_place: 'MELI',
    carrier_info: null,
    tags: [],
  };
}

/** What is in a shipment. */
export function renderShipmentItems(order: BookOrder, books: Books) {
  return order.lines.map(({ sku, title, quantity }) => {
    const { itemId, variationId, userProductId } = books.listing(order.sellerId, sku).reference;
    return {
      item_id: itemId,
      description: title,
      quantity,
      order_id: Number(order.orderId),
      variation_id: variationId === undefined ? null : Number(variationId),
      user_product_id: userProductId ?? null,
      sender_id: Number(order.sellerId),
      dimensions: null,
    };
  });
}
