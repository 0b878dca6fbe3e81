import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** The wish to look whether a marketplace still sends a connection's webhooks, and to repair what is missing. */
export const webhookSubscriptionRequested = defineEvent(
  'webhook-subscription.requested',
  z.object({ connectionId: z.string(), reason: z.enum(['connected', 'due']) }),
  { connectionId: 'ebay-1', reason: 'due' },
);
