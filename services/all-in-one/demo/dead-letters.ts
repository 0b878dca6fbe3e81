import { deadLetterQueue, QUEUES } from '#events/routes.ts';
import type { Queues } from '#platform/engines/engine.ts';
import { sumOf } from './result.ts';

/** How many messages are in all dead-letter queues. */
export async function deadLettersIn(queues: Pick<Queues, 'depth'>): Promise<number> {
  const depths = await Promise.all(QUEUES.map((queue) => queues.depth(deadLetterQueue(queue))));
  return sumOf(depths, ({ visible, inFlight, delayed }) => visible + inFlight + delayed);
}
