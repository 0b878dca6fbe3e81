import type { Call, CallContext, Shipment, Shipments, Step } from '#marketplaces/marketplace.ts';
import { readAnswer } from './answer.ts';
import { type MercadolibreApp, TRACKING_NUMBER } from './app.ts';
import { refusalAs, refusalOf } from './failure.ts';
import { orderCall, readShipment, shipmentCall } from './order-call.ts';
import { type OrderFacts, orderFacts } from './order-shape.ts';
import { linesOf } from './read-order.ts';
import { apiCall } from './request.ts';
import { isSent, type MercadolibreShipment, modeOf } from './shipment-shape.ts';

/** `service_id` of a carrier of the seller's own by site; Mercado Envíos 1, order states */
const SERVICE_IDS: Readonly<Record<string, number>> = {
  MLB: 11,
  MLA: 154,
  MLM: 231876,
  MLC: 282578,
  MCO: 282579,
  MLU: 282604,
  MPE: 361180,
};

type Refusal = { code: string; message: string };
type Outcome = { outcome: 'confirmed'; packageId: string | null } | ({ outcome: 'failed' } & Refusal);

/**
 * Tells Mercado Libre that a parcel has left by the seller's own carrier (ME1, custom). What Mercado Envíos 2 carries has
 * its labels and its tracking number from there. Reads the order and its shipment first, and the shipment again after a
 * refusal: a call before may have had its effect without an answer.
 * Version 2 of seller_notifications: the first one ended on 31 October 2026.
 */
export const shipments: Shipments<MercadolibreApp> = {
  confirm(context, wanted, [told, read, notified, reread]): Step<Outcome> {
    if (!told) return { call: orderCall(context, wanted.orderId) };
    const order = readAnswer(told, orderFacts);
    const refused = whyNotWhole(order, wanted);
    if (refused) return failed(refused);
    const shipmentId = order.shipping?.id;
    if (!shipmentId) return failed(NO_SHIPMENT);

    if (!read) return { call: shipmentCall(context, shipmentId) };
    const shipment = readShipment(read);
    if (!shipment) return failed(NO_SHIPMENT);
    if (isThere(shipment, wanted)) return confirmed(shipment);
    const impossible = whyNotNow(order, shipment);
    if (impossible) return failed(impossible);

    if (!notified) return notifyCall(context, { order, shipment, wanted });
    const refusal = refusalOf(notified);
    if (refusal === undefined) return confirmed(shipment);
    if (!reread) return { call: shipmentCall(context, shipmentId) };
    const now = readShipment(reread);
    return now && isThere(now, wanted) ? confirmed(now) : failed(refusalAs(refusal, 'the shipment'));
  },
};

const NO_SHIPMENT: Refusal = { code: 'no-shipment', message: 'Mercado Libre has no shipment of this order' };

const confirmed = ({ id }: MercadolibreShipment): Step<Outcome> => ({ done: { outcome: 'confirmed', packageId: id } });
const failed = (refusal: Refusal): Step<Outcome> => ({ done: { outcome: 'failed', ...refusal } });

const isThere = (shipment: MercadolibreShipment, { trackingNumber }: Shipment): boolean =>
  isSent(shipment) && shipment.tracking_number === trackingNumber;

/** A shipment of Mercado Libre's is the whole order: it has no word for a part of one. */
function whyNotWhole(order: OrderFacts, { lines }: Shipment): Refusal | undefined {
  if (lines.length === 0) return undefined;
  const left = new Map(linesOf(order).map(([lineId, { quantity }]) => [lineId, quantity]));
  for (const { lineId, quantity } of lines) {
    const open = left.get(lineId);
    if (open === undefined) return { code: 'unknown-line', message: 'the order has no such line' };
    if (quantity > open) return { code: 'not-open', message: 'the order has fewer units of the line' };
    left.set(lineId, open - quantity);
  }
  if ([...left.values()].every((open) => open === 0)) return undefined;
  return { code: 'partial-shipment', message: 'Mercado Libre ships an order whole' };
}

function whyNotNow({ status }: OrderFacts, shipment: MercadolibreShipment): Refusal | undefined {
  if (status === 'cancelled' || shipment.status === 'cancelled')
    return { code: 'cancelled', message: 'it is cancelled' };
  if (isSent(shipment)) return { code: 'already-shipped', message: 'it is shipped with another tracking number' };
  if (modeOf(shipment) === 'me2') {
    return { code: 'shipped-by-mercado-envios', message: 'Mercado Envíos gives it its label and its tracking number' };
  }
  return undefined;
}

function notifyCall(
  context: CallContext<MercadolibreApp>,
  { order, shipment, wanted }: { order: OrderFacts; shipment: MercadolibreShipment; wanted: Shipment },
): Step<Outcome> {
  const { carrier, trackingNumber, shippedAt } = wanted;
  const site =
    shipment.source?.site_id ?? shipment.site_id ?? order.context?.site ?? context.connection.settings.siteId;
  const serviceId = /^\d{1,9}$/.test(carrier.code ?? '') ? Number(carrier.code) : SERVICE_IDS[String(site)];
  if (serviceId === undefined) {
    return failed({
      code: 'unknown-carrier',
      message: 'no service_id is known for this site: give it as the carrier’s code',
    });
  }
  const call: Call = apiCall(context, 'notifyShipment', {
    method: 'POST',
    path: `/v2/shipments/${encodeURIComponent(shipment.id)}/seller_notifications`,
    body: {
      payload: {
        service_id: serviceId,
        comment: carrier.name,
        date: new Date(shippedAt).toISOString().replace('Z', '-00:00'),
      },
      tracking_number: trackingNumber,
      tracking_url: context.app.trackingUrlTemplate.replaceAll(TRACKING_NUMBER, encodeURIComponent(trackingNumber)),
      status: 'shipped',
      // It must be there, as null where there is none.
      substatus: null,
    },
  });
  return { call };
}
