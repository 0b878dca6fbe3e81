import { z } from 'zod';
import type { Call, CallContext, Shipment } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { readData } from './answer.ts';
import type { ShopifyApp } from './app.ts';
import { gid, gidOf, numberOf } from './gid.ts';
import { MAX_FULFILLMENT_ORDERS, MAX_LINES } from './limits.ts';
import { isSent } from './read-order.ts';
import { graphqlCall } from './request.ts';

const GET_FULFILLMENT_ORDERS = `query getFulfillmentOrders($id: ID!) {
  order(id: $id) {
    fulfillmentOrders(first: ${MAX_FULFILLMENT_ORDERS}) {
      nodes {
        id status
        lineItems(first: ${MAX_LINES}) {
          nodes { id remainingQuantity lineItem { id } }
          pageInfo { hasNextPage }
        }
      }
      pageInfo { hasNextPage }
    }
    fulfillments {
      id status
      trackingInfo { number }
      fulfillmentLineItems(first: ${MAX_LINES}) {
        nodes { quantity lineItem { id } }
        pageInfo { hasNextPage }
      }
    }
  }
}`;

/** `FulfillmentOrder.status` of those that a fulfillment may be made of: not on hold, not scheduled for later. */
const OPEN: readonly string[] = ['OPEN', 'IN_PROGRESS'];

const units = z.int().min(0);
const ofLine = z.object({ id: gid });

/** A list in an answer; a part of one is never taken for the whole. */
const whole = <T>(node: z.ZodType<T>) =>
  z
    .object({ nodes: z.array(node), pageInfo: z.object({ hasNextPage: z.boolean() }) })
    .transform(({ nodes, pageInfo }) => {
      if (!pageInfo.hasNextPage) return nodes;
      throw new Failure('permanent', 'an order has more parts than one answer holds', { code: 'too-many-lines' });
    });

const shape = z.object({
  order: z
    .object({
      fulfillmentOrders: whole(
        z.object({
          id: gid,
          status: z.string(),
          lineItems: whole(z.object({ id: gid, remainingQuantity: units, lineItem: ofLine })),
        }),
      ),
      fulfillments: z.array(
        z.object({
          id: gid,
          status: z.string(),
          trackingInfo: z.array(z.object({ number: z.string().nullish() })),
          fulfillmentLineItems: whole(z.object({ quantity: units, lineItem: ofLine })),
        }),
      ),
    })
    .nullable(),
});

type ShippingState = NonNullable<z.infer<typeof shape>['order']>;

/** What of one fulfillment order goes into a parcel. */
export type Part = { fulfillmentOrderId: string; lines: { id: string; quantity: number }[] };

export type Refusal = { code: string; message: string };

/** What is still to be sent of a shipment: nothing, where Shopify has it already under `packageId`. */
export type Plan = { parts: Part[]; packageId: string | null };

/** The call that reads what of an order is sent, and what is left. */
export function shippingStateCall(context: CallContext<ShopifyApp>, orderId: string): Call {
  return graphqlCall(context, 'getFulfillmentOrders', GET_FULFILLMENT_ORDERS, { id: gidOf('Order', orderId) });
}

/** What an answer of `shippingStateCall` leaves to do of a shipment; or why it can't be done. */
export function planOf(response: HttpResponse, shipment: Shipment): Plan | Refusal {
  const { order } = readData(response, shape);
  if (!order) return { code: 'order-not-found', message: 'the shop has no such order' };
  const there = order.fulfillments.filter(
    (fulfillment) =>
      isSent(fulfillment) && fulfillment.trackingInfo.some(({ number }) => number === shipment.trackingNumber),
  );
  const parts = shipment.lines.length === 0 ? allOpen(order) : partsOf(order, shipment, there);
  if (!Array.isArray(parts)) return parts;
  if (parts.length === 0 && there.length === 0) {
    return { code: 'nothing-to-ship', message: 'no unit of the order is open' };
  }
  return { parts, packageId: there[0] ? numberOf(there[0].id) : null };
}

const isOpen = ({ status }: { status: string }): boolean => OPEN.includes(status);

function allOpen({ fulfillmentOrders }: ShippingState): Part[] {
  return fulfillmentOrders.filter(isOpen).flatMap(({ id, lineItems }) => {
    const lines = lineItems
      .filter(({ remainingQuantity }) => remainingQuantity > 0)
      .map((line) => ({ id: line.id, quantity: line.remainingQuantity }));
    return lines.length > 0 ? [{ fulfillmentOrderId: id, lines }] : [];
  });
}

/** A line may be spread over several fulfillment orders: one for each location that it is sent from. */
function partsOf(
  { fulfillmentOrders }: ShippingState,
  shipment: Shipment,
  there: ShippingState['fulfillments'],
): Part[] | Refusal {
  const left = new Map<string, number>();
  for (const { lineId, quantity } of shipment.lines) left.set(lineId, (left.get(lineId) ?? 0) + quantity);
  for (const lineId of left.keys()) {
    const isKnown = fulfillmentOrders.some(({ lineItems }) => lineItems.some((line) => isOf(line, lineId)));
    if (!isKnown) return { code: 'unknown-line', message: 'the order has no such line' };
  }
  for (const { quantity, lineItem } of there.flatMap((fulfillment) => fulfillment.fulfillmentLineItems)) {
    take(left, numberOf(lineItem.id), quantity);
  }
  const parts = fulfillmentOrders.filter(isOpen).flatMap(({ id, lineItems }) => {
    const lines = lineItems
      .map((line) => ({ id: line.id, quantity: take(left, numberOf(line.lineItem.id), line.remainingQuantity) }))
      .filter(({ quantity }) => quantity > 0);
    return lines.length > 0 ? [{ fulfillmentOrderId: id, lines }] : [];
  });
  const isShort = [...left.values()].some((quantity) => quantity > 0);
  return isShort ? { code: 'not-open', message: 'fewer units of the line are open' } : parts;
}

const isOf = ({ lineItem }: { lineItem: { id: string } }, lineId: string): boolean => numberOf(lineItem.id) === lineId;

/** Takes up to `quantity` of what is left of a line, and says how much that was. */
function take(left: Map<string, number>, lineId: string, quantity: number): number {
  const taken = Math.min(left.get(lineId) ?? 0, quantity);
  if (taken > 0) left.set(lineId, left.get(lineId)! - taken);
  return taken;
}
