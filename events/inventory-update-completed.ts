import { z } from 'zod';
import { answered, exampleAnswered, exampleStockWish, lineAnswer } from './command.ts';
import { defineEvent } from './envelope.ts';

/** Every line of an update is in force, or a newer update has taken its place. */
export const inventoryUpdateCompleted = defineEvent(
  'inventory-update.completed',
  answered.extend({ lines: z.array(lineAnswer) }),
  { ...exampleAnswered, lines: [{ ...exampleStockWish, outcome: 'applied', code: null, message: null }] },
);
