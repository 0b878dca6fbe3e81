import { z } from 'zod';
import type { Call, CallContext, Shipment, Shipments } from '#marketplaces/marketplace.ts';
import { type Procedure, stepOf } from '#marketplaces/procedure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { isTold, readAnswer, readCreatedId } from './answer.ts';
import type { EbayApp } from './app.ts';
import { orders, readOrders } from './orders.ts';
import { refusalAs, refusalOf } from './refusals.ts';
import { apiCall } from './request.ts';

const fulfillments = z
  .object({
    total: z.int().nullish(),
    fulfillments: z
      .array(
        z.object({
          fulfillmentId: z.string().min(1),
          shipmentTrackingNumber: z.string().nullish(),
          lineItems: z.array(z.object({ lineItemId: z.string(), quantity: z.int().min(0).nullish() })).nullish(),
        }),
      )
      .nullish(),
  })
  .refine(({ fulfillments, total }) => isTold({ list: fulfillments, total }));

type Fulfillment = NonNullable<z.infer<typeof fulfillments>['fulfillments']>[number];
type Outcome =
  | { outcome: 'confirmed'; packageId: string | null }
  | { outcome: 'failed'; code: string; message: string };
type Lines = Shipment['lines'];
/** units by line */
type Units = ReadonlyMap<string, number>;

/**
 * Shipping fulfillments of the Fulfillment API. eBay takes no idempotency key and counts a package twice that is told
 * twice, so what is there with the tracking number is not told again.
 */
export const shipments: Shipments<EbayApp> = {
  confirm: (context, shipment, answers) => stepOf(confirm(context, shipment), answers),
};

function* confirm(context: CallContext<EbayApp>, shipment: Shipment): Procedure<Outcome> {
  const listed = yield fulfillmentsCall(context, shipment.orderId);
  const refusal = refusalOf(listed);
  if (refusal !== undefined) return failed(refusal);
  const known = readFulfillments(listed);
  const there = known.find(isOf(shipment));
  const before = unitsOf(known.filter(isOf(shipment)));
  const left =
    shipment.lines.length > 0 ? without(shipment.lines, before) : yield* openLines(context, shipment, unitsOf(known));
  if (left.length === 0) {
    if (there) return { outcome: 'confirmed', packageId: there.fulfillmentId };
    return { outcome: 'failed', code: 'nothing-to-ship', message: 'no unit of the order is open' };
  }
  const created = yield createCall(context, shipment, left);
  const refused = refusalOf(created);
  if (refused === undefined) return { outcome: 'confirmed', packageId: readCreatedId(created, 'fulfillment') };

  // A call before it may have had its effect only now.
  const again = readFulfillments(yield fulfillmentsCall(context, shipment.orderId)).filter(isOf(shipment));
  const after = unitsOf(again);
  const isThere = left.every(
    ({ lineId, quantity }) => (after.get(lineId) ?? 0) - (before.get(lineId) ?? 0) >= quantity,
  );
  return isThere ? { outcome: 'confirmed', packageId: again[0]!.fulfillmentId } : failed(refused);
}

const failed = (refusal: number) => ({ outcome: 'failed', ...refusalAs(refusal, 'the shipment') }) as const;

/** What of an order is in no package yet. */
function* openLines(context: CallContext<EbayApp>, { orderId }: Shipment, sent: Units): Procedure<Lines> {
  const order = readOrders(yield orders.detailCall(context, [orderId])).find((one) => one.orderId === orderId);
  if (!order || order.cancelStatus?.cancelState === 'CANCELED') return [];
  return without(
    order.lineItems.map(({ lineItemId, quantity }) => ({ lineId: lineItemId, quantity })),
    sent,
  );
}

/** The lines, each once, without the units that are sent already. */
function without(lines: Lines, sent: Units): Lines {
  const wanted = new Map<string, number>();
  for (const { lineId, quantity } of lines) wanted.set(lineId, (wanted.get(lineId) ?? 0) + quantity);
  return [...wanted]
    .map(([lineId, quantity]) => ({ lineId, quantity: quantity - (sent.get(lineId) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
}

function unitsOf(known: readonly Fulfillment[]): Units {
  const units = new Map<string, number>();
  for (const { lineItemId, quantity } of known.flatMap(({ lineItems }) => lineItems ?? [])) {
    // Without a quantity it counts as the whole line, so that nothing is told twice.
    units.set(lineItemId, (units.get(lineItemId) ?? 0) + (quantity ?? Number.POSITIVE_INFINITY));
  }
  return units;
}

/** Is it the package with the shipment's tracking number? It is the id of the package too. */
function isOf({ trackingNumber }: Shipment): (one: Fulfillment) => boolean {
  const number = plain(trackingNumber);
  return ({ shipmentTrackingNumber, fulfillmentId }) => plain(shipmentTrackingNumber || fulfillmentId) === number;
}

/** eBay takes tracking numbers without spaces and hyphens only. */
const plain = (trackingNumber: string): string => trackingNumber.replace(/[\s-]/g, '');

function readFulfillments(response: HttpResponse): Fulfillment[] {
  return readAnswer(response, fulfillments, 'fulfillments').fulfillments ?? [];
}

const urlOf = ({ app }: CallContext<EbayApp>, orderId: string): string =>
  `${app.apiUrl}/sell/fulfillment/v1/order/${encodeURIComponent(orderId)}/shipping_fulfillment`;

function fulfillmentsCall(context: CallContext<EbayApp>, orderId: string): Call {
  return apiCall('getShippingFulfillments', { accessToken: context.accessToken, url: urlOf(context, orderId) });
}

function createCall(context: CallContext<EbayApp>, shipment: Shipment, lines: Lines): Call {
  const { orderId, carrier, trackingNumber, shippedAt } = shipment;
  const body = {
    lineItems: lines.map(({ lineId, quantity }) => ({ lineItemId: lineId, quantity })),
    shippedDate: new Date(shippedAt).toISOString(),
    shippingCarrierCode: carrier.code ?? carrier.name,
    trackingNumber: plain(trackingNumber),
  };
  const { accessToken } = context;
  return apiCall('createShippingFulfillment', { accessToken, method: 'POST', url: urlOf(context, orderId), body });
}
