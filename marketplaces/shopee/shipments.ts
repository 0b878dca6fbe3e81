import { z } from 'zod';
import type { Call, CallContext, Shipment, Shipments } from '#marketplaces/marketplace.ts';
import { type Procedure, stepOf } from '#marketplaces/procedure.ts';
import type { ShopeeApp } from './app.ts';
import { readBody } from './body.ts';
import type { Parcel } from './order-shape.ts';
import { orders, readOrders } from './orders.ts';
import { isArranged, isGone, parcelsOf, type Refusal } from './parcels.ts';
import { refusalAs, refusalOf } from './refusals.ts';
import { shopCall } from './request.ts';
import { wayToShip } from './shipping-parameter.ts';

const ALREADY_SHIPPED = 'package_already_shipped';

const shipped = z.object({ error: z.literal('') });
const tracking = z.object({
  error: z.literal(''),
  response: z.object({ tracking_number: z.string().nullish() }),
});

type Outcome = { outcome: 'confirmed'; packageId: string | null } | ({ outcome: 'failed' } & Refusal);

/**
 * Arranges the shipment of an order's packages. Only where the carrier is the seller's own (and at some points of
 * drop-off) Shopee takes the seller's tracking number; elsewhere it gives each package one, and says so by a push. Shopee
 * takes no idempotency key, so a package that is arranged is not arranged again.
 */
export const shipments: Shipments<ShopeeApp> = {
  confirm: (context, shipment, answers) => stepOf(confirm(context, shipment), answers),
};

function* confirm(context: CallContext<ShopeeApp>, shipment: Shipment): Procedure<Outcome> {
  const read = yield orders.detailCall(context, [shipment.orderId]);
  const order = readOrders(read).find(({ order_sn }) => order_sn === shipment.orderId);
  if (!order) return { outcome: 'failed', code: 'order-not-found', message: 'Shopee knows no such order of this shop' };
  const parcels = parcelsOf(order, shipment);
  if (!Array.isArray(parcels)) return { outcome: 'failed', ...parcels };
  const isSplit = order.split_up === true || (order.package_list?.length ?? 0) > 1;
  for (const parcel of parcels) {
    // Shopee wants a package's number of an order that was split, and refuses it of any other.
    const ids = { order_sn: shipment.orderId, ...(isSplit && { package_number: parcel.package_number }) };
    const refusal = yield* ship(context, shipment, parcel, ids);
    if (refusal) return { outcome: 'failed', ...refusal };
  }
  return { outcome: 'confirmed', packageId: parcels[0]?.package_number ?? null };
}

/** Ships one package, where that is not done yet; gives why it can't be. */
function* ship(
  context: CallContext<ShopeeApp>,
  shipment: Shipment,
  parcel: Parcel,
  ids: Record<string, string>,
): Procedure<Refusal | undefined> {
  if (isArranged(parcel)) return undefined;
  if (isGone(parcel)) return yield* otherNumber(context, shipment, ids);

  const offered = yield call(context, 'getShippingParameter', ids);
  const unavailable = refusalOf(offered);
  if (unavailable !== undefined) return refusalAs(unavailable, 'the shipment');
  const way = wayToShip(offered, shipment);
  if (!way) return { code: 'choice-needed', message: 'how this package is sent, only the seller can choose' };

  const answer = yield shipCall(context, { ...ids, ...way });
  const refused = refusalOf(answer);
  if (refused === ALREADY_SHIPPED) return yield* otherNumber(context, shipment, ids);
  if (refused !== undefined) return refusalAs(refused, 'the shipment');
  readBody(answer, shipped);
  return undefined;
}

/** Did the package go with another tracking number than the shipment's? */
function* otherNumber(
  context: CallContext<ShopeeApp>,
  { trackingNumber }: Shipment,
  ids: Record<string, string>,
): Procedure<Refusal | undefined> {
  const told = yield call(context, 'getTrackingNumber', ids);
  const refusal = refusalOf(told);
  if (refusal !== undefined) return refusalAs(refusal, 'the shipment');
  if (readBody(told, tracking).response.tracking_number === trackingNumber) return undefined;
  return { code: 'shipped-already', message: 'the package is shipped already, with another tracking number' };
}

const PATHS = {
  getShippingParameter: '/api/v2/logistics/get_shipping_parameter',
  getTrackingNumber: '/api/v2/logistics/get_tracking_number',
};

function call(
  context: CallContext<ShopeeApp>,
  operation: keyof typeof PATHS,
  parameters: Record<string, string>,
): Call {
  return shopCall(context, { operation, path: PATHS[operation], parameters });
}

function shipCall(context: CallContext<ShopeeApp>, body: object): Call {
  return shopCall(context, { operation: 'shipOrder', path: '/api/v2/logistics/ship_order', body });
}
