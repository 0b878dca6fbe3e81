import { z } from 'zod';
import { answered, exampleAnswered } from './command.ts';
import { defineEvent } from './envelope.ts';

/** The marketplace refused the shipment, or could not be told of it. */
export const shipmentConfirmationFailed = defineEvent(
  'shipment-confirmation.failed',
  answered.extend({ orderId: z.string(), trackingNumber: z.string(), code: z.string(), message: z.string() }),
  {
    ...exampleAnswered,
    orderId: '01-03955-36441',
    trackingNumber: 'RM123456789GB',
    code: 'nothing-to-ship',
    message: 'no unit of the order is open',
  },
);
