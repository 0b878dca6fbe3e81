import { z } from 'zod';
import { defineEvent } from './envelope.ts';

/** A schedule's tick. It asks whoever consumes it to look what is due. */
export const scheduleElapsed = defineEvent('schedule.elapsed', z.object({ schedule: z.string() }), {
  schedule: 'order-polls',
});
