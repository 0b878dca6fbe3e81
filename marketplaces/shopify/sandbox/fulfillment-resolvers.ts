import { type BookOrder, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import { mailingAddress } from './buyer.ts';
import type { CallResolvers } from './call.ts';
import { firstOf, pageOf } from './connections.ts';
import type { Fulfillment, Part } from './fulfillments.ts';
import { gid, idOf, sameSequence } from './ids.ts';
import { keyOfLine, linesOf, type OrderLine } from './line-resolvers.ts';
import { LOCATION_ADDRESS, LOCATION_ID, LOCATION_NAME } from './location.ts';
import { moneyBag } from './money.ts';
import { fulfillmentOrderStatus, isoTime, itemOf, type OrderParts, orderName, sumQuantity } from './order-state.ts';

/** A part of a fulfillment with the fulfillment that it is in. */
type FulfillmentLine = { fulfillment: Fulfillment; part: Part };

const keyOfFulfillment = ({ id, createdAt }: Fulfillment) => ({ id, value: createdAt });

/** Each order here has one fulfillment order, whose source is the order; its lines' sources are the order's lines. */
export function fulfillmentResolvers(parts: OrderParts): CallResolvers {
  const { fulfillments } = parts;
  const always = (value: unknown) => () => value;
  const fulfillmentOrderId = (order: BookOrder): string =>
    gid('FulfillmentOrder', sameSequence('order', order.orderId, 'fulfillmentOrder'));
  const pageOfOrder = (order: BookOrder, args: Record<string, unknown>) =>
    pageOf([order], args, ({ orderId }) => ({ id: Number(orderId), value: 0 }));

  const Order: CallResolvers[string] = {
    fulfillmentOrders: pageOfOrder,
    fulfillments: (order: BookOrder, { first }) => firstOf(fulfillments.of(order), first),
    fulfillmentsCount: (order: BookOrder) => ({ count: fulfillments.of(order).length, precision: 'EXACT' }),
  };

  const FulfillmentOrder: CallResolvers[string] = {
    id: fulfillmentOrderId,
    status: (order: BookOrder) => fulfillmentOrderStatus(order, parts),
    requestStatus: always('UNSUBMITTED'),
    createdAt: (order: BookOrder) => isoTime(order.placedAt),
    updatedAt: (order: BookOrder) => isoTime(order.updatedAt),
    fulfillAt: (order: BookOrder) => isoTime(order.placedAt),
    fulfillBy: always(null),
    channelId: always(null),
    order: (order: BookOrder) => order,
    orderId: (order: BookOrder) => gid('Order', order.orderId),
    orderName,
    orderProcessedAt: (order: BookOrder) => isoTime(order.placedAt),
    assignedLocation: always({ ...LOCATION_ADDRESS, name: LOCATION_NAME, location: LOCATION_ID }),
    deliveryMethod: (order: BookOrder) => ({
      id: gid('DeliveryMethod', order.orderId),
      methodType: 'SHIPPING',
      minDeliveryDateTime: null,
      maxDeliveryDateTime: null,
    }),
    destination: (order: BookOrder) => ({
      ...mailingAddress(order),
      id: gid('FulfillmentOrderDestination', order.orderId),
      countryCode: order.buyer.countryCode,
      email: order.buyer.email,
    }),
    fulfillmentHolds: always([]),
    supportedActions: (order: BookOrder) =>
      order.status === 'placed' ? [{ action: 'CREATE_FULFILLMENT', externalUrl: null }] : [],
    lineItems: (order: BookOrder, args) => pageOf(linesOf(order), args, keyOfLine),
    fulfillments: (order: BookOrder, args) => pageOf(fulfillments.of(order), args, keyOfFulfillment),
  };

  const FulfillmentOrderLineItem: CallResolvers[string] = {
    id: ({ line }: OrderLine) =>
      gid('FulfillmentOrderLineItem', sameSequence('line', line.lineId, 'fulfillmentOrderLine')),
    totalQuantity: ({ line }: OrderLine) => line.quantity,
    remainingQuantity: ({ order, line }: OrderLine) => fulfillments.openQuantity(order, line),
    sku: ({ line }: OrderLine) => line.sku,
    vendor: ({ order }: OrderLine) => order.sellerId.split('.')[0],
    productTitle: ({ line }: OrderLine) => line.title,
    variantTitle: always(null),
    requiresShipping: always(true),
    inventoryItemId: ({ order, line }: OrderLine) =>
      gid('InventoryItem', idOf('item', itemOf(order, line, parts).sequence)),
    lineItem: (source: OrderLine) => source,
    variant: ({ order, line }: OrderLine) => itemOf(order, line, parts),
  };

  const isDelivered = ({ order }: Fulfillment): boolean => order.status === 'delivered';

  const FulfillmentType: CallResolvers[string] = {
    id: ({ id }: Fulfillment) => gid('Fulfillment', id),
    legacyResourceId: ({ id }: Fulfillment) => String(id),
    name: ({ order, number }: Fulfillment) => `${orderName(order)}-F${number}`,
    status: always('SUCCESS'),
    displayStatus: (fulfillment: Fulfillment) => (isDelivered(fulfillment) ? 'DELIVERED' : 'FULFILLED'),
    createdAt: ({ createdAt }: Fulfillment) => isoTime(createdAt),
    updatedAt: ({ updatedAt }: Fulfillment) => isoTime(updatedAt),
    inTransitAt: ({ createdAt }: Fulfillment) => isoTime(createdAt),
    deliveredAt: (fulfillment: Fulfillment) => (isDelivered(fulfillment) ? isoTime(fulfillment.updatedAt) : null),
    estimatedDeliveryAt: always(null),
    requiresShipping: always(true),
    totalQuantity: ({ parts: all }: Fulfillment) => sumQuantity(all),
    location: always(LOCATION_ID),
    trackingInfo: ({ tracking }: Fulfillment, { first }) => {
      const { company, numbers, urls } = tracking;
      const count = Math.max(numbers.length, urls.length, company ? 1 : 0);
      const all = Array.from({ length: count }, (_, index) => ({
        company,
        number: numbers[index] ?? null,
        url: urls[index] ?? null,
      }));
      return firstOf(all, first);
    },
    fulfillmentLineItems: (fulfillment: Fulfillment, args) =>
      pageOf(
        fulfillment.parts.map((part) => ({ fulfillment, part })),
        args,
        ({ part }) => ({ id: Number(part.line.lineId), value: 0 }),
      ),
    fulfillmentOrders: ({ order }: Fulfillment, args) => pageOfOrder(order, args),
  };

  const FulfillmentLineItem: CallResolvers[string] = {
    id: ({ fulfillment, part }: FulfillmentLine) =>
      gid('FulfillmentLineItem', `${part.line.lineId}${fulfillment.number}`),
    quantity: ({ part }: FulfillmentLine) => part.quantity,
    lineItem: ({ fulfillment, part }: FulfillmentLine) => ({ order: fulfillment.order, line: part.line }),
    originalTotalSet: partTotal,
    discountedTotalSet: partTotal,
  };
  function partTotal({ fulfillment, part }: FulfillmentLine) {
    return moneyBag(bookTotal([{ ...part.line, quantity: part.quantity }]), fulfillment.order.currency);
  }

  return { Order, FulfillmentOrder, FulfillmentOrderLineItem, Fulfillment: FulfillmentType, FulfillmentLineItem };
}
