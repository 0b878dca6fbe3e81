import { z } from 'zod';
import { defineEvent, instant } from './envelope.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One outgoing call to a marketplace and what came of it. Its path has no query, so no id of a person and no token. */
export const apiCallRecorded = defineEvent(
  'api-call.recorded',
  z.object({
    marketplace: z.string(),
    connectionId: z.string(),
    operation: z.string(),
    method: z.string(),
    path: z.string(),
    /** null: there was no answer */
    status: z.int().nullable(),
    /** `ok`, or the code of the failure */
    outcome: z.string(),
    requestId: z.string().nullable(),
    startedAt: instant,
    durationMs: z.number().min(0),
    /** when the budgets had a place for it */
    slotAt: instant,
    /** the buckets it had a place in */
    budgets: z.array(z.string()).optional(),
    /** which attempt of its message it belongs to, 1 upwards */
    attempt: z.int().min(1).optional(),
    orderIds: z.array(z.string()),
    requestBytes: z.int().min(0),
    responseBytes: z.int().min(0),
    requestSha256: sha256,
    responseSha256: sha256.nullable(),
  }),
  {
    marketplace: 'amazon',
    connectionId: 'amazon-1',
    operation: 'getOrder',
    method: 'GET',
    path: '/orders/2026-01-01/orders/026-1234567-1234567',
    status: 200,
    outcome: 'ok',
    requestId: 'a1b2c3',
    startedAt: '2026-11-24T06:00:00.000Z',
    durationMs: 118,
    slotAt: '2026-11-24T06:00:00.000Z',
    budgets: ['amazon/getOrder/amazon-1'],
    attempt: 1,
    orderIds: ['026-1234567-1234567'],
    requestBytes: 0,
    responseBytes: 2048,
    requestSha256: '0'.repeat(64),
    responseSha256: '0'.repeat(64),
  },
);
