import { createHash } from 'node:crypto';
import { type BookLine, type BookOrder, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import { buyerUsername } from './accounts.ts';
import { fulfillmentId, type Package } from './fulfillments.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** a buyer's e-mail address is given for 14 days [eBay Fulfillment API, Order] */
const EMAIL_VISIBLE_MS = 14 * DAY_MS;
/** name, phone and address lines are given for 90 days [eBay Fulfillment API, Order] */
const CONTACT_VISIBLE_MS = 90 * DAY_MS;
/** The promises that every listing here makes. */
const SHIPS_WITHIN_MS = 2 * DAY_MS;
const ARRIVES_AFTER_MS = 3 * DAY_MS;
const ARRIVES_BEFORE_MS = 6 * DAY_MS;

const MARKETPLACES: Record<string, string> = { GBP: 'EBAY_GB', EUR: 'EBAY_DE', USD: 'EBAY_US', AUD: 'EBAY_AU' };

type FulfillmentStatus = 'NOT_STARTED' | 'IN_PROGRESS' | 'FULFILLED';

const iso = (instant: number): string => new Date(instant).toISOString();

/** The twelve-digit id of a SKU's listing. */
export function listingId(sku: string): string {
  const digest = createHash('sha256').update(sku).digest();
  return `1${String(digest.readUIntBE(0, 6) % 1e11).padStart(11, '0')}`;
}

/** eBay's own state of the order; it has none for "delivered". */
export function fulfillmentStatus(order: BookOrder, packages: readonly Package[]): FulfillmentStatus {
  if (order.status === 'shipped' || order.status === 'delivered') return 'FULFILLED';
  return packages.length > 0 ? 'IN_PROGRESS' : 'NOT_STARTED';
}

function lineStatus(line: BookLine, packages: readonly Package[]): FulfillmentStatus {
  const shipped = packages.flatMap(({ lines }) => lines.filter(({ lineId }) => lineId === line.lineId));
  const quantity = shipped.reduce((sum, part) => sum + part.quantity, 0);
  if (quantity >= line.quantity) return 'FULFILLED';
  return quantity > 0 ? 'IN_PROGRESS' : 'NOT_STARTED';
}

/**
 * The order as getOrder answers it.
 *
 * @param options.orderUrl this order's own URL
 * @param options.withCancelRequests false: as getOrders answers it, which leaves them empty
 */
export function renderOrder(
  order: BookOrder,
  options: {
    now: number;
    sellerUsername: string;
    orderUrl: string;
    packages: readonly Package[];
    withCancelRequests: boolean;
  },
) {
  const money = (value: string) => ({ value, currency: order.currency });
  const total = money(bookTotal(order.lines));
  const zero = money('0.00');
  const cancelled = order.status === 'cancelled';
  const marketplaceId = MARKETPLACES[order.currency] ?? 'EBAY_US';
  const contact = renderContact(order, options.now);
  const { postalCode, countryCode } = order.buyer;
  const arrival = {
    minEstimatedDeliveryDate: iso(order.placedAt + ARRIVES_AFTER_MS),
    maxEstimatedDeliveryDate: iso(order.placedAt + ARRIVES_BEFORE_MS),
  };

  return {
    orderId: order.orderId,
    creationDate: iso(order.placedAt),
    lastModifiedDate: iso(order.updatedAt),
    orderFulfillmentStatus: fulfillmentStatus(order, options.packages),
    orderPaymentStatus: cancelled ? 'FULLY_REFUNDED' : 'PAID',
    sellerId: options.sellerUsername,
    buyer: {
      username: buyerUsername(order.buyer),
      taxAddress: { postalCode, countryCode },
      buyerRegistrationAddress: contact,
    },
    pricingSummary: { priceSubtotal: total, deliveryCost: zero, tax: zero, total },
    cancelStatus: {
      cancelState: cancelled ? 'CANCELED' : 'NONE_REQUESTED',
      ...(cancelled ? { cancelledDate: iso(order.updatedAt) } : {}),
      cancelRequests: cancelled && options.withCancelRequests ? [renderCancelRequest(order)] : [],
    },
    paymentSummary: {
      totalDueSeller: cancelled ? zero : total,
      payments: [{ paymentMethod: 'EBAY', paymentDate: iso(order.placedAt), amount: total, paymentStatus: 'PAID' }],
      refunds: cancelled
        ? [
            {
              refundId: `5${order.orderId.replaceAll('-', '')}`,
              refundDate: iso(order.updatedAt),
              amount: total,
              refundStatus: 'REFUNDED',
            },
          ]
        : [],
    },
    fulfillmentStartInstructions: [
      {
        fulfillmentInstructionsType: 'SHIP_TO',
        ...arrival,
        ebaySupportedFulfillment: false,
        shippingStep: {
          shipTo: contact,
          // What the buyer chose at checkout, not what the seller shipped with.
          shippingCarrierCode: 'Royal Mail',
          shippingServiceCode: 'UK_RoyalMailSecondClassStandard',
        },
      },
    ],
    fulfillmentHrefs: options.packages.map(
      (parcel, index) => `${options.orderUrl}/shipping_fulfillment/${fulfillmentId(parcel, index)}`,
    ),
    lineItems: order.lines.map((line) => {
      const cost = money(bookTotal([line]));
      return {
        lineItemId: line.lineId,
        legacyItemId: listingId(line.sku),
        sku: line.sku,
        title: line.title,
        lineItemCost: cost,
        quantity: line.quantity,
        soldFormat: 'FIXED_PRICE',
        listingMarketplaceId: marketplaceId,
        purchaseMarketplaceId: marketplaceId,
        lineItemFulfillmentStatus: lineStatus(line, options.packages),
        total: cost,
        deliveryCost: { shippingCost: zero },
        appliedPromotions: [],
        taxes: [],
        properties: { buyerProtection: true },
        lineItemFulfillmentInstructions: {
          ...arrival,
          shipByDate: iso(order.placedAt + SHIPS_WITHIN_MS),
          guaranteedDelivery: false,
        },
        refunds: [],
      };
    }),
    ebayCollectAndRemitTax: false,
    totalFeeBasisAmount: total,
    totalMarketplaceFee: zero,
  };
}

function renderContact(order: BookOrder, now: number) {
  const ageMs = now - order.placedAt;
  const { name, email, phone, street, city, postalCode, countryCode } = order.buyer;
  const place = { city, postalCode, countryCode };
  if (ageMs > CONTACT_VISIBLE_MS) return { contactAddress: place };
  return {
    fullName: name,
    contactAddress: { addressLine1: street, ...place },
    primaryPhone: { phoneNumber: phone },
    ...(ageMs > EMAIL_VISIBLE_MS ? {} : { email }),
  };
}

function renderCancelRequest(order: BookOrder) {
  return {
    cancelRequestId: `5${order.orderId.replaceAll('-', '')}`,
    cancelRequestState: 'COMPLETED',
    cancelInitiator: 'BUYER',
    cancelReason: 'BUYER_ASKED_CANCEL',
    cancelRequestedDate: iso(order.updatedAt),
    cancelCompletedDate: iso(order.updatedAt),
  };
}
