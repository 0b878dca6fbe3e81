import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteRuleCommand,
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { openSchedule } from '#platform/engines/aws/schedule.ts';

function world(refuses?: Error) {
  const asked: unknown[] = [];
  const client = {
    async send(command: unknown) {
      asked.push(command);
      if (refuses) throw refuses;
      return {};
    },
  } as unknown as EventBridgeClient;
  const queueArn = async (queue: string): Promise<string> => `arn:aws:sqs:eu-central-1:000000000000:acme-${queue}`;
  return { schedule: openSchedule({ events: client, queueArn }, { stack: 'acme' }), asked };
}

test('a rule goes by whole minutes, into the queue, with its body as it is', async () => {
  const { schedule, asked } = world();
  await schedule.put({ name: 'order-polls', everyMs: 60_000, queue: 'sync', body: '{"tick":1}' });
  await schedule.put({ name: 'rounds', everyMs: 300_000, queue: 'sync', body: '{}' });
  const [minute, target, five] = asked as [PutRuleCommand, PutTargetsCommand, PutRuleCommand];
  assert.ok(minute instanceof PutRuleCommand && target instanceof PutTargetsCommand);
  assert.deepEqual(minute.input, { Name: 'acme-order-polls', ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
  assert.deepEqual(target.input.Targets, [
    { Id: 'queue', Arn: 'arn:aws:sqs:eu-central-1:000000000000:acme-sync', Input: '{"tick":1}' },
  ]);
  assert.equal(five.input.ScheduleExpression, 'rate(5 minutes)');
});

test('an interval that EventBridge can’t count is refused', async () => {
  for (const everyMs of [1_000, 90_000, 0]) {
    const { schedule, asked } = world();
    await assert.rejects(schedule.put({ name: 'r', everyMs, queue: 'sync', body: '{}' }), RangeError);
    assert.equal(asked.length, 0);
  }
});

test('to remove a rule that is not there is no error, and one that can’t be removed is', async () => {
  const refusal = (name: string) => Object.assign(new Error('no'), { name, $fault: 'client', $metadata: {} });
  await world(refusal('ResourceNotFoundException')).schedule.remove('never there');
  await assert.rejects(world(refusal('AccessDeniedException')).schedule.remove('r'), { code: 'engine-denied' });
  const { schedule, asked } = world();
  await schedule.remove('r');
  assert.ok(asked.at(-1) instanceof DeleteRuleCommand);
});
