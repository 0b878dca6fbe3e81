import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** A marketplace had dropped, or never had, what makes it send webhooks: it is set up again. */
export const webhookSubscriptionRepaired = defineEvent(
  'webhook-subscription.repaired',
  z.object({
    marketplace: z.string(),
    connectionId: z.string(),
    /** how many subscriptions and endpoints were repaired */
    repaired: z.int().min(1),
  }),
  { marketplace: 'ebay', connectionId: 'ebay-1', repaired: 2 },
);
