import { type BookLine, type BookOrder, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import { CARRIERS } from './carriers.ts';
import type { Fulfillment, Tracking } from './fulfillment.ts';

const DAY_MS = 86_400_000;
/** The promises that every listing here makes. */
const SHIPS_WITHIN_MS = 2 * DAY_MS;
const ARRIVES_WITHIN_MS = 6 * DAY_MS;

export const METHOD_CODES = ['Standard', 'Express', 'OneDay', 'Freight', 'WhiteGlove', 'Value'] as const;

/** Walmart writes countries with three letters (ISO 3166-1 alpha-3); the books do with two. */
const COUNTRIES: Record<string, string> = {
  US: 'USA',
  CA: 'CAN',
  MX: 'MEX',
  GB: 'GBR',
  DE: 'DEU',
  FR: 'FRA',
  IE: 'IRL',
  ES: 'ESP',
  NL: 'NLD',
  AU: 'AUS',
};
/** The books know no states, Walmart's address needs one. */
const STATE = 'CA';

/** When an order must have left. */
export function shipBy(order: BookOrder): number {
  return order.placedAt + SHIPS_WITHIN_MS;
}

/** The id of the checkout that the purchase order came from. */
export function customerOrderId(order: BookOrder): string {
  return `2${order.orderId.slice(1)}`;
}

/** A part of a line in one state. */
type LineStatus = { status: string; quantity: number; reason?: string; tracking?: Tracking };

/** The states of a line's units: an order has no status of its own. */
export function lineStatuses(order: BookOrder, line: BookLine, fulfillment: Fulfillment): LineStatus[] {
  const { acknowledged, shipped, cancelled } = fulfillment.progressOf(order);
  const shippedStatus = order.status === 'delivered' ? 'Delivered' : 'Shipped';
  const statuses: LineStatus[] = [];
  for (const { lineNumber, quantity, tracking } of shipped) {
    if (lineNumber === line.lineId) statuses.push({ status: shippedStatus, quantity, tracking });
  }
  for (const { lineNumber, quantity, reason } of cancelled) {
    if (lineNumber === line.lineId) statuses.push({ status: 'Cancelled', quantity, reason });
  }
  const quantity = fulfillment.openQuantity(order, line);
  if (quantity === 0) return statuses;
  if (order.status === 'placed') statuses.push({ status: acknowledged ? 'Acknowledged' : 'Created', quantity });
  else if (order.shipment) statuses.push({ status: shippedStatus, quantity, tracking: trackingOf(order) });
  else statuses.push({ status: 'Cancelled', quantity, reason: 'AUTO_CANCEL' });
  return statuses;
}

/** The tracking of an order that the books themselves shipped. */
function trackingOf({ orderId, shipment }: BookOrder): Tracking {
  const { carrier, trackingNumber, shippedAt } = shipment!;
  return {
    shipDateTime: shippedAt,
    carrierName: CARRIERS.has(carrier) ? { carrier } : { otherCarrier: carrier },
    methodCode: 'Standard',
    trackingNumber,
    trackingURL: `https://www.walmart.com/tracking?tracking_id=${encodeURIComponent(trackingNumber)}&order_id=${orderId}`,
  };
}

const each = (amount: number) => ({ unitOfMeasurement: 'EACH', amount: String(amount) });

/**
 * The purchase order as Get an order answers it. Amounts of money are JSON numbers, and quantities are strings.
 * @param options.withProductInfo what `productInfo=true` adds
 */
export function renderOrder(order: BookOrder, fulfillment: Fulfillment, options: { withProductInfo: boolean }) {
  const { buyer } = order;
  const total = Number(bookTotal(order.lines));
  return {
    purchaseOrderId: order.orderId,
    customerOrderId: customerOrderId(order),
    customerEmailId: buyer.email,
    orderType: 'REGULAR',
    orderDate: order.placedAt,
    mart: 'US',
    isGuest: false,
    shippingInfo: {
      phone: buyer.phone,
      estimatedDeliveryDate: order.placedAt + ARRIVES_WITHIN_MS,
      estimatedShipDate: shipBy(order),
      methodCode: 'Standard',
      postalAddress: {
        name: buyer.name,
        address1: buyer.street,
        address2: null,
        city: buyer.city,
        state: STATE,
        postalCode: buyer.postalCode,
        country: COUNTRIES[buyer.countryCode] ?? buyer.countryCode,
        addressType: 'RESIDENTIAL',
      },
    },
    orderLines: { orderLine: order.lines.map((line) => renderLine(order, line, fulfillment, options)) },
    orderSummary: {
      totalAmount: { currencyAmount: total, currencyUnit: order.currency },
      orderSubTotals: [
        { subTotalType: 'PRODUCT', totalAmount: { currencyAmount: total, currencyUnit: order.currency } },
        { subTotalType: 'SHIPPING', totalAmount: { currencyAmount: 0, currencyUnit: order.currency } },
      ],
    },
    shipNode: { type: 'SellerFulfilled', name: 'Sandbox warehouse', id: order.sellerId },
  };
}

function renderLine(order: BookOrder, line: BookLine, fulfillment: Fulfillment, options: { withProductInfo: boolean }) {
  const amount = (value: number) => ({ currency: order.currency, amount: value });
  const noTax = { taxName: 'Tax1', taxAmount: amount(0) };
  const charge = (chargeType: string, chargeName: string, value: number) => ({
    chargeType,
    chargeName,
    chargeAmount: amount(value),
    tax: noTax,
    taxAndOtherFees: noTax,
  });
  const sellerOrderId = fulfillment.progressOf(order).shipped.find((part) => part.lineNumber === line.lineId);
  return {
    lineNumber: line.lineId,
    item: {
      productName: line.title,
      sku: line.sku,
      condition: 'New',
      ...(options.withProductInfo && {
        imageUrl: `https://i5.walmartimages.example/${encodeURIComponent(line.sku)}.jpeg`,
        weight: { value: '1', unit: 'Pounds' },
      }),
    },
    // The amount is the line's, not one unit's.
    charges: {
      charge: [charge('PRODUCT', 'ItemPrice', Number(bookTotal([line]))), charge('SHIPPING', 'Shipping', 0)],
    },
    orderLineQuantity: each(line.quantity),
    statusDate: order.updatedAt,
    orderLineStatuses: {
      orderLineStatus: lineStatuses(order, line, fulfillment).map(({ status, quantity, reason, tracking }) => ({
        status,
        statusQuantity: each(quantity),
        cancellationReason: reason ?? null,
        trackingInfo: tracking ?? null,
      })),
    },
    fulfillment: {
      fulfillmentOption: 'S2H',
      shipMethod: 'STANDARD',
      storeId: null,
      pickUpDateTime: order.placedAt + ARRIVES_WITHIN_MS,
      shippingProgramType: null,
    },
    refund: null,
    ...(sellerOrderId && { sellerOrderId: sellerOrderId.sellerOrderId }),
  };
}
