import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import type { Call, CallResolvers } from './call.ts';
import { MAX_PAGE } from './connections.ts';
import type { Fulfillments, Part, Tracking } from './fulfillments.ts';
import { badRequest } from './graphql/errors.ts';
import { idIn, idOf, readGid, sameSequence, sequenceOf } from './ids.ts';
import { fulfillmentOrderStatus, type OrderParts } from './order-state.ts';

type TrackingInput = {
  [name in 'company' | 'number' | 'url']?: string | null | undefined;
} & { [name in 'numbers' | 'urls']?: string[] | null | undefined };

type Group = {
  fulfillmentOrderId: string;
  fulfillmentOrderLineItems?: { id: string; quantity: number }[] | null;
};

type Refused = { message: string };

/** The order whose fulfillment order this is, if it is the shop's. */
export function orderOfFulfillmentOrder({ books }: OrderParts, shopId: string, id: string): BookOrder | undefined {
  const orderId = String(idOf('order', sequenceOf('fulfillmentOrder', id)));
  const order = books.orders.get(orderId);
  return order?.sellerId === shopId ? order : undefined;
}

/** What a request for fulfillment takes of an order, or why it can't be had. */
export function readParts(
  parts: OrderParts,
  shopId: string,
  groups: readonly Group[],
): { order: BookOrder; parts: Part[] } | Refused {
  const { fulfillments } = parts;
  let order: BookOrder | undefined;
  const taken: Part[] = [];
  for (const { fulfillmentOrderId, fulfillmentOrderLineItems } of groups) {
    const id = idIn('FulfillmentOrder', fulfillmentOrderId) ?? '';
    const found = orderOfFulfillmentOrder(parts, shopId, id);
    if (!found) return { message: 'Fulfillment order does not exist.' };
    if (order && order !== found) return { message: 'All fulfillment orders must belong to the same order.' };
    order = found;
    const status = fulfillmentOrderStatus(order, parts).toLowerCase();
    if (status === 'closed') return { message: `Fulfillment order ${id} has an unfulfillable status= ${status}.` };
    // A fulfillment order without lines means all that is left of it.
    const wanted = fulfillmentOrderLineItems?.length
      ? fulfillmentOrderLineItems.map(({ id: lineId, quantity }) => ({ lineId: lineIdOf(lineId), quantity }))
      : order.lines
          .map((line) => ({ lineId: line.lineId, quantity: fulfillments.openQuantity(found, line) }))
          .filter(({ quantity }) => quantity > 0);
    for (const { lineId, quantity } of wanted) {
      const line = order.lines.find((one) => one.lineId === lineId);
      if (!line) return { message: 'Fulfillment order line item does not exist.' };
      const before = taken.find((part) => part.line === line);
      const open = fulfillments.openQuantity(order, line) - (before?.quantity ?? 0);
      if (quantity <= 0 || quantity > open) {
        return { message: 'Invalid fulfillment order line item quantity requested.' };
      }
      if (before) before.quantity += quantity;
      else taken.push({ line, quantity });
    }
  }
  return order && taken.length > 0 ? { order, parts: taken } : { message: 'Line items by fulfillment order is empty.' };
}

function lineIdOf(fulfillmentOrderLineItemId: string): string {
  const { id } = readGid(fulfillmentOrderLineItemId);
  return String(sameSequence('fulfillmentOrderLine', id, 'line'));
}

export function readTracking(input: TrackingInput | null | undefined): Tracking {
  const { company = null, number, numbers, url, urls } = input ?? {};
  return { company, numbers: numbers ?? (number ? [number] : []), urls: urls ?? (url ? [url] : []) };
}

/** A fulfillment of the shop's own. */
export function findFulfillment(fulfillments: Fulfillments, shopId: string, id: string) {
  const found = fulfillments.find(id);
  return found?.order.sellerId === shopId ? found : undefined;
}

/** Tells Shopify that something left the house, and by whom it is brought. */
export function fulfillmentMutations(parts: OrderParts): CallResolvers {
  const { fulfillments } = parts;
  const refuse = (message: string, field: string) => ({ fulfillment: null, userErrors: [{ field: [field], message }] });

  const Mutation: CallResolvers[string] = {
    fulfillmentCreate: (_: never, args, { shop }: Call) => {
      const input = args.fulfillment as { lineItemsByFulfillmentOrder: Group[]; trackingInfo?: TrackingInput | null };
      if (input.lineItemsByFulfillmentOrder.length > MAX_PAGE) {
        throw badRequest(`The input array size is greater than the maximum allowed of ${MAX_PAGE}.`);
      }
      const read = readParts(parts, shop.sellerId, input.lineItemsByFulfillmentOrder);
      if ('message' in read) return refuse(read.message, 'fulfillment');
      const fulfillment = fulfillments.create(read.order, read.parts, readTracking(input.trackingInfo));
      return { fulfillment, userErrors: [] };
    },
    fulfillmentTrackingInfoUpdate: (_: never, args, { shop }: Call) => {
      const id = idIn('Fulfillment', args.fulfillmentId as string) ?? '';
      const fulfillment = findFulfillment(fulfillments, shop.sellerId, id);
      if (!fulfillment) return refuse('Fulfillment does not exist.', 'fulfillmentId');
      fulfillments.setTracking(fulfillment, readTracking(args.trackingInfoInput as TrackingInput));
      return { fulfillment, userErrors: [] };
    },
  };
  return { Mutation };
}
