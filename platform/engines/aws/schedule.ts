import {
  DeleteRuleCommand,
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import type { Schedule } from '#platform/engines/engine.ts';
import { asking } from './failures.ts';
import { ruleName } from './names.ts';

/** EventBridge counts in minutes, ms. */
const MINUTE_MS = 60_000;
/** the name of a rule's one target */
const TARGET = 'queue';

/**
 * The port over EventBridge's rules. The deployed stack puts its own, so that no function needs the right to; this is for
 * whoever deploys by other means. The queue's policy must let events.amazonaws.com send.
 */
export function openSchedule(
  { events, queueArn }: { events: Pick<EventBridgeClient, 'send'>; queueArn(queue: string): Promise<string> },
  { stack }: { stack: string },
): Schedule {
  const asked = (action: string, name: string) => ({ action: `events:${action}`, of: `the rule ${name}` });

  return {
    async put({ name, everyMs, queue, body }) {
      const Name = ruleName(stack, name);
      const ScheduleExpression = rate(name, everyMs);
      const Arn = await queueArn(queue);
      await asking(asked('PutRule', Name), () =>
        events.send(new PutRuleCommand({ Name, ScheduleExpression, State: 'ENABLED' })),
      );
      // A target of the same id is replaced.
      await asking(asked('PutTargets', Name), () =>
        events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: TARGET, Arn, Input: body }] })),
      );
    },

    async remove(name) {
      const Name = ruleName(stack, name);
      try {
        await events.send(new RemoveTargetsCommand({ Rule: Name, Ids: [TARGET] }));
        await events.send(new DeleteRuleCommand({ Name }));
      } catch (thrown) {
        if (thrown instanceof Error && thrown.name === 'ResourceNotFoundException') return;
        await asking(asked('DeleteRule', Name), () => Promise.reject(thrown));
      }
    },
  };
}

function rate(name: string, everyMs: number): string {
  const minutes = everyMs / MINUTE_MS;
  if (!Number.isInteger(minutes) || minutes < 1) {
    throw new RangeError(`everyMs of rule ${name} is ${everyMs}: EventBridge counts in whole minutes`);
  }
  return `rate(${minutes} minute${minutes === 1 ? '' : 's'})`;
}
