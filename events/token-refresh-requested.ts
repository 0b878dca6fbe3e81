import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** The wish for a new access token, because one is due or because the marketplace refused the one in use. */
export const tokenRefreshRequested = defineEvent(
  'token-refresh.requested',
  z.object({
    connectionId: z.string(),
    reason: z.enum(['due', 'rejected']),
    /** the credentials that the asker saw: a newer one has answered the wish already */
    credentialsVersion: z.int().min(1),
  }),
  { connectionId: 'shopee-1', reason: 'rejected', credentialsVersion: 7 },
);
