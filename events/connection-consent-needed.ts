import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** The seller's grant is dead: nothing more is read or written for this connection until the seller consents again. */
export const connectionConsentNeeded = defineEvent(
  'connection.consent-needed',
  z.object({ connectionId: z.string(), marketplace: z.string(), reason: z.string() }),
  { connectionId: 'shopee-1', marketplace: 'shopee', reason: 'grant-dead' },
);
