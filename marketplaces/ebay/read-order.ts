import type { Buyer, Order } from '#events/order.ts';
import type { ConnectionRef, ReadOrder } from '#marketplaces/marketplace.ts';
import { lastSegment } from './answer.ts';
import { divideDecimal } from './money.ts';
import { type EbayOrder, type OrderFacts, orderFacts } from './order-shape.ts';

/** An order in Sluice's own form, its buyer's personal data set apart. */
export function readOrder(source: EbayOrder, connection: ConnectionRef): ReadOrder {
  const facts = orderFacts.parse(source);
  const username = source.buyer?.username;
  return {
    order: toOrder(facts, connection),
    buyer: toBuyer(source),
    raw: facts,
    ...(username && { buyerAccounts: [username] }),
  };
}

/**
 * Made of the facts that are kept as `raw` alone, so that it can be made of them again. `sku` is empty where the seller
 * gave the listing none. `unitPrice` is the price before discounts: eBay gives the cost of the whole line.
 */
function toOrder(facts: OrderFacts, connection: ConnectionRef): Order {
  const { total } = facts.pricingSummary;
  const status = toStatus(facts);
  return {
    marketplace: 'ebay',
    connectionId: connection.connectionId,
    orderId: facts.orderId,
    ...status,
    currency: total.currency,
    total: total.value,
    placedAt: new Date(facts.creationDate).toISOString(),
    updatedAt: new Date(facts.lastModifiedDate).toISOString(),
    lines: facts.lineItems.map((line) => ({
      lineId: line.lineItemId,
      sku: line.sku ?? '',
      title: line.title ?? '',
      quantity: line.quantity,
      unitPrice: line.lineItemCost && line.quantity > 0 ? divideDecimal(line.lineItemCost.value, line.quantity) : null,
      // Only whole orders are told as cancelled. What came back is told in money alone.
      cancelledQuantity: status.status === 'cancelled' ? line.quantity : 0,
    })),
    packages: (facts.fulfillmentHrefs ?? []).map(toPackage),
  };
}

const FULFILLMENT_STATUSES: Record<string, Order['status']> = {
  NOT_STARTED: 'unshipped',
  IN_PROGRESS: 'partially-shipped',
  FULFILLED: 'shipped',
};

/** The status, and the one of eBay's three words that decided it. An unknown word is `pending`: nothing ships on it. */
function toStatus(source: OrderFacts): Pick<Order, 'status' | 'marketplaceStatus'> {
  const cancel = source.cancelStatus?.cancelState;
  if (cancel === 'CANCELED') return { status: 'cancelled', marketplaceStatus: cancel };

  const fulfillment = source.orderFulfillmentStatus;
  const payment = source.orderPaymentStatus;
  if (fulfillment === 'NOT_STARTED' && (payment === 'PENDING' || payment === 'FAILED')) {
    return { status: 'pending', marketplaceStatus: payment };
  }
  const status = Object.hasOwn(FULFILLMENT_STATUSES, fulfillment) ? FULFILLMENT_STATUSES[fulfillment] : undefined;
  return { status: status ?? 'pending', marketplaceStatus: fulfillment };
}

/** getOrders only links a shipping fulfillment, whose id is the tracking number (a number of eBay's if there is none). */
function toPackage(href: string): Order['packages'][number] {
  const fulfillmentId = lastSegment(href);
  return { packageId: fulfillmentId, carrier: null, trackingNumber: fulfillmentId, shippedAt: null };
}

/** Where the parcel goes; null when eBay gives no address (collected in store). Aged data comes as null fields. */
function toBuyer(source: EbayOrder): Buyer | null {
  const recipient = source.fulfillmentStartInstructions?.map((step) => step.shippingStep?.shipTo).find((to) => to);
  if (!recipient) return null;
  const address = recipient.contactAddress;
  return {
    name: recipient.fullName ?? null,
    email: recipient.email ?? null,
    phone: recipient.primaryPhone?.phoneNumber ?? null,
    addressLines: [recipient.companyName, address?.addressLine1, address?.addressLine2].filter(
      (line) => !!line,
    ) as string[],
    city: address?.city ?? null,
    region: address?.stateOrProvince ?? address?.county ?? null,
    postalCode: address?.postalCode ?? null,
    countryCode: address?.countryCode ?? null,
  };
}
