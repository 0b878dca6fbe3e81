import { z } from 'zod';
import { defineEvent } from './envelope.ts';
import { exampleOrder, ORDER_STATUSES, order } from './order.ts';

/**
 * An order is new or newer than before. Published at least once; the id is the same each time, since it is made from
 * connection, order, update time and content. `orderVersion` grows by one with each change of an order: a consumer that
 * keeps the highest is right, whatever the order of arrival.
 */
export const orderChanged = defineEvent(
  'order.changed',
  z.object({
    order,
    orderVersion: z.int().min(1),
    previousStatus: z.enum(ORDER_STATUSES).nullable(),
    /** what led to the read that found the change */
    foundBy: z.enum(['webhook', 'poll', 'backfill']),
    /** stands for the buyer's data, which no event holds: HMAC-SHA-256 under the order's own salt */
    buyerCommitment: z.string().nullable().optional(),
  }),
  { order: exampleOrder, orderVersion: 1, previousStatus: null, foundBy: 'webhook' },
);
