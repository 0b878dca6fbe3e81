import { type BookBuyer, type BookLine, type BookOrder, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import { idOf, itemIds } from './ids.ts';

/**
 * Shopee masks the recipient for apps that are not approved to see it. This app counts as approved, so that what was
 * stored can be compared with the books.
 */
const MASKS_RECIPIENT: boolean = false;
/** Shopee has no shops in Britain or the euro area: the shop is Singaporean, the currency is the books'. */
export const REGION = 'SG';
const DAYS_TO_SHIP = 2;
const DAY_MS = 86_400_000;
/** logistics channel of every package, and its name until the shipment names a carrier */
const CHANNEL_ID = 18080;
export const CHANNEL_NAME = 'Standard Delivery';

const ORDER_STATUS = { placed: 'READY_TO_SHIP', shipped: 'SHIPPED', delivered: 'COMPLETED', cancelled: 'CANCELLED' };
const LOGISTICS_STATUS = {
  placed: 'LOGISTICS_READY',
  shipped: 'LOGISTICS_PICKUP_DONE',
  delivered: 'LOGISTICS_DELIVERY_DONE',
  cancelled: 'LOGISTICS_INVALID',
};

export const seconds = (epochMs: number): number => Math.floor(epochMs / 1000);
/** `isProcessed`: its shipment is arranged, which the books don't know */
export const orderStatus = (order: BookOrder, isProcessed: boolean): string =>
  isProcessed ? 'PROCESSED' : ORDER_STATUS[order.status];
/** One package an order, known from the start. */
export const packageNumber = (order: BookOrder): string => `OFG${String(idOf(order.orderId)).padStart(15, '1')}`;

const carrier = (order: BookOrder): string => order.shipment?.carrier ?? CHANNEL_NAME;

/** What `response_optional_fields` may ask for, by name. */
const OPTIONAL_FIELDS: Record<string, (order: BookOrder, isProcessed: boolean) => unknown> = {
  buyer_user_id: (order) => idOf(`buyer ${order.buyer.email}`),
  buyer_username: (order) => idOf(`buyer ${order.buyer.email}`).toString(36),
  // Shipping is free here: what the buyer pays is the goods.
  total_amount: (order) => Number(bookTotal(order.lines)),
  estimated_shipping_fee: () => 0,
  actual_shipping_fee: () => 0,
  actual_shipping_fee_confirmed: (order) => order.status === 'delivered',
  recipient_address: (order) => (MASKS_RECIPIENT ? masked(recipient(order.buyer)) : recipient(order.buyer)),
  item_list: (order) => order.lines.map((line) => item(order, line)),
  package_list: (order, isProcessed) => [packageOf(order, isProcessed)],
  pay_time: (order) => seconds(order.placedAt),
  pickup_done_time: (order) => (order.shipment ? seconds(order.shipment.shippedAt) : 0),
  shipping_carrier: carrier,
  checkout_shipping_carrier: () => CHANNEL_NAME,
  payment_method: () => 'Credit Card/Debit Card',
  note: () => '',
  note_update_time: () => 0,
  cancel_by: (order) => (order.status === 'cancelled' ? 'buyer' : ''),
  cancel_reason: (order) => (order.status === 'cancelled' ? 'Others' : ''),
  buyer_cancel_reason: () => '',
  split_up: () => false,
  fulfillment_flag: () => 'fulfilled_by_local_seller',
  goods_to_declare: () => false,
  invoice_data: () => null,
  dropshipper: () => null,
  dropshipper_phone: () => null,
  buyer_cpf_id: () => null,
};

/** An order as get_order_detail shows it: what is always there, and of the optional fields those that were asked for. */
export function orderDetail(
  order: BookOrder,
  optionalFields: readonly string[],
  isProcessed: boolean,
): Record<string, unknown> {
  const optional = optionalFields.flatMap((name): [string, unknown][] => {
    const field = Object.hasOwn(OPTIONAL_FIELDS, name) ? OPTIONAL_FIELDS[name] : undefined;
    return field ? [[name, field(order, isProcessed)]] : [];
  });
  return {
    order_sn: order.orderId,
    region: REGION,
    currency: order.currency,
    cod: false,
    order_status: orderStatus(order, isProcessed),
    message_to_seller: '',
    create_time: seconds(order.placedAt),
    update_time: seconds(order.updatedAt),
    days_to_ship: DAYS_TO_SHIP,
    ship_by_date: seconds(order.placedAt + DAYS_TO_SHIP * DAY_MS),
    ...Object.fromEntries(optional),
  };
}

function item(order: BookOrder, line: BookLine): Record<string, unknown> {
  const price = Number(line.unitPrice);
  const ids = itemIds(line.sku);
  const isCancelled = order.status === 'cancelled';
  return {
    ...ids,
    item_name: line.title,
    // The books know no variations, so none is named.
    model_name: '',
    model_quantity_purchased: line.quantity,
    model_original_price: price,
    model_discounted_price: price,
    wholesale: false,
    weight: 0.1,
    add_on_deal: false,
    main_item: false,
    add_on_deal_id: 0,
    promotion_type: '',
    promotion_id: 0,
    promotion_list: [],
    promotion_group_id: 0,
    // The same for two lines of one item; only line_item_id tells them apart.
    order_item_id: ids.item_id,
    line_item_id: Number(line.lineId),
    image_info: { image_url: '' },
    active_qty: isCancelled ? 0 : line.quantity,
    cancel_requested_qty: 0,
    cancelled_qty: isCancelled ? line.quantity : 0,
    return_requested_qty: 0,
    returned_qty: 0,
  };
}

function packageOf(order: BookOrder, isProcessed: boolean): Record<string, unknown> {
  return {
    package_number: packageNumber(order),
    logistics_status: isProcessed ? 'LOGISTICS_REQUEST_CREATED' : LOGISTICS_STATUS[order.status],
    logistics_channel_id: CHANNEL_ID,
    shipping_carrier: carrier(order),
    group_shipment_id: null,
    item_list: order.lines.map((line) => {
      const { item_id, model_id } = itemIds(line.sku);
      return { item_id, model_id, model_quantity: line.quantity, order_item_id: item_id, promotion_group_id: 0 };
    }),
  };
}

function recipient(buyer: BookBuyer) {
  return {
    name: buyer.name,
    phone: buyer.phone,
    town: '',
    district: '',
    city: buyer.city,
    state: '',
    region: buyer.countryCode,
    zipcode: buyer.postalCode,
    full_address: `${buyer.street}, ${buyer.city}, ${buyer.postalCode}`,
  };
}

function masked(address: ReturnType<typeof recipient>): ReturnType<typeof recipient> {
  return {
    ...address,
    name: `${address.name.slice(0, 1)}******${address.name.slice(-1)}`,
    phone: `******${address.phone.slice(-2)}`,
    full_address: `${address.full_address.slice(0, 2)}******`,
  };
}
