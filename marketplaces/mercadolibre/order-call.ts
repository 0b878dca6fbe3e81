import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readAnswer } from './answer.ts';
import type { MercadolibreApp } from './app.ts';
import { apiCall } from './request.ts';
import { type MercadolibreShipment, mercadolibreShipment } from './shipment-shape.ts';

/** The call that reads one order. */
export function orderCall(context: CallContext<MercadolibreApp>, orderId: string): Call {
  return apiCall(context, 'getOrder', { method: 'GET', path: `/orders/${encodeURIComponent(orderId)}` });
}

/** The call that reads a shipment. */
export function shipmentCall(context: CallContext<MercadolibreApp>, shipmentId: string): Call {
  const path = `/shipments/${encodeURIComponent(shipmentId)}`;
  return apiCall(context, 'getShipment', { method: 'GET', path, headers: { 'x-format-new': 'true' } });
}

/** The shipment in an answer of `shipmentCall`; undefined if there is none. */
export function readShipment(response: HttpResponse): MercadolibreShipment | undefined {
  return response.status === 404 ? undefined : readAnswer(response, mercadolibreShipment);
}
