import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** A delivery that was not let in. Nothing of its content is told, only its hash. */
export const webhookRefused = defineEvent(
  'webhook.refused',
  z.object({
    marketplace: z.string(),
    /** the HTTP status it was answered with */
    status: z.int(),
    reason: z.string(),
    bodyBytes: z.int().min(0),
    bodySha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  { marketplace: 'shopee', status: 401, reason: 'signature-mismatch', bodyBytes: 120, bodySha256: '0'.repeat(64) },
);
