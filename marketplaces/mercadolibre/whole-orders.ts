import type { CallContext, OrderPage, ReadOrder, Step } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readAnswer } from './answer.ts';
import type { MercadolibreApp } from './app.ts';
import { orderCall, readShipment, shipmentCall } from './order-call.ts';
import { listCall, readList } from './order-list.ts';
import { type MercadolibreOrder, mercadolibreOrder } from './order-shape.ts';
import { readOrder } from './read-order.ts';

/** orders on a page that is read whole, ours: each takes a call, and a page that is broken off is read again */
const WHOLE_PAGE_SIZE = 10;

type Context = CallContext<MercadolibreApp>;
type Window = { from: number; to: number; pageToken: string | undefined; pageSize?: number };

/** One page of a window with its orders whole: the list tells all but their shipments, which take a call for each. */
export function readWholePage(
  context: Context,
  window: Window,
  [listed, ...answers]: readonly HttpResponse[],
): Step<OrderPage> {
  if (!listed) return { call: listCall(context, { pageSize: WHOLE_PAGE_SIZE, ...window }) };
  const { found, nextPageToken } = readList(listed, window.pageToken);
  const step = withShipments(context, found, answers);
  return 'call' in step ? step : { done: { orders: step.done, orderIds: [], nextPageToken } };
}

/** An order by its id, whole. */
export function readWholeOrder(
  context: Context,
  orderId: string,
  [told, ...answers]: readonly HttpResponse[],
): Step<ReadOrder[]> {
  if (!told) return { call: orderCall(context, orderId) };
  return withShipments(context, [readAnswer(told, mercadolibreOrder)], answers);
}

/** The orders of one pack share a shipment, which is read once. */
function withShipments(
  context: Context,
  found: readonly MercadolibreOrder[],
  answers: readonly HttpResponse[],
): Step<ReadOrder[]> {
  const shipmentIds = [...new Set(found.flatMap(({ shipping }) => shipping?.id ?? []))];
  const next = shipmentIds[answers.length];
  if (next !== undefined) return { call: shipmentCall(context, next) };
  const shipments = new Map(answers.map((answer, index) => [shipmentIds[index], readShipment(answer)]));
  return { done: found.map((order) => readOrder(order, shipments.get(order.shipping?.id ?? ''), context.connection)) };
}
