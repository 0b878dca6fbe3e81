import { hash } from 'node:crypto';
import type { Call, CallContext, Shipment, Shipments } from '#marketplaces/marketplace.ts';
import type { AmazonApp } from './app.ts';
import { refusalAs, refusalOf } from './failure.ts';
import { orderCall, readDetail } from './orders.ts';
import { type AmazonOrder, isCancelled } from './read-order.ts';
import { apiCall, firstMarketplaceId } from './request.ts';

/** what a shipment must know of its order, and nothing of the buyer */
const INCLUDED_DATA = 'FULFILLMENT,PACKAGES';

/** carriers that Amazon has a code for, written as they are called; any other goes as 'Other' with its name */
const CARRIERS = ['UPS', 'USPS', 'FedEx', 'DHL', 'DPD', 'GLS', 'Royal Mail'];
const OTHER_CARRIER = 'Other';

/** hexadecimal digits of the hash that a package is numbered by: Amazon names no largest number, and this fits anywhere */
const REFERENCE_DIGITS = 7;

type Part = { orderItemId: string; quantity: number };
type Refusal = { code: string; message: string };

/**
 * confirmShipment, Orders API v0: it has no successor, and 2026-01-01 reads only. What the order shows as sent with the
 * tracking number is not sent again. A change may take two minutes to show, so a repeat must do no harm either: it bears
 * the same package reference, by which Amazon edits the package that is there.
 */
export const shipments: Shipments<AmazonApp> = {
  confirm(context, shipment, [read, confirmed, reread]) {
    if (!read) return { call: orderCall(context, shipment.orderId, INCLUDED_DATA) };
    const order = readDetail(read);
    const parts = partsToShip(order, shipment);
    if (!Array.isArray(parts)) return failed(parts);
    if (parts.length === 0) return isThereAs(packageOf(order, shipment));

    const marketplaceId = order.salesChannel?.marketplaceId || firstMarketplaceId(context.connection);
    if (!marketplaceId) return failed({ code: 'marketplace-missing', message: 'the order names no marketplace' });
    if (!confirmed) return { call: confirmCall(context, shipment, { marketplaceId, parts }) };
    const refusal = refusalOf(confirmed);
    if (refusal === undefined) return isThereAs(packageReferenceOf(shipment));

    // A call before it may have had its effect without an answer.
    if (!reread) return { call: orderCall(context, shipment.orderId, INCLUDED_DATA) };
    const after = readDetail(reread);
    const left = partsToShip(after, shipment);
    const isThere = Array.isArray(left) && left.length === 0;
    return isThere ? isThereAs(packageOf(after, shipment)) : failed(refusalAs(refusal, 'the shipment'));
  },
};

const isThereAs = (packageId: string | null) => ({ done: { outcome: 'confirmed', packageId } }) as const;
const failed = (refusal: Refusal) => ({ done: { outcome: 'failed', ...refusal } }) as const;

/** What of the shipment the order does not show as sent yet; or why it can't be sent. */
function partsToShip(order: AmazonOrder, shipment: Shipment): Part[] | Refusal {
  if (order.fulfillment.fulfilledBy === 'AMAZON') {
    return { code: 'fulfilled-by-amazon', message: 'Amazon ships this order itself' };
  }
  const open = order.orderItems.map((item) => ({ orderItemId: item.orderItemId, quantity: openOf(order, item) }));
  if (shipment.lines.length === 0) {
    const parts = open.filter(({ quantity }) => quantity > 0);
    if (parts.length > 0 || packageOf(order, shipment) !== null) return parts;
    return { code: 'nothing-to-ship', message: 'no unit of the order is open' };
  }
  const wanted = new Map<string, number>();
  for (const { lineId, quantity } of shipment.lines) wanted.set(lineId, (wanted.get(lineId) ?? 0) + quantity);
  const parts: Part[] = [];
  for (const [lineId, total] of wanted) {
    const item = open.find(({ orderItemId }) => orderItemId === lineId);
    if (!item) return { code: 'unknown-line', message: 'the order has no such line' };
    const quantity = total - sentOf(order, shipment, lineId);
    if (quantity > item.quantity) return { code: 'not-open', message: 'fewer units of the line are open' };
    if (quantity > 0) parts.push({ orderItemId: lineId, quantity });
  }
  return parts;
}

function openOf(order: AmazonOrder, item: AmazonOrder['orderItems'][number]): number {
  return isCancelled(order) ? 0 : (item.fulfillment?.quantityUnfulfilled ?? item.quantityOrdered);
}

/** The packages of the order that go under the shipment's tracking number. */
function packagesOf({ packages }: AmazonOrder, { trackingNumber }: Shipment) {
  return (packages ?? []).filter(
    (sent) => sent.trackingNumber === trackingNumber && sent.packageStatus?.status !== 'CANCELLED',
  );
}

function packageOf(order: AmazonOrder, shipment: Shipment): string | null {
  return packagesOf(order, shipment)[0]?.packageReferenceId ?? null;
}

function sentOf(order: AmazonOrder, shipment: Shipment, lineId: string): number {
  const packages = packagesOf(order, shipment);
  // A package that does not tell what is in it holds what it was made for.
  if (packages.some(({ packageItems }) => !packageItems)) return Number.POSITIVE_INFINITY;
  return packages
    .flatMap(({ packageItems }) => packageItems ?? [])
    .filter(({ orderItemId }) => orderItemId === lineId)
    .reduce((total, { quantity }) => total + quantity, 0);
}

/** A positive number, the same whenever the same shipment is confirmed, so that no other package is edited by it. */
function packageReferenceOf({ trackingNumber, lines }: Shipment): string {
  const content = JSON.stringify([trackingNumber, lines.map(({ lineId, quantity }) => [lineId, quantity])]);
  return String(Number.parseInt(hash('sha256', content).slice(0, REFERENCE_DIGITS), 16) + 1);
}

function confirmCall(
  context: CallContext<AmazonApp>,
  shipment: Shipment,
  { marketplaceId, parts }: { marketplaceId: string; parts: readonly Part[] },
): Call {
  const { orderId, carrier, trackingNumber, shippedAt } = shipment;
  const known = CARRIERS.find((name) => name.toLowerCase() === carrier.name.toLowerCase());
  return apiCall(context, 'confirmShipment', {
    method: 'POST',
    path: `/orders/v0/orders/${encodeURIComponent(orderId)}/shipmentConfirmation`,
    body: {
      marketplaceId,
      packageDetail: {
        packageReferenceId: packageReferenceOf(shipment),
        carrierCode: carrier.code ?? known ?? OTHER_CARRIER,
        carrierName: carrier.name,
        trackingNumber,
        shipDate: new Date(shippedAt).toISOString(),
        orderItems: parts,
      },
    },
  });
}
