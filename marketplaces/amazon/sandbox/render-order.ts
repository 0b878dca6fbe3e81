import { createHash } from 'node:crypto';
import { type BookLine, type BookOrder, type BookStatus, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import type { Package, Packages } from './packages.ts';
import type { Dataset } from './search-query.ts';

/** The one marketplace of this sandbox: the United Kingdom, SP-API guide "Marketplace IDs". */
export const MARKETPLACE_ID = 'A1F83G8C2ARO7P';
export const MARKETPLACE_NAME = 'Amazon.co.uk';

/** 3-7-7 format, SP-API model orders_2026-01-01 */
export const ORDER_ID = /^\d{3}-\d{7}-\d{7}$/;

const DAY_MS = 86_400_000;
/** promised windows after the order, ms: this sandbox's choice */
const SHIP_WITHIN_MS = 2 * DAY_MS;
const DELIVER_FROM_MS = 3 * DAY_MS;
const DELIVER_WITHIN_MS = 5 * DAY_MS;

const FULFILLMENT_STATUS: Record<BookStatus, string> = {
  placed: 'UNSHIPPED',
  shipped: 'SHIPPED',
  delivered: 'SHIPPED', // delivery shows only in the package
  cancelled: 'CANCELLED',
};

/** The order's status in the Orders API's words. */
export function fulfillmentStatus(order: BookOrder, packages: Packages): string {
  return packages.isPartlyShipped(order) ? 'PARTIALLY_SHIPPED' : FULFILLMENT_STATUS[order.status];
}

/** When the order is promised to be shipped and delivered. */
export function promisedWindows(order: BookOrder) {
  return {
    ship: { earliest: iso(order.placedAt), latest: iso(order.placedAt + SHIP_WITHIN_MS) },
    deliver: { earliest: iso(order.placedAt + DELIVER_FROM_MS), latest: iso(order.placedAt + DELIVER_WITHIN_MS) },
  };
}

/** The `Order` of SP-API model orders_2026-01-01, with the datasets that were asked for. */
export function renderOrder(order: BookOrder, packages: Packages, datasets: ReadonlySet<Dataset>) {
  const { buyer } = order;
  const parcels = packages.of(order);
  const only = <Section extends object>(dataset: Dataset, section: Section) => (datasets.has(dataset) ? section : {});
  const total = money(bookTotal(order.lines), order.currency);
  const windows = promisedWindows(order);
  return {
    orderId: order.orderId,
    createdTime: iso(order.placedAt),
    lastUpdatedTime: iso(order.updatedAt),
    programs: [],
    salesChannel: { channelName: 'AMAZON', marketplaceId: MARKETPLACE_ID, marketplaceName: MARKETPLACE_NAME },
    ...only('BUYER', { buyer: { buyerName: buyer.name, buyerEmail: buyer.email } }),
    ...only('RECIPIENT', {
      recipient: {
        deliveryAddress: {
          name: buyer.name,
          addressLine1: buyer.street,
          city: buyer.city,
          postalCode: buyer.postalCode,
          countryCode: buyer.countryCode,
          phone: buyer.phone,
          addressType: 'RESIDENTIAL',
        },
      },
    }),
    ...only('PROCEEDS', { proceeds: { grandTotal: total, breakdowns: [{ type: 'ITEM', subtotal: total }] } }),
    ...only('FULFILLMENT', {
      fulfillment: {
        fulfillmentStatus: fulfillmentStatus(order, packages),
        fulfilledBy: 'MERCHANT',
        fulfillmentServiceLevel: 'STANDARD',
        shipByWindow: { earliestDateTime: windows.ship.earliest, latestDateTime: windows.ship.latest },
        deliverByWindow: { earliestDateTime: windows.deliver.earliest, latestDateTime: windows.deliver.latest },
      },
    }),
    orderItems: order.lines.map((line) => renderItem(order, line, packages, datasets)),
    ...(parcels.length > 0
      ? only('PACKAGES', { packages: parcels.map((parcel) => renderPackage(order, parcel)) })
      : {}),
  };
}

function renderItem(order: BookOrder, line: BookLine, packages: Packages, datasets: ReadonlySet<Dataset>) {
  const total = money(bookTotal([line]), order.currency);
  const { shipped, unshipped } = packages.quantities(order, line);
  const cancelled = order.status === 'cancelled';
  return {
    orderItemId: line.lineId,
    quantityOrdered: line.quantity,
    product: {
      asin: asin(line.sku),
      title: line.title,
      sellerSku: line.sku,
      condition: { conditionType: 'NEW', conditionSubtype: 'NEW', conditionNote: '' },
      price: { unitPrice: money(line.unitPrice, order.currency) },
    },
    ...(datasets.has('PROCEEDS') && {
      proceeds: { proceedsTotal: total, breakdowns: [{ type: 'ITEM', subtotal: total }] },
    }),
    ...(datasets.has('CANCELLATION') &&
      cancelled && {
        cancellation: { cancellationExecution: { cancelledBy: 'BUYER', cancelReason: 'Buyer requested cancellation' } },
      }),
    ...(datasets.has('FULFILLMENT') && {
      fulfillment: { quantityFulfilled: shipped, quantityUnfulfilled: unshipped },
    }),
  };
}

function renderPackage(order: BookOrder, parcel: Package) {
  const delivered = order.status === 'delivered';
  return {
    packageReferenceId: parcel.packageReferenceId,
    createdTime: iso(parcel.createdAt),
    packageStatus: delivered ? { status: 'DELIVERED', detailedStatus: 'DELIVERED' } : { status: 'SHIPPED' },
    carrier: parcel.carrier,
    shippingService: parcel.shippingService,
    trackingNumber: parcel.trackingNumber,
    shipTime: iso(parcel.shippedAt),
    packageItems: parcel.items.map(({ lineId, quantity }) => ({ orderItemId: lineId, quantity })),
  };
}

/** Epoch ms as ISO 8601 in UTC. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

function money(amount: string, currencyCode: string) {
  return { amount, currencyCode };
}

/** Ten characters in an ASIN's form, always the same for a SKU. */
export function asin(sku: string): string {
  return `B0${createHash('sha256').update(sku).digest('hex').slice(0, 8).toUpperCase()}`;
}
