import { z } from 'zod';
import { defineEvent, instant } from './envelope.ts';

/** A verified delivery, as a hint which orders to read. Its id is made from the marketplace's own deduplication key. */
export const webhookReceived = defineEvent(
  'webhook.received',
  z.object({
    marketplace: z.string(),
    /** null for a notice to the app as a whole */
    connectionId: z.string().nullable(),
    topic: z.string(),
    orderIds: z.array(z.string()),
    /** the marketplace's time of what happened, if it says one */
    occurredAt: instant.nullable(),
    receivedAt: instant,
    bodyBytes: z.int().min(0),
    /** null where the body is about a person */
    bodySha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable(),
  }),
  {
    marketplace: 'ebay',
    connectionId: 'ebay-1',
    topic: 'ORDER_CONFIRMATION',
    orderIds: ['01-03955-36441'],
    occurredAt: '2026-11-24T05:59:59.120Z',
    receivedAt: '2026-11-24T06:00:00.000Z',
    bodyBytes: 512,
    bodySha256: '0'.repeat(64),
  },
);
