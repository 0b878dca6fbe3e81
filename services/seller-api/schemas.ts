import { z } from 'zod';
import {
  carrier,
  idempotencyKey,
  inventoryUpdateWish,
  lineAnswer,
  MAX_LINES,
  shipmentConfirmationWish,
  shipmentLine,
  stockWish,
} from '#events/command.ts';
import { instant } from '#events/envelope.ts';

/**
 * What the API takes and answers; `openapi.ts` describes it from these. What it takes is strict: a field with a slip in its
 * name is an error, and not a default.
 */
export const inventoryUpdateBody = z
  .strictObject({
    ...inventoryUpdateWish.shape,
    lines: z.array(stockWish.strict()).min(1).max(MAX_LINES),
  })
  .describe('Absolute quantities: what can be sold of each SKU from now on.');

export const shipmentConfirmationBody = z
  .strictObject({
    ...shipmentConfirmationWish.shape,
    lines: z.array(shipmentLine.strict()).max(MAX_LINES).default([]),
    carrier: carrier.strict(),
    shippedAt: z.iso.datetime({ offset: true }),
  })
  .describe('A package that has left; the whole order where it has no lines.');

export const accepted = z
  .object({ commandId: z.string() })
  .describe('The command is queued durably. The same key gives the same answer again.');

/** `waiting` and `accepted` (taken by the marketplace, not yet proven to be in force) are on their way. */
const lineStatus = lineAnswer.extend({
  outcome: z.enum(['waiting', 'accepted', ...lineAnswer.shape.outcome.options]),
});

const commandBegins = z.object({
  commandId: z.string(),
  idempotencyKey,
  connectionId: z.string(),
  marketplace: z.string().nullable(),
  status: z.enum(['under-way', 'completed', 'failed']),
  acceptedAt: instant,
  finishedAt: instant.nullable(),
});

export const commandStatus = z
  .discriminatedUnion('type', [
    commandBegins.extend({ type: z.literal('inventory-update'), lines: z.array(lineStatus) }),
    commandBegins.extend({
      type: z.literal('shipment-confirmation'),
      orderId: z.string(),
      trackingNumber: z.string(),
      packageId: z.string().nullable(),
      code: z.string().nullable(),
      message: z.string().nullable(),
    }),
  ])
  .describe('A command and what has become of it.');

export type CommandStatus = z.infer<typeof commandStatus>;

/** RFC 9457. `code` is stable, `detail` is for people, `places` names what is wrong in the body. */
export const problem = z
  .object({
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    places: z.array(z.string()).optional(),
  })
  .describe('RFC 9457: why the request was refused. Nothing was accepted.');

export type Problem = z.infer<typeof problem>;
