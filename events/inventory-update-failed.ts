import { z } from 'zod';
import { answered, exampleAnswered, exampleStockWish, lineAnswer } from './command.ts';
import { defineEvent } from './envelope.ts';

/** At least one line of an update failed; what the others came to is told beside it. */
export const inventoryUpdateFailed = defineEvent(
  'inventory-update.failed',
  answered.extend({ lines: z.array(lineAnswer) }),
  {
    ...exampleAnswered,
    lines: [
      { ...exampleStockWish, outcome: 'applied', code: null, message: null },
      {
        ...exampleStockWish,
        reference: { offerId: '1' },
        outcome: 'failed',
        code: 'ebay-25713',
        message: 'eBay refused the quantity: ebay-25713',
      },
    ],
  },
);
