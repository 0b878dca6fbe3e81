import type { Call, CallContext, Shipment, Shipments } from '#marketplaces/marketplace.ts';
import type { WalmartApp } from './app.ts';
import { refusalAs, refusalOf } from './failure.ts';
import { unitsOf } from './line-units.ts';
import type { WalmartLine, WalmartOrder } from './order-shape.ts';
import { orderCall, readDetail } from './orders.ts';
import { apiCall } from './request.ts';

/** carriers that sellers know by other names than Walmart's `carrierName.carrier`; any other goes by its own name */
const CARRIERS: Readonly<Record<string, string>> = {
  ups: 'UPS',
  usps: 'USPS',
  fedex: 'FedEx',
  dhl: 'DHL',
  ontrac: 'OnTrac',
};
/** where the order names no service, `trackingInfo.methodCode` */
const METHOD_CODE = 'Standard';

type Part = { line: WalmartLine; quantity: number };
type Refusal = { code: string; message: string };

/**
 * Ship order lines, Orders API v3: reads the order, acknowledges it where nobody has, ships. Walmart takes no
 * idempotency key, so what the order shows as shipped with the tracking number is not shipped again.
 */
export const shipments: Shipments<WalmartApp> = {
  confirm(context, shipment, [read, ...rest]) {
    if (!read) return { call: orderCall(context, shipment.orderId) };
    const order = readDetail(read);
    const parts = partsToShip(order, shipment);
    if (!Array.isArray(parts)) return failed(parts);
    if (parts.length === 0) return CONFIRMED;

    const isNew = parts.some(({ line }) => unitsOf(line).created > 0);
    // Somebody else may have acknowledged it meanwhile: whether it can ship, the next answer says.
    const [acknowledged, shipped, reread] = isNew ? rest : [undefined, ...rest];
    if (isNew && !acknowledged) return { call: acknowledgeCall(context, shipment.orderId) };
    if (acknowledged && refusalOf(acknowledged) === undefined) readDetail(acknowledged);
    if (!shipped) return { call: shipCall(context, order, shipment, parts) };
    const refusal = refusalOf(shipped);
    if (refusal === undefined) {
      readDetail(shipped);
      return CONFIRMED;
    }
    // A call before it may have had its effect without an answer.
    if (!reread) return { call: orderCall(context, shipment.orderId) };
    const left = partsToShip(readDetail(reread), shipment);
    return Array.isArray(left) && left.length === 0 ? CONFIRMED : failed(refusalAs(refusal, 'the shipment'));
  },
};

const CONFIRMED = { done: { outcome: 'confirmed', packageId: null } } as const;

const failed = (refusal: Refusal) => ({ done: { outcome: 'failed', ...refusal } }) as const;

/** What of the shipment the order does not show as sent yet; or why it can't be sent. */
function partsToShip(order: WalmartOrder, shipment: Shipment): Part[] | Refusal {
  const lines = order.orderLines.orderLine;
  if (shipment.lines.length === 0) {
    const open = lines.map((line) => ({ line, quantity: openOf(line) })).filter(({ quantity }) => quantity > 0);
    const isThere = lines.some((line) => sentWith(line, shipment.trackingNumber) > 0);
    return open.length > 0 || isThere ? open : { code: 'nothing-to-ship', message: 'no unit of the order is open' };
  }
  const wanted = new Map<string, number>();
  for (const { lineId, quantity } of shipment.lines) wanted.set(lineId, (wanted.get(lineId) ?? 0) + quantity);
  const parts: Part[] = [];
  for (const [lineId, total] of wanted) {
    const line = lines.find(({ lineNumber }) => lineNumber === lineId);
    if (!line) return { code: 'unknown-line', message: 'the order has no such line' };
    const quantity = total - sentWith(line, shipment.trackingNumber);
    if (quantity > openOf(line)) return { code: 'not-open', message: 'fewer units of the line are open' };
    if (quantity > 0) parts.push({ line, quantity });
  }
  return parts;
}

function openOf(line: WalmartLine): number {
  const { created, acknowledged } = unitsOf(line);
  return created + acknowledged;
}

function sentWith(line: WalmartLine, trackingNumber: string): number {
  return line.orderLineStatuses.orderLineStatus
    .filter(({ status, trackingInfo }) => status !== 'Cancelled' && trackingInfo?.trackingNumber === trackingNumber)
    .reduce((total, { statusQuantity }) => total + statusQuantity.amount, 0);
}

function acknowledgeCall(context: CallContext<WalmartApp>, orderId: string): Call {
  const path = `/v3/orders/${encodeURIComponent(orderId)}/acknowledge`;
  return apiCall(context, 'acknowledgeOrder', { method: 'POST', path });
}

function shipCall(
  context: CallContext<WalmartApp>,
  order: WalmartOrder,
  { carrier, trackingNumber, shippedAt }: Shipment,
  parts: readonly Part[],
): Call {
  const known = carrier.code ?? CARRIERS[carrier.name.toLowerCase()];
  const trackingInfo = {
    shipDateTime: shippedAt,
    carrierName: known === undefined ? { otherCarrier: carrier.name } : { carrier: known },
    methodCode: order.shippingInfo?.methodCode ?? METHOD_CODE,
    trackingNumber,
  };
  const orderLine = parts.map(({ line, quantity }) => ({
    lineNumber: line.lineNumber,
    // It has left: that the buyer asked to cancel meanwhile changes nothing any more.
    intentToCancelOverride: true,
    sellerOrderId: line.sellerOrderId || order.purchaseOrderId,
    orderLineStatuses: {
      orderLineStatus: [
        { status: 'Shipped', statusQuantity: { unitOfMeasurement: 'EACH', amount: String(quantity) }, trackingInfo },
      ],
    },
  }));
  return apiCall(context, 'shipOrder', {
    method: 'POST',
    path: `/v3/orders/${encodeURIComponent(order.purchaseOrderId)}/shipping`,
    body: { orderShipment: { orderLines: { orderLine } } },
  });
}
