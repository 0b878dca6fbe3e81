import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { deployTemplate } from '#infra/deploy-template.ts';
import { virtualClock } from '#platform/runtime/clock.ts';

type Answers = Record<string, object | Error | (object | Error)[]>;

/** Deploys to a CloudFormation that gives these answers, by the name of the command; of several, one after the other. */
async function deploy(answers: Answers) {
  const asked: string[] = [];
  const cloudFormation = {
    async send(command: object) {
      const name = command.constructor.name.replace(/Command$/, '');
      asked.push(name);
      const answer = answers[name] ?? {};
      const next = Array.isArray(answer) ? (answer.length > 1 ? answer.shift()! : answer[0]!) : answer;
      if (next instanceof Error) throw next;
      return next;
    },
  } as unknown as CloudFormationClient;
  const clock = virtualClock(0);
  const deployed = deployTemplate(
    { cloudFormation, clock, tell: () => {} },
    { stackName: 'acme-state', template: { Resources: {} } },
  ).then(
    (outcome) => ({ outcome }),
    ({ message }: Error) => ({ message }),
  );
  await clock.run();
  return { ...(await deployed), asked };
}

const stackIs = (StackStatus: string): object => ({ Stacks: [{ StackStatus }] });
const MISSING = new Error('Stack with id acme-state does not exist');
const READY = { Status: 'CREATE_COMPLETE' };

test('a stack that is not there is created, one that is there is updated', async () => {
  const created = await deploy({
    DescribeStacks: [MISSING, stackIs('CREATE_IN_PROGRESS'), stackIs('CREATE_COMPLETE')],
    DescribeChangeSet: [{ Status: 'CREATE_IN_PROGRESS' }, READY],
  });
  assert.deepEqual(created, {
    outcome: 'created',
    asked: [
      ...['DescribeStacks', 'CreateChangeSet', 'DescribeChangeSet', 'DescribeChangeSet', 'ExecuteChangeSet'],
      ...['DescribeStacks', 'DescribeStackResources', 'DescribeStacks', 'DescribeStackResources'],
    ],
  });
  const updated = await deploy({
    DescribeStacks: [stackIs('CREATE_COMPLETE'), stackIs('UPDATE_COMPLETE')],
    DescribeChangeSet: READY,
  });
  assert.equal('outcome' in updated && updated.outcome, 'updated');
});

test('a template without changes is a success, and leaves no change set behind', async () => {
  const reason =
    "The submitted information didn't contain changes. Submit different information to create a change set.";
  const { asked, ...ended } = await deploy({
    DescribeStacks: stackIs('CREATE_COMPLETE'),
    DescribeChangeSet: { Status: 'FAILED', StatusReason: reason },
  });
  assert.deepEqual(ended, { outcome: 'unchanged' });
  assert.equal(asked.at(-1), 'DeleteChangeSet');
});

test('what CloudFormation refuses or rolls back is an error with its reasons', async () => {
  const refused = await deploy({
    DescribeStacks: MISSING,
    DescribeChangeSet: { Status: 'FAILED', StatusReason: 'Unresolved resource dependencies' },
  });
  assert.match(
    'message' in refused ? refused.message : '',
    /template of acme-state: Unresolved resource dependencies$/,
  );
  const rolledBack = await deploy({
    DescribeStacks: [MISSING, stackIs('ROLLBACK_IN_PROGRESS'), stackIs('ROLLBACK_COMPLETE')],
    DescribeChangeSet: READY,
    DescribeStackEvents: {
      StackEvents: [
        { ResourceStatus: 'DELETE_COMPLETE', LogicalResourceId: 'queue' },
        { ResourceStatus: 'CREATE_FAILED', LogicalResourceId: 'bucket', ResourceStatusReason: 'acme-audit exists' },
      ],
    },
  });
  assert.equal(
    'message' in rolledBack ? rolledBack.message : '',
    'the stack acme-state is ROLLBACK_COMPLETE: bucket acme-audit exists',
  );
  const again = await deploy({ DescribeStacks: stackIs('ROLLBACK_COMPLETE') });
  assert.match('message' in again ? again.message : '', /acme-state failed to be created: delete it/);
});
