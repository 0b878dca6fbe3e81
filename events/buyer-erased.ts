import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** A buyer's personal data of one order is gone for good. What stood for it in the audit log now stands for nothing. */
export const buyerErased = defineEvent(
  'buyer.erased',
  z.object({ marketplace: z.string(), connectionId: z.string(), orderId: z.string(), reason: z.string() }),
  { marketplace: 'ebay', connectionId: 'ebay-1', orderId: '01-03955-36441', reason: 'operator' },
);
