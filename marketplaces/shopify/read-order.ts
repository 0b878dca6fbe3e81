import type { Buyer, Order, OrderLine, OrderPackage } from '#events/order.ts';
import type { ConnectionRef, ReadOrder } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { numberOf } from './gid.ts';
import { type Fulfillment, type OrderFacts, orderFacts, type ShopifyOrder } from './order-shape.ts';

/** `displayFinancialStatus` of orders that may ship: of an authorized one the money is the seller's to take. */
const PAID: readonly string[] = ['AUTHORIZED', 'PAID', 'PARTIALLY_REFUNDED'];
/** `displayFulfillmentStatus` of orders of which nothing is sent and nothing holds the rest up */
const TO_SHIP: readonly string[] = ['UNFULFILLED', 'OPEN', 'IN_PROGRESS', 'PENDING_FULFILLMENT', 'REQUEST_DECLINED'];
/** `Fulfillment.status` of those that never came about */
const VOID: readonly string[] = ['CANCELLED', 'ERROR', 'FAILURE'];
/** `restockType` of what came back; LEGACY_RESTOCK is from before Shopify told returns from cancellations */
const RETURNED: readonly string[] = ['RETURN', 'LEGACY_RESTOCK'];

/** Was it sent, as far as Shopify knows? */
export const isSent = ({ status }: { status: string }): boolean => !VOID.includes(status);

/** Has it more lines, or has a refund of it, than one answer holds? */
export function isCut({ lineItems, refunds }: OrderFacts): boolean {
  return [lineItems, ...refunds.map((refund) => refund.refundLineItems)].some(({ pageInfo }) => pageInfo.hasNextPage);
}

/**
 * An order in Sluice's own form, its buyer's personal data set apart. The customer's id is not asked for: it would take the
 * scope `read_customers`, and who is to be erased is named by orders and e-mail address too.
 */
export function readOrder(source: ShopifyOrder, connection: ConnectionRef): ReadOrder {
  const facts = orderFacts.parse(source);
  return { order: toOrder(facts, connection), buyer: toBuyer(source), raw: facts };
}

/** Made of the facts that are kept as `raw` alone, so that it can be made of them again. Money is the buyer's currency. */
function toOrder(facts: OrderFacts, connection: ConnectionRef): Order {
  if (isCut(facts)) {
    throw new Failure('permanent', 'an order has more lines than one answer holds', { code: 'too-many-lines' });
  }
  const sent = facts.fulfillments.filter(isSent);
  const lines = facts.lineItems.nodes.map((line) => toLine(line, facts, sent.length > 0));
  return {
    marketplace: 'shopify',
    connectionId: connection.connectionId,
    orderId: facts.legacyResourceId,
    status: statusOf(facts, lines, sent),
    marketplaceStatus: [facts.cancelledAt && 'CANCELLED', facts.displayFinancialStatus, facts.displayFulfillmentStatus]
      .filter(Boolean)
      .join('+'),
    currency: facts.presentmentCurrencyCode,
    total: facts.totalPriceSet.presentmentMoney.amount,
    placedAt: toInstant(facts.createdAt),
    updatedAt: toInstant(facts.updatedAt),
    lines,
    packages: sent.flatMap(toPackages),
  };
}

/** What was taken off a line came back if a refund says so, and never left otherwise. */
function toLine(line: OrderFacts['lineItems']['nodes'][number], facts: OrderFacts, isAnySent: boolean): OrderLine {
  const { id, sku, name, quantity, currentQuantity, originalUnitPriceSet } = line;
  // Orders that were not paid are cancelled without anything being taken off.
  const takenOff = facts.cancelledAt && !isAnySent ? quantity : Math.max(0, quantity - currentQuantity);
  const cameBack = facts.refunds
    .flatMap(({ refundLineItems }) => refundLineItems.nodes)
    .filter((refund) => refund.lineItem.id === id)
    // What is not restocked may be lost on its way, or never have been there.
    .filter(({ restockType }) => RETURNED.includes(restockType) || (restockType === 'NO_RESTOCK' && isAnySent))
    .reduce((total, refund) => total + refund.quantity, 0);
  const returnedQuantity = isAnySent ? Math.min(takenOff, cameBack) : 0;
  return {
    lineId: numberOf(id),
    sku: sku ?? '',
    title: name,
    quantity,
    unitPrice: originalUnitPriceSet.presentmentMoney.amount,
    cancelledQuantity: takenOff - returnedQuantity,
    returnedQuantity,
  };
}

function statusOf(facts: OrderFacts, lines: readonly OrderLine[], sent: readonly Fulfillment[]): Order['status'] {
  if (facts.cancelledAt) return 'cancelled';
  const all = (field: 'quantity' | 'cancelledQuantity' | 'returnedQuantity'): number =>
    lines.reduce((total, line) => total + (line[field] ?? 0), 0);
  if (all('quantity') > 0 && all('quantity') === all('cancelledQuantity') + all('returnedQuantity')) {
    return all('returnedQuantity') > 0 ? 'returned' : 'cancelled';
  }
  const status = facts.displayFulfillmentStatus;
  if (status === 'FULFILLED') {
    const isDelivered = sent.length > 0 && sent.every(({ displayStatus }) => displayStatus === 'DELIVERED');
    return isDelivered ? 'delivered' : 'shipped';
  }
  if (status === 'PARTIALLY_FULFILLED') return 'partially-shipped';
  // Nothing is left that could be sent.
  if (status === 'FULFILLMENT_NOT_REQUIRED') return 'delivered';
  // A status that is new to Sluice, on hold, or scheduled for later, must not make anyone ship.
  return TO_SHIP.includes(status) && PAID.includes(facts.displayFinancialStatus ?? '') ? 'unshipped' : 'pending';
}

/** A fulfillment of several parcels has as many tracking numbers. */
function toPackages({ id, createdAt, trackingInfo }: Fulfillment): OrderPackage[] {
  const [first = {}, ...others] = trackingInfo;
  return [first, ...others].map(({ number, company }, index) => ({
    packageId: index === 0 ? numberOf(id) : `${numberOf(id)}-${index + 1}`,
    carrier: company || null,
    trackingNumber: number || null,
    shippedAt: toInstant(createdAt),
  }));
}

function toBuyer({ shippingAddress: address, email, phone }: ShopifyOrder): Buyer | null {
  if (!address && !email && !phone) return null;
  return {
    name: address?.name || null,
    email: email || null,
    phone: address?.phone || phone || null,
    addressLines: [address?.company, address?.address1, address?.address2].flatMap((line) => line?.trim() || []),
    city: address?.city || null,
    region: address?.province || null,
    postalCode: address?.zip || null,
    countryCode: address?.countryCodeV2 || null,
  };
}

function toInstant(told: string): string {
  return new Date(told).toISOString();
}
