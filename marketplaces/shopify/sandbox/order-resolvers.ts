import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { mailingAddress, renderCustomer } from './buyer.ts';
import type { CallResolvers } from './call.ts';
import { firstOf, pageOf } from './connections.ts';
import { gid, sequenceOf } from './ids.ts';
import { keyOfLine, linesOf } from './line-resolvers.ts';
import { moneyBag } from './money.ts';
import {
  cancelledAt,
  currentQuantity,
  financialStatus,
  fulfillmentStatus,
  isoTime,
  type OrderParts,
  orderName,
  sumQuantity,
  totals,
} from './order-state.ts';
import { APP } from './shop-resolvers.ts';

/** what every buyer paid by and is sent by */
const GATEWAY = 'shopify_payments';
const SHIPPING = 'Standard';

const NOTHING = '0.00';

/** `Order` and what is inside of it; fulfillments have their own file. */
export function orderResolvers(parts: OrderParts): CallResolvers {
  const bag = (amount: string) => (order: BookOrder) => moneyBag(amount, order.currency);
  const ordered = (order: BookOrder) => moneyBag(totals(order).ordered, order.currency);
  const current = (order: BookOrder) => moneyBag(totals(order).current, order.currency);
  const refunded = (order: BookOrder) => moneyBag(totals(order).refunded, order.currency);
  const always = (value: unknown) => () => value;
  const isOpen = (order: BookOrder): boolean => order.status === 'placed';
  const refundsOf = (order: BookOrder): BookOrder[] => (order.status === 'cancelled' ? [order] : []);

  const Order: CallResolvers[string] = {
    id: (order: BookOrder) => gid('Order', order.orderId),
    legacyResourceId: (order: BookOrder) => order.orderId,
    name: orderName,
    number: (order: BookOrder) => Number(orderName(order).slice(1)),
    confirmationNumber: (order: BookOrder) =>
      sequenceOf('order', order.orderId).toString(36).toUpperCase().padStart(9, 'S'),
    confirmed: always(true),
    createdAt: (order: BookOrder) => isoTime(order.placedAt),
    processedAt: (order: BookOrder) => isoTime(order.placedAt),
    updatedAt: (order: BookOrder) => isoTime(order.updatedAt),
    closed: always(false),
    closedAt: always(null),
    cancelledAt: (order: BookOrder) => timeOrNull(cancelledAt(order)),
    cancelReason: (order: BookOrder) => (order.status === 'cancelled' ? 'CUSTOMER' : null),
    cancellation: (order: BookOrder) => (order.status === 'cancelled' ? { staffNote: null } : null),
    test: always(false),
    edited: always(false),
    note: always(null),
    poNumber: always(null),
    tags: always([]),
    sourceName: always('web'),
    sourceIdentifier: always(null),
    app: always(APP),
    customAttributes: always([]),
    statusPageUrl: (order: BookOrder) => `https://${order.sellerId}/account/orders/${order.orderId}`,
    displayFinancialStatus: financialStatus,
    displayFulfillmentStatus: (order: BookOrder) => fulfillmentStatus(order, parts),
    returnStatus: always('NO_RETURN'),
    fullyPaid: always(true),
    unpaid: always(false),
    capturable: always(false),
    refundable: (order: BookOrder) => order.status !== 'cancelled',
    restockable: (order: BookOrder) => order.status !== 'cancelled',
    fulfillable: isOpen,
    merchantEditable: isOpen,
    requiresShipping: always(true),
    paymentGatewayNames: always([GATEWAY]),
    currencyCode: (order: BookOrder) => order.currency,
    presentmentCurrencyCode: (order: BookOrder) => order.currency,
    taxesIncluded: always(true),
    taxExempt: always(false),
    dutiesIncluded: always(false),
    totalPriceSet: ordered,
    subtotalPriceSet: ordered,
    originalTotalPriceSet: ordered,
    totalReceivedSet: ordered,
    netPaymentSet: current,
    currentTotalPriceSet: current,
    currentSubtotalPriceSet: current,
    totalRefundedSet: refunded,
    ...Object.fromEntries(
      [
        'totalShippingPriceSet',
        'totalTaxSet',
        'totalDiscountsSet',
        'totalRefundedShippingSet',
        'totalOutstandingSet',
        'totalCapturableSet',
        'totalTipReceivedSet',
        'currentShippingPriceSet',
        'currentTotalTaxSet',
        'currentTotalDiscountsSet',
        'cartDiscountAmountSet',
      ].map((name) => [name, bag(NOTHING)]),
    ),
    totalWeight: always('0'),
    currentTotalWeight: always('0'),
    subtotalLineItemsQuantity: (order: BookOrder) => sumQuantity(order.lines),
    currentSubtotalLineItemsQuantity: (order: BookOrder) =>
      order.lines.reduce((sum, line) => sum + currentQuantity(order, line), 0),
    discountCode: always(null),
    discountCodes: always([]),
    taxLines: always([]),
    currentTaxLines: always([]),
    email: (order: BookOrder) => order.buyer.email,
    phone: (order: BookOrder) => order.buyer.phone,
    customerLocale: always('en'),
    customer: renderCustomer,
    shippingAddress: mailingAddress,
    billingAddress: mailingAddress,
    displayAddress: mailingAddress,
    billingAddressMatchesShippingAddress: always(true),
    shippingLine: shippingLine,
    shippingLines: (order: BookOrder, args) =>
      pageOf([shippingLine(order)], args, () => ({ id: Number(order.orderId), value: 0 })),
    lineItems: (order: BookOrder, args) => pageOf(linesOf(order), args, keyOfLine),
    refunds: (order: BookOrder, { first }) => firstOf(refundsOf(order), first),
    returns: (_order: BookOrder, args) => pageOf([], args, () => ({ id: 0, value: 0 })),
    transactions: (order: BookOrder, { first, capturable, manuallyResolvable }) =>
      capturable || manuallyResolvable ? [] : firstOf(transactionsOf(order), first),
  };

  const MailingAddress: CallResolvers[string] = {
    formatted: (address: ReturnType<typeof mailingAddress>, { withName }) => [
      ...(withName ? [address.name] : []),
      address.address1,
      `${address.city} ${address.zip}`,
      address.country,
    ],
  };

  return { Order, MailingAddress };
}

function timeOrNull(at: number | null): string | null {
  return at === null ? null : isoTime(at);
}

function shippingLine(order: BookOrder) {
  const free = moneyBag(NOTHING, order.currency);
  return {
    id: gid('ShippingLine', order.orderId),
    title: SHIPPING,
    code: SHIPPING,
    source: 'shopify',
    carrierIdentifier: null,
    deliveryCategory: null,
    phone: null,
    custom: false,
    isRemoved: false,
    originalPriceSet: free,
    discountedPriceSet: free,
    currentDiscountedPriceSet: free,
    taxLines: [],
  };
}

function transactionsOf(order: BookOrder) {
  const transaction = (number: number, kind: string, at: number) => ({
    id: gid('OrderTransaction', Number(order.orderId) * 10 + number),
    kind,
    status: 'SUCCESS',
    gateway: GATEWAY,
    formattedGateway: 'Shopify Payments',
    amountSet: moneyBag(totals(order).ordered, order.currency),
    createdAt: isoTime(at),
    processedAt: isoTime(at),
    test: false,
  });
  const sale = transaction(1, 'SALE', order.placedAt);
  return order.status === 'cancelled' ? [sale, transaction(2, 'REFUND', order.updatedAt)] : [sale];
}
