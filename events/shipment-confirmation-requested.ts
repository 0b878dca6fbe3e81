import { exampleAnswered, idempotencyKey, shipmentConfirmationWish } from './command.ts';
import { defineEvent } from './envelope.ts';

/** The seller's wish that a shipment be confirmed at the marketplace. */
export const shipmentConfirmationRequested = defineEvent(
  'shipment-confirmation.requested',
  shipmentConfirmationWish.extend({ idempotencyKey }),
  {
    connectionId: 'ebay-1',
    orderId: '01-03955-36441',
    lines: [{ lineId: '100', quantity: 6 }],
    carrier: { code: null, name: 'Royal Mail' },
    trackingNumber: 'RM123456789GB',
    shippedAt: '2026-11-24T05:30:00.000Z',
    idempotencyKey: exampleAnswered.idempotencyKey,
  },
);
