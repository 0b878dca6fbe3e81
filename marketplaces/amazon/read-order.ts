import { z } from 'zod';
import { type Buyer, decimal, type Order, type OrderLine } from '#events/order.ts';
import type { ConnectionRef, ReadOrder } from '#marketplaces/marketplace.ts';
import { currencyOf } from './currencies.ts';
import { rawOrder } from './raw-order.ts';

const text = z.string().nullish();
const money = z.object({ amount: decimal, currencyCode: z.string().regex(/^[A-Z]{3}$/) }).nullish();
const time = z.iso.datetime({ offset: true }).transform((written) => new Date(written).toISOString());

const orderPackage = z.object({
  packageReferenceId: z.string().min(1),
  packageStatus: z.object({ status: z.string(), detailedStatus: text }).nullish(),
  carrier: text,
  trackingNumber: text,
  shipTime: time.nullish(),
  packageItems: z.array(z.object({ orderItemId: z.string(), quantity: z.int().min(0) })).nullish(),
});

/** What Sluice reads of an order of Orders API v2026-01-01; what Amazon may leave out is optional. */
const orderShape = z.object({
  raw: z.unknown(),
  orderId: z.string().min(1),
  createdTime: time,
  lastUpdatedTime: time,
  salesChannel: z.object({ marketplaceId: text }).nullish(),
  buyer: z.object({ buyerName: text, buyerEmail: text }).nullish(),
  recipient: z
    .object({
      deliveryAddress: z
        .object({
          name: text,
          companyName: text,
          addressLine1: text,
          addressLine2: text,
          addressLine3: text,
          city: text,
          stateOrRegion: text,
          postalCode: text,
          countryCode: text,
          phone: text,
        })
        .nullish(),
    })
    .nullish(),
  proceeds: z.object({ grandTotal: money }).nullish(),
  fulfillment: z.object({ fulfillmentStatus: z.string().min(1), fulfilledBy: text }),
  orderItems: z.array(
    z.object({
      orderItemId: z.string().min(1),
      quantityOrdered: z.int().min(0),
      product: z.object({ title: text, sellerSku: text, price: z.object({ unitPrice: money }).nullish() }),
      fulfillment: z
        .object({ quantityFulfilled: z.int().min(0).nullish(), quantityUnfulfilled: z.int().min(0).nullish() })
        .nullish(),
    }),
  ),
  packages: z.array(orderPackage).nullish(),
});

export const amazonOrder = z.preprocess(
  (written) => (typeof written === 'object' ? { ...written, raw: rawOrder(written) } : written),
  orderShape,
);

export type AmazonOrder = z.infer<typeof amazonOrder>;
type AmazonItem = AmazonOrder['orderItems'][number];
type AmazonPackage = z.infer<typeof orderPackage>;

const statuses: ReadonlyMap<string, Order['status']> = new Map([
  ['PENDING_AVAILABILITY', 'pending'],
  ['PENDING', 'pending'],
  ['UNSHIPPED', 'unshipped'],
  ['PARTIALLY_SHIPPED', 'partially-shipped'],
  ['SHIPPED', 'shipped'],
  ['CANCELLED', 'cancelled'],
  ['UNFULFILLABLE', 'cancelled'],
]);

/** An order in Sluice's own form, its buyer's personal data set apart. */
export function readOrder(from: AmazonOrder, connection: ConnectionRef): ReadOrder {
  const marketplaceStatus = from.fulfillment.fulfillmentStatus;
  const packages = (from.packages ?? []).filter((sent) => sent.packageStatus?.status !== 'CANCELLED');
  const total = from.proceeds?.grandTotal;
  const unitPrices = from.orderItems.map((item) => item.product.price?.unitPrice);
  const anyMoney = total ?? unitPrices.find((price) => price);
  const order: Order = {
    marketplace: 'amazon',
    connectionId: connection.connectionId,
    orderId: from.orderId,
    status: statusOf(marketplaceStatus, packages),
    marketplaceStatus,
    // A pending order may carry no money at all.
    currency: anyMoney?.currencyCode ?? currencyOf(from.salesChannel?.marketplaceId),
    total: total?.amount ?? null,
    placedAt: from.createdTime,
    updatedAt: from.lastUpdatedTime,
    lines: from.orderItems.map((item, index) => ({
      lineId: item.orderItemId,
      sku: item.product.sellerSku ?? '',
      title: item.product.title ?? '',
      quantity: item.quantityOrdered,
      unitPrice: unitPrices[index]?.amount ?? null,
      ...cancelledOf(from, item),
      ...returnedOf(packages, item),
    })),
    packages: packages.map((sent) => ({
      packageId: sent.packageReferenceId,
      carrier: sent.carrier || null,
      trackingNumber: sent.trackingNumber || null,
      shippedAt: sent.shipTime ?? null,
    })),
  };
  return { order, buyer: readBuyer(from), raw: from.raw };
}

/** Is the order cancelled as a whole? */
export function isCancelled({ fulfillment }: AmazonOrder): boolean {
  return statuses.get(fulfillment.fulfillmentStatus) === 'cancelled';
}

/** Amazon counts what was shipped and what still must be; the rest was cancelled, once an order is free to ship. */
function cancelledOf({ fulfillment: { fulfillmentStatus } }: AmazonOrder, item: AmazonItem): Partial<OrderLine> {
  const { quantityFulfilled, quantityUnfulfilled } = item.fulfillment ?? {};
  const isTold = typeof quantityFulfilled === 'number' && typeof quantityUnfulfilled === 'number';
  if (!isTold || (statuses.get(fulfillmentStatus) ?? 'pending') === 'pending') return {};
  return { cancelledQuantity: Math.max(0, item.quantityOrdered - quantityFulfilled - quantityUnfulfilled) };
}

/** Only parcels that came back undelivered are told: the Orders API knows nothing of what a buyer sends back. */
function returnedOf(packages: readonly AmazonPackage[], { orderItemId }: AmazonItem): Partial<OrderLine> {
  const cameBack = packages.filter(isReturned).flatMap(({ packageItems }) => packageItems ?? []);
  const ofItem = cameBack.filter((packed) => packed.orderItemId === orderItemId);
  if (ofItem.length === 0) return {};
  return { returnedQuantity: ofItem.reduce((total, { quantity }) => total + quantity, 0) };
}

function isReturned({ packageStatus }: AmazonPackage): boolean {
  return packageStatus?.detailedStatus === 'RETURNED_TO_SELLER';
}

/** Amazon's order status ends at SHIPPED; what comes after is said of each package. */
function statusOf(marketplaceStatus: string, packages: readonly AmazonPackage[]): Order['status'] {
  // A status that is new to Sluice must not make anyone ship.
  const status = statuses.get(marketplaceStatus) ?? 'pending';
  if (status !== 'shipped' || packages.length === 0) return status;
  if (packages.every(isReturned)) return 'returned';
  if (packages.every((sent) => sent.packageStatus?.status === 'DELIVERED')) return 'delivered';
  return status;
}

/** Null where Amazon shows nothing of the buyer: without the restricted roles, and for what Amazon ships itself. */
function readBuyer(from: AmazonOrder): Buyer | null {
  const address = from.recipient?.deliveryAddress;
  const buyer: Buyer = {
    // The address needs the name that it is delivered to; the buyer may be someone else.
    name: address?.name || from.buyer?.buyerName || null,
    email: from.buyer?.buyerEmail || null,
    phone: address?.phone || null,
    addressLines: [address?.companyName, address?.addressLine1, address?.addressLine2, address?.addressLine3].flatMap(
      (line) => line || [],
    ),
    city: address?.city || null,
    region: address?.stateOrRegion || null,
    postalCode: address?.postalCode || null,
    countryCode: address?.countryCode || null,
  };
  const { addressLines, ...single } = buyer;
  return addressLines.length > 0 || Object.values(single).some((value) => value !== null) ? buyer : null;
}
