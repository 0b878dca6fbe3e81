import { z } from 'zod';
import { defineEvent, instant } from './envelope.ts';

/** The wish to read one page of a connection's orders updated in a window. */
export const orderSyncRequested = defineEvent(
  'order-sync.requested',
  z.object({
    connectionId: z.string(),
    reason: z.enum(['poll', 'backfill']),
    /** both ends belong to the window */
    windowFrom: instant,
    windowTo: instant,
    /** null for the first page */
    pageToken: z.string().nullable(),
    /** 1 for the first page */
    pageNumber: z.int().min(1),
  }),
  {
    connectionId: 'amazon-1',
    reason: 'poll',
    windowFrom: '2026-11-24T05:40:00.000Z',
    windowTo: '2026-11-24T05:58:00.000Z',
    pageToken: null,
    pageNumber: 1,
  },
);
