import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** The wish to read a marketplace's own list of the webhooks that it could not deliver. */
export const missedWebhooksRequested = defineEvent(
  'missed-webhooks.requested',
  z.object({ connectionId: z.string() }),
  { connectionId: 'shopee-1' },
);
