import { type BookLine, type BookOrder, bookTotal } from '#marketplaces/sandbox-kit/books.ts';
import type { CallResolvers } from './call.ts';
import { pageOf } from './connections.ts';
import { gid } from './ids.ts';
import { LOCATION_ID } from './location.ts';
import { moneyBag } from './money.ts';
import { currentQuantity, isoTime, itemOf, type OrderParts, totals } from './order-state.ts';

const NOTHING = '0.00';

/** A line with the order that it is in. */
export type OrderLine = { order: BookOrder; line: BookLine };

export function linesOf(order: BookOrder): OrderLine[] {
  return order.lines.map((line) => ({ order, line }));
}

export const keyOfLine = ({ line }: OrderLine) => ({ id: Number(line.lineId), value: 0 });

/** The lines of orders, and of the refunds of those that were cancelled. */
export function lineResolvers(parts: OrderParts): CallResolvers {
  const { fulfillments } = parts;
  const always = (value: unknown) => () => value;

  const LineItem: CallResolvers[string] = {
    id: ({ line }: OrderLine) => gid('LineItem', line.lineId),
    name: ({ line }: OrderLine) => line.title,
    title: ({ line }: OrderLine) => line.title,
    variantTitle: always(null),
    sku: ({ line }: OrderLine) => line.sku,
    vendor: ({ order }: OrderLine) => order.sellerId.split('.')[0],
    quantity: ({ line }: OrderLine) => line.quantity,
    currentQuantity: ({ order, line }: OrderLine) => currentQuantity(order, line),
    unfulfilledQuantity: ({ order, line }: OrderLine) => fulfillments.openQuantity(order, line),
    refundableQuantity: ({ order, line }: OrderLine) => currentQuantity(order, line),
    nonFulfillableQuantity: ({ order, line }: OrderLine) => line.quantity - currentQuantity(order, line),
    requiresShipping: always(true),
    restockable: ({ order }: OrderLine) => order.status !== 'cancelled',
    taxable: always(true),
    isGiftCard: always(false),
    merchantEditable: ({ order, line }: OrderLine) => fulfillments.openQuantity(order, line) === line.quantity,
    customAttributes: always([]),
    taxLines: always([]),
    originalUnitPriceSet: unitPrice,
    discountedUnitPriceSet: unitPrice,
    discountedUnitPriceAfterAllDiscountsSet: unitPrice,
    originalTotalSet: lineTotal,
    discountedTotalSet: lineTotal,
    totalDiscountSet: ({ order }: OrderLine) => moneyBag(NOTHING, order.currency),
    unfulfilledOriginalTotalSet: unfulfilledTotal,
    unfulfilledDiscountedTotalSet: unfulfilledTotal,
    variant: ({ order, line }: OrderLine) => itemOf(order, line, parts),
    product: ({ order, line }: OrderLine) => itemOf(order, line, parts),
  };

  function unitPrice({ order, line }: OrderLine) {
    return moneyBag(line.unitPrice, order.currency);
  }
  function lineTotal({ order, line }: OrderLine) {
    return moneyBag(bookTotal([line]), order.currency);
  }
  function unfulfilledTotal({ order, line }: OrderLine) {
    return moneyBag(bookTotal([{ ...line, quantity: fulfillments.openQuantity(order, line) }]), order.currency);
  }

  /** A refund's source is its order, as only a cancelled order has one, of all of it. */
  const Refund: CallResolvers[string] = {
    id: (order: BookOrder) => gid('Refund', order.orderId),
    legacyResourceId: (order: BookOrder) => order.orderId,
    createdAt: (order: BookOrder) => isoTime(order.updatedAt),
    updatedAt: (order: BookOrder) => isoTime(order.updatedAt),
    note: always(null),
    order: (order: BookOrder) => order,
    totalRefundedSet: (order: BookOrder) => moneyBag(totals(order).refunded, order.currency),
    refundLineItems: (order: BookOrder, args) => pageOf(linesOf(order), args, keyOfLine),
  };

  const RefundLineItem: CallResolvers[string] = {
    id: ({ line }: OrderLine) => gid('RefundLineItem', line.lineId),
    lineItem: (source: OrderLine) => source,
    quantity: ({ line }: OrderLine) => line.quantity,
    restockType: always('CANCEL'),
    restocked: always(true),
    location: always(LOCATION_ID),
    priceSet: unitPrice,
    subtotalSet: lineTotal,
    totalTaxSet: ({ order }: OrderLine) => moneyBag(NOTHING, order.currency),
  };

  return { LineItem, Refund, RefundLineItem };
}
