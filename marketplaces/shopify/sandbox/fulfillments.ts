import type { BookLine, BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import { idOf, sequenceOf } from './ids.ts';

export type Tracking = { company: string | null; numbers: string[]; urls: string[] };

export type Part = { line: BookLine; quantity: number };

export type Fulfillment = {
  id: number;
  order: BookOrder;
  /** counts an order's fulfillments, 1 upwards */
  number: number;
  parts: Part[];
  tracking: Tracking;
  createdAt: number;
  updatedAt: number;
};

/** more fulfillments than any order here has, so that their ids follow from the order's */
const MAX_PER_ORDER = 1000;

/** What others want to hear of, beside what the books announce. */
export type FulfillmentEvents = {
  created(fulfillment: Fulfillment, isRest: boolean): void;
  updated(fulfillment: Fulfillment): void;
  /** the order changed and the books don't announce it */
  touched(order: BookOrder): void;
};

export type Fulfillments = ReturnType<typeof createFulfillments>;

/**
 * What left the house of each order. The books know only whole orders: one is shipped there when nothing of it is left
 * to fulfill.
 */
export function createFulfillments(now: () => number, books: Books, events: FulfillmentEvents) {
  const byOrder = new Map<string, Fulfillment[]>();

  const of = (order: BookOrder): readonly Fulfillment[] => byOrder.get(order.orderId) ?? [];

  /** Units of a line that nothing was told of yet. */
  function untold(order: BookOrder, line: BookLine): number {
    return of(order).reduce((left, { parts }) => {
      const part = parts.find((one) => one.line === line);
      return part ? left - part.quantity : left;
    }, line.quantity);
  }

  function add(order: BookOrder, parts: Part[], tracking: Tracking): Fulfillment {
    const number = of(order).length + 1;
    const id = idOf('fulfillment', sequenceOf('order', order.orderId) * MAX_PER_ORDER + number);
    const made = { id, order, number, parts, tracking, createdAt: now(), updatedAt: now() };
    byOrder.set(order.orderId, [...of(order), made]);
    events.created(made, restOf(order).length === 0);
    return made;
  }

  function touch(order: BookOrder): void {
    order.updatedAt = Math.max(now(), order.updatedAt);
    events.touched(order);
  }

  const restOf = (order: BookOrder): Part[] =>
    order.lines.map((line) => ({ line, quantity: untold(order, line) })).filter(({ quantity }) => quantity > 0);

  books.onChange((order, change) => {
    if (change === 'delivered') {
      for (const one of of(order)) {
        one.updatedAt = order.updatedAt;
        events.updated(one);
      }
    }
    const parts = change === 'shipped' ? restOf(order) : [];
    if (parts.length === 0) return;
    const { carrier, trackingNumber } = order.shipment!;
    add(order, parts, { company: carrier, numbers: [trackingNumber], urls: [] });
  });

  return {
    of,
    /** Units of a line that can still be fulfilled. */
    openQuantity: (order: BookOrder, line: BookLine): number => (order.status === 'placed' ? untold(order, line) : 0),
    find(id: string): Fulfillment | undefined {
      const orderId = String(idOf('order', Math.floor(sequenceOf('fulfillment', id) / MAX_PER_ORDER)));
      return byOrder.get(orderId)?.find((one) => String(one.id) === id);
    },
    create(order: BookOrder, parts: Part[], tracking: Tracking): Fulfillment {
      const made = add(order, parts, tracking);
      if (restOf(order).length > 0) touch(order);
      else {
        books.ship(order.orderId, { carrier: tracking.company ?? '', trackingNumber: tracking.numbers[0] ?? '' });
      }
      return made;
    },
    setTracking(fulfillment: Fulfillment, tracking: Tracking): void {
      const { order } = fulfillment;
      fulfillment.tracking = tracking;
      fulfillment.updatedAt = now();
      if (order.shipment && of(order).at(-1) === fulfillment) {
        order.shipment.carrier = tracking.company ?? '';
        order.shipment.trackingNumber = tracking.numbers[0] ?? '';
      }
      events.updated(fulfillment);
      touch(order);
    },
  };
}
