import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** Somebody who may ask it asks that a buyer's personal data be erased. It holds none: accounts stand in it as keyed hashes. */
export const buyerErasureRequested = defineEvent(
  'buyer-erasure.requested',
  z.object({
    marketplace: z.string(),
    /** null: at every connection of the marketplace */
    connectionId: z.string().nullable(),
    /** the marketplace's topic */
    reason: z.string(),
    accountFingerprints: z.array(z.string()),
    orderIds: z.array(z.string()),
    /** all buyers of the connection */
    ofSeller: z.boolean(),
  }),
  {
    marketplace: 'ebay',
    connectionId: null,
    reason: 'MARKETPLACE_ACCOUNT_DELETION',
    accountFingerprints: ['1.q0x5TjJ2H1mTzJYb4nOq0m0JxJxkqk0aV0Hq4w3o1yM'],
    orderIds: [],
    ofSeller: false,
  },
);
