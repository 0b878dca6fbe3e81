import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** A seller's grant is in place: a new connection, or a new consent for one that exists. */
export const connectionConnected = defineEvent(
  'connection.connected',
  z.object({ marketplace: z.string(), connectionId: z.string(), sellerId: z.string() }),
  { marketplace: 'ebay', connectionId: 'ebay-1', sellerId: 'sandboxuser0001' },
);
