import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/**
 * A buyer wants to know what the seller holds of them. The seller answers it, within the time that the law gives; whose data
 * it is about is shown by the marketplace, under its own id of the request, and by the orders.
 */
export const buyerDataRequested = defineEvent(
  'buyer-data.requested',
  z.object({
    marketplace: z.string(),
    connectionId: z.string(),
    /** the marketplace's topic */
    reason: z.string(),
    /** the marketplace's id of the request, if it has one */
    requestId: z.string().nullable(),
    orderIds: z.array(z.string()),
  }),
  {
    marketplace: 'shopify',
    connectionId: 'shopify-1',
    reason: 'customers/data_request',
    requestId: '9999',
    orderIds: ['299938', '280263'],
  },
);
