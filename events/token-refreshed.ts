import { z } from 'zod';
import { defineEvent, instant } from './envelope.ts';

/** A connection has a new access token. Its id is the fence of the lease that got it; no token is told. */
export const tokenRefreshed = defineEvent(
  'token.refreshed',
  z.object({
    connectionId: z.string(),
    marketplace: z.string(),
    accessTokenExpiresAt: instant,
    /** did the marketplace give a new refresh token too? */
    rotated: z.boolean(),
  }),
  {
    connectionId: 'shopee-1',
    marketplace: 'shopee',
    accessTokenExpiresAt: '2026-11-24T10:00:00.000Z',
    rotated: true,
  },
);
