import { exampleAnswered, exampleStockWish, idempotencyKey, inventoryUpdateWish } from './command.ts';
import { defineEvent } from './envelope.ts';

/**
 * The seller's wish that stock be set. Of two updates of one listing the later one holds: by `time` where it came by
 * the queue, by the order of acceptance where it came over HTTP.
 */
export const inventoryUpdateRequested = defineEvent(
  'inventory-update.requested',
  inventoryUpdateWish.extend({ idempotencyKey }),
  { connectionId: 'ebay-1', lines: [exampleStockWish], idempotencyKey: exampleAnswered.idempotencyKey },
);
