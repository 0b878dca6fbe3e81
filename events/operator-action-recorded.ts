import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** Somebody changed something by hand, with the command `sluice`. */
export const operatorActionRecorded = defineEvent(
  'operator-action.recorded',
  z.object({
    /** the command and its subcommand: `dead-letters redrive` */
    action: z.string(),
    /** what it was done to: ids only */
    target: z.string(),
    /** the name of the operating system's user who did it */
    operator: z.string(),
  }),
  { action: 'dead-letters redrive', target: 'sync/4711', operator: 'anna' },
);
