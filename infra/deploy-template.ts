import {
  type CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { Clock } from '#platform/runtime/clock.ts';

/** The change set of a deployment; one that another left behind is replaced. */
const CHANGE_SET = 'deploy';
/** how often CloudFormation is asked how far it is, ms */
const LOOK_EVERY_MS = 1_000;
/** how long a deployment may take, ms: tables are there in half a minute, even on AWS */
const MAX_MS = 600_000;
/** What CloudFormation, and emulators of it, say of a change set without changes. */
const NO_CHANGES = /didn't contain changes|no updates are to be performed/i;

type Deps = { cloudFormation: Pick<CloudFormationClient, 'send'>; clock: Clock; tell(line: string): void };

/**
 * Brings a stack to a template by a change set, and waits until that is done.
 * @returns `unchanged` where the stack is as the template says already
 * @throws an Error that names the stack and what CloudFormation says of it
 */
export async function deployTemplate(
  deps: Deps,
  { stackName, template }: { stackName: string; template: { Resources: object } },
): Promise<'created' | 'updated' | 'unchanged'> {
  const { cloudFormation } = deps;
  const before = await findStack(deps, stackName);
  const isNew = before === undefined || before.StackStatus === 'REVIEW_IN_PROGRESS';
  if (before?.StackStatus === 'ROLLBACK_COMPLETE') {
    throw new Error(`the stack ${stackName} failed to be created: delete it, then deploy it again`);
  }
  const changeSet = { StackName: stackName, ChangeSetName: CHANGE_SET };
  if (before) await cloudFormation.send(new DeleteChangeSetCommand(changeSet)).catch(() => {}); // there need be none
  await cloudFormation.send(
    new CreateChangeSetCommand({
      ...changeSet,
      ChangeSetType: isNew ? 'CREATE' : 'UPDATE',
      TemplateBody: JSON.stringify(template),
    }),
  );
  const { Status, StatusReason = '' } = await until(deps, async () => {
    const described = await cloudFormation.send(new DescribeChangeSetCommand(changeSet));
    return /COMPLETE$|FAILED$/.test(described.Status ?? '') ? described : undefined;
  });
  if (Status === 'FAILED') {
    await cloudFormation.send(new DeleteChangeSetCommand(changeSet));
    if (NO_CHANGES.test(StatusReason)) return 'unchanged';
    throw new Error(`CloudFormation does not take the template of ${stackName}: ${StatusReason}`);
  }
  await cloudFormation.send(new ExecuteChangeSetCommand(changeSet));
  await untilDone(deps, stackName, Object.keys(template.Resources).length);
  return isNew ? 'created' : 'updated';
}

async function findStack({ cloudFormation }: Deps, StackName: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0];
  } catch (thrown) {
    if (thrown instanceof Error && /does not exist/.test(thrown.message)) return undefined;
    throw thrown;
  }
}

/** Tells how many resources are there, whenever that has changed. */
async function untilDone(deps: Deps, stackName: string, count: number): Promise<void> {
  const { cloudFormation, tell } = deps;
  let told = 0;
  await until(deps, async () => {
    const stack = await findStack(deps, stackName);
    const { StackResources = [] } = await cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: stackName }),
    );
    const done = StackResources.filter(({ ResourceStatus }) => /_COMPLETE$/.test(ResourceStatus ?? '')).length;
    if (done !== told) tell(`${stackName}: ${done} of ${count} resources`);
    told = done;
    const status = stack?.StackStatus ?? '';
    if (/IN_PROGRESS$/.test(status)) return undefined;
    if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE') return status;
    throw new Error(`the stack ${stackName} is ${status}: ${await reasons(deps, stackName)}`);
  });
}

/** What failed, the first one first. */
async function reasons({ cloudFormation }: Deps, StackName: string): Promise<string> {
  const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
  const failed = StackEvents.filter(({ ResourceStatus }) => /FAILED$/.test(ResourceStatus ?? '')).reverse();
  const lines = failed.map(
    ({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId} ${ResourceStatusReason}`,
  );
  return lines.slice(0, 3).join('; ') || 'CloudFormation gives no reason';
}

async function until<Result>({ clock }: Deps, look: () => Promise<Result | undefined>): Promise<Result> {
  const endsAt = clock.now() + MAX_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (clock.now() > endsAt) throw new Error(`CloudFormation is not done after ${MAX_MS / 60_000} minutes`);
    await clock.sleep(LOOK_EVERY_MS);
  }
}
