import { createEventFactory, createPublisher } from '#platform/runtime/publish.ts';
import type { CommandDeps } from './command.ts';

/** Records in the audit log what somebody did by hand, an entry for each thing it was done to (ids only). */
export async function recordActions(deps: CommandDeps, action: string, targets: readonly string[]): Promise<void> {
  const { engine, clock, random } = await deps.open();
  const newEvent = createEventFactory({ source: '/sluice/cli', clock, random });
  const publisher = createPublisher({ queues: engine.queues, clock });
  await Promise.all(
    targets.map((target) =>
      publisher.publish(newEvent('operator-action.recorded', { action, target, operator: deps.operator })),
    ),
  );
}
