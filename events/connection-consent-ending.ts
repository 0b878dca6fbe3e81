import { z } from 'zod';
import { defineEvent, instant } from './envelope.ts';

/** A seller's consent, or a secret of the app itself, is about to end: told 30, 7 and 1 day ahead, each once. */
export const connectionConsentEnding = defineEvent(
  'connection.consent-ending',
  z.object({
    marketplace: z.string(),
    /** null where it is a secret of the app that ends, for all connections at once */
    connectionId: z.string().nullable(),
    /** which secret of the registration; null where it is a consent */
    secret: z.string().nullable(),
    endsAt: instant,
    /** whole days left, rounded up */
    daysLeft: z.int().min(0),
  }),
  {
    marketplace: 'amazon',
    connectionId: 'amazon-1',
    secret: null,
    endsAt: '2026-12-24T06:00:00.000Z',
    daysLeft: 30,
  },
);
