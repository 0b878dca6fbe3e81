import { createHash } from 'node:crypto';
import { type BookLine, type BookOrder, type BookStatus, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import type { Dataset } from './search-query.ts';

/** The one marketplace of this sandbox: the United Kingdom, SP-API guide "Marketplace IDs". */
export const MARKETPLACE_ID = 'A1F83G8C2ARO7P';
const MARKETPLACE_NAME = 'Amazon.co.uk';

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
export function fulfillmentStatus(order: BookOrder): string {
  return FULFILLMENT_STATUS[order.status];
}

/** When the order is promised to be shipped and delivered. */
export function promisedWindows(order: BookOrder) {
  return {
    ship: { earliest: iso(order.placedAt), latest: iso(order.placedAt + SHIP_WITHIN_MS) },
    deliver: { earliest: iso(order.placedAt + DELIVER_FROM_MS), latest: iso(order.placedAt + DELIVER_WITHIN_MS) },
  };
}

/** How many units of a line have been shipped, and how many still must be. */
export function quantities(order: BookOrder, line: BookLine): { shipped: number; unshipped: number } {
  return {
    shipped: order.shipment ? line.quantity : 0,
    unshipped: order.status === 'placed' ? line.quantity : 0,
  };
}

/** The `Order` of SP-API model orders_2026-01-01, with the datasets that were asked for. */
export function renderOrder(order: BookOrder, datasets: ReadonlySet<Dataset>) {
  const { buyer } = order;
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
        fulfillmentStatus: fulfillmentStatus(order),
        fulfilledBy: 'MERCHANT',
        fulfillmentServiceLevel: 'STANDARD',
        shipByWindow: { earliestDateTime: windows.ship.earliest, latestDateTime: windows.ship.latest },
        deliverByWindow: { earliestDateTime: windows.deliver.earliest, latestDateTime: windows.deliver.latest },
      },
    }),
    orderItems: order.lines.map((line) => renderItem(order, line, datasets)),
    ...(order.shipment ? only('PACKAGES', { packages: [renderPackage(order, order.shipment)] }) : {}),
  };
}

function renderItem(order: BookOrder, line: BookLine, datasets: ReadonlySet<Dataset>) {
  const total = money(bookTotal([line]), order.currency);
  const { shipped, unshipped } = quantities(order, line);
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

function renderPackage(order: BookOrder, shipment: NonNullable<BookOrder['shipment']>) {
  const delivered = order.status === 'delivered';
  return {
    packageReferenceId: shipment.packageId,
    createdTime: iso(shipment.shippedAt),
    packageStatus: delivered ? { status: 'DELIVERED', detailedStatus: 'DELIVERED' } : { status: 'SHIPPED' },
    carrier: shipment.carrier,
    shippingService: 'Standard',
    trackingNumber: shipment.trackingNumber,
    shipTime: iso(shipment.shippedAt),
    packageItems: order.lines.map((line) => ({ orderItemId: line.lineId, quantity: line.quantity })),
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
function asin(sku: string): string {
  return `B0${createHash('sha256').update(sku).digest('hex').slice(0, 8).toUpperCase()}`;
}
