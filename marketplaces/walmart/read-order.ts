import type { Buyer, Order, OrderPackage } from '#events/order.ts';
import type { ConnectionRef, ReadOrder } from '#marketplaces/marketplace.ts';
import { statusOf, unitsOf } from './line-units.ts';
import { divide, sum } from './money.ts';
import { type OrderFacts, orderFacts, type WalmartLine, type WalmartOrder } from './order-shape.ts';

/** where an order names no currency: the market's */
const CURRENCY = 'USD';

/** Walmart writes countries by ISO 3166-1 alpha-3; these are where the US marketplace delivers. */
const COUNTRIES: Readonly<Record<string, string>> = {
  USA: 'US',
  PRI: 'PR',
  GUM: 'GU',
  VIR: 'VI',
  ASM: 'AS',
  MNP: 'MP',
};

/** states of units that a package holds */
const SENT = ['Shipped', 'Delivered', 'Refund'];

/** A purchase order in Sluice's own form, its buyer's personal data set apart. */
export function readOrder(source: WalmartOrder, connection: ConnectionRef): ReadOrder {
  const facts = orderFacts.parse(source);
  return { order: toOrder(facts, connection), buyer: toBuyer(source), raw: facts };
}

/** Made of the facts that are kept as `raw` alone, so that it can be made of them again. */
function toOrder(facts: OrderFacts, connection: ConnectionRef): Order {
  const lines = facts.orderLines.orderLine;
  const charges = lines.flatMap((line) => line.charges?.charge ?? []);
  const units = lines.map(unitsOf);
  const told = facts.orderSummary?.totalAmount;
  const words = lines.flatMap((line) => line.orderLineStatuses.orderLineStatus.map(({ status }) => status));
  return {
    marketplace: 'walmart',
    connectionId: connection.connectionId,
    orderId: facts.purchaseOrderId,
    status: statusOf(units),
    marketplaceStatus: [...new Set(words)].sort().join('+'),
    currency: told?.currencyUnit ?? charges[0]?.chargeAmount.currency ?? CURRENCY,
    // Walmart gives the summary only sometimes. The fees beside the tax come with it, where they are told.
    total:
      told?.currencyAmount ??
      sum(
        charges.flatMap(({ chargeAmount, tax, taxAndOtherFees }) => {
          const onTop = taxAndOtherFees ?? tax;
          return onTop ? [chargeAmount.amount, onTop.taxAmount.amount] : [chargeAmount.amount];
        }),
      ),
    placedAt: new Date(facts.orderDate).toISOString(),
    // An order has no update time; its lines have one each.
    updatedAt: new Date(Math.max(facts.orderDate, ...lines.map((line) => line.statusDate))).toISOString(),
    lines: lines.map((line, index) => ({
      lineId: line.lineNumber,
      sku: line.item.sku,
      title: line.item.productName ?? '',
      quantity: line.orderLineQuantity.amount,
      unitPrice: unitPriceOf(line),
      cancelledQuantity: units[index]!.cancelled,
      returnedQuantity: units[index]!.refunded,
    })),
    packages: toPackages(facts),
  };
}

/** The product charge is the whole line's, as clients of the API read it; Walmart does not say. */
function unitPriceOf({ charges, orderLineQuantity }: WalmartLine): string | null {
  const product = (charges?.charge ?? []).filter(({ chargeType }) => chargeType === 'PRODUCT');
  const price = sum(product.map(({ chargeAmount }) => chargeAmount.amount));
  return price === null || orderLineQuantity.amount === 0 ? null : divide(price, orderLineQuantity.amount);
}

/** Tracking stands at units of lines; units with the same number are in the same package. */
function toPackages(facts: OrderFacts): OrderPackage[] {
  const packages = new Map<string, OrderPackage>();
  for (const line of facts.orderLines.orderLine) {
    for (const { status, trackingInfo } of line.orderLineStatuses.orderLineStatus) {
      if (!SENT.includes(status) || !trackingInfo?.trackingNumber) continue;
      if (packages.has(trackingInfo.trackingNumber)) continue;
      const { trackingNumber, carrierName, shipDateTime } = trackingInfo;
      packages.set(trackingNumber, {
        packageId: trackingNumber,
        carrier: carrierName?.carrier || carrierName?.otherCarrier || null,
        trackingNumber,
        shippedAt: shipDateTime ? new Date(shipDateTime).toISOString() : null,
      });
    }
  }
  return [...packages.values()];
}

function toBuyer({ customerEmailId, shippingInfo }: WalmartOrder): Buyer | null {
  if (!customerEmailId && !shippingInfo?.postalAddress) return null;
  const address = shippingInfo?.postalAddress;
  return {
    name: address?.name || null,
    email: customerEmailId || null,
    phone: shippingInfo?.phone || null,
    addressLines: [address?.address1, address?.address2].flatMap((line) => line || []),
    city: address?.city || null,
    region: address?.state || null,
    postalCode: address?.postalCode || null,
    countryCode: address?.country ? (COUNTRIES[address.country] ?? address.country) : null,
  };
}
