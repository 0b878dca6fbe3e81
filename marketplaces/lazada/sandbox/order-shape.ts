import { type BookOrder, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import type { Fulfillment } from './fulfillment.ts';
import { unitsOf } from './units.ts';

/** Singapore is 8 h before UTC, all year. */
const ZONE_OFFSET_MS = 8 * 3_600_000;
const ZONE = '+0800';

/** how long after the order the promised time to ship ends */
const SHIP_WITHIN_MS = 2 * 86_400_000;

/** Lazada writes countries by their name. */
const COUNTRY_NAMES: Record<string, string> = {
  SG: 'Singapore',
  MY: 'Malaysia',
  TH: 'Thailand',
  VN: 'Vietnam',
  PH: 'Philippines',
  ID: 'Indonesia',
  GB: 'United Kingdom',
};

/** Lazada's form of a time, which is not ISO 8601: `2014-10-15 19:12:15 +0800`. */
export function writeTime(at: number): string {
  return `${new Date(at + ZONE_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')} ${ZONE}`;
}

/** When an order must be on its way. */
export function shipBy(order: BookOrder): number {
  return order.placedAt + SHIP_WITHIN_MS;
}

/** The buyer's account, made up from the order: the books know none. */
export function buyerId(order: BookOrder): string {
  return `10${order.orderId.slice(-8)}`;
}

function address({ buyer }: BookOrder, districtField: string) {
  return {
    first_name: buyer.name,
    last_name: '',
    phone: buyer.phone,
    phone2: '',
    address1: buyer.street,
    address2: '',
    address3: buyer.city,
    address4: buyer.city,
    address5: '',
    [districtField]: '',
    city: buyer.city,
    post_code: buyer.postalCode,
    country: COUNTRY_NAMES[buyer.countryCode] ?? buyer.countryCode,
  };
}

/** What GetOrders and GetOrder tell alike. */
function renderCommon(order: BookOrder, fulfillment: Fulfillment, districtField: string) {
  const units = unitsOf(order);
  return {
    statuses: [...new Set(units.map(({ itemId }) => fulfillment.statusOf(order, itemId)))],
    items_count: units.length,
    price: bookTotal(order.lines),
    payment_method: 'MIXEDCARD',
    voucher: '0.00',
    voucher_code: '',
    shipping_fee: '0.00',
    shipping_fee_original: '0.00',
    shipping_fee_discount_seller: '0.00',
    shipping_fee_discount_platform: '0.00',
    created_at: writeTime(order.placedAt),
    updated_at: writeTime(order.updatedAt),
    promised_shipping_times: writeTime(shipBy(order)),
    warehouse_code: 'dropshipping',
    customer_first_name: order.buyer.name,
    customer_last_name: '',
    address_shipping: address(order, districtField),
    address_billing: address(order, districtField),
    recipient_info: { passport_no: '', identify_no: '', detail_address: '' },
    national_registration_number: '',
    tax_code: '',
    branch_number: '',
    gift_message: '',
    delivery_info: '',
    remarks: '',
    buyer_note: '',
    extra_attributes: '',
    need_cancel_confirm: false,
  };
}

/** An order as GetOrders lists it. The name of the district is misspelled as at Lazada. */
export function renderListed(order: BookOrder, fulfillment: Fulfillment) {
  return {
    ...renderCommon(order, fulfillment, 'addressDsitrict'),
    order_id: order.orderId,
    order_number: order.orderId,
    voucher_platform: '0.00',
    voucher_seller: '0.00',
    address_updated_at: writeTime(order.placedAt),
    gift_option: '0',
    is_cancel_pending: 'false',
  };
}

/** An order as GetOrder tells it: some fields are of other types than in the list. */
export function renderSingle(order: BookOrder, fulfillment: Fulfillment) {
  return {
    ...renderCommon(order, fulfillment, 'addressDistrict'),
    order_id: Number(order.orderId),
    order_number: Number(order.orderId),
    gift_option: false,
    is_cancel_pending: false,
  };
}
