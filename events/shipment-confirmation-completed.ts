import { z } from 'zod';
import { answered, exampleAnswered } from './command.ts';
import { defineEvent } from './envelope.ts';

/** The marketplace has the shipment. `packageId`: its id of it, null where it gives none. */
export const shipmentConfirmationCompleted = defineEvent(
  'shipment-confirmation.completed',
  answered.extend({ orderId: z.string(), trackingNumber: z.string(), packageId: z.string().nullable() }),
  { ...exampleAnswered, orderId: '01-03955-36441', trackingNumber: 'RM123456789GB', packageId: 'RM123456789GB' },
);
