import { type QueueName, schedules } from '#events/routes.ts';
import { createEventFactory } from '#platform/runtime/publish.ts';
import type { World } from './deps.ts';

/**
 * Lets the ticks of a queue come, or of all; putting one again changes nothing. Whoever consumes a queue sees to it,
 * unless the rules were deployed with the queues.
 */
export async function startSchedules(world: World, queue?: QueueName): Promise<void> {
  const { engine, clock, random, schedulesAreDeployed = false } = world;
  if (schedulesAreDeployed) return;
  const newEvent = createEventFactory({ source: '/sluice/schedule', clock, random });
  for (const rule of schedules) {
    if (queue !== undefined && rule.queue !== queue) continue;
    const tick = newEvent('schedule.elapsed', { schedule: rule.name }, { id: `schedule-${rule.name}` });
    await engine.schedule.put({ ...rule, body: JSON.stringify(tick) });
  }
}
