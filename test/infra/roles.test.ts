import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deadLetterQueue, QUEUES } from '#events/routes.ts';
import { deployed } from '#infra/settings.ts';
import { type FunctionTopology, functions, isPrefix, sellerSystems, tables } from '#infra/topology.ts';
import { ACCOUNT, REGION, type Resource, STACK, synthesize } from './synthesized.ts';

const ENGINE = 'platform/engines/aws';
const { functions: stack } = synthesize();

type Thing = {
  kind: 'queue' | 'table' | 'secret' | 'values' | 'messages' | 'archive' | 'task' | 'nothing of its own';
  name: string;
  arn: string;
};
type Who = Pick<FunctionTopology, 'consumes' | 'sends'> & Partial<FunctionTopology>;

const at = (service: string, rest: string, account = ACCOUNT): string =>
  `arn:aws:${service}:${REGION}:${account}:${rest}`;
const secretNames = [...new Set(functions.flatMap(({ secrets }) => [...secrets.reads, ...secrets.creates]))].map(
  (name) => (isPrefix(name) ? `${name}ebay` : name),
);
const archive = `arn:aws:s3:::${STACK}-audit-${ACCOUNT}-${REGION}`;
const payloads = `arn:aws:s3:::${STACK}-payloads-${ACCOUNT}-${REGION}`;

/** One of each thing that there is, and what a role must have nothing to do with. */
const THINGS: readonly Thing[] = [
  ...[...QUEUES, ...QUEUES.map(deadLetterQueue)].map((name) => ({
    ...{ kind: 'queue' as const, name, arn: at('sqs', `${STACK}-${name}`) },
  })),
  ...tables.flatMap((name) => [
    { kind: 'table' as const, name, arn: at('dynamodb', `table/${STACK}-${name}`) },
    { kind: 'values' as const, name, arn: `${payloads}/values/${name}/1f` },
  ]),
  ...secretNames.flatMap((name) => {
    const arn = at('secretsmanager', `secret:${name.replace('sluice/', `${STACK}/`)}`);
    return [
      { kind: 'secret' as const, name, arn },
      { kind: 'secret' as const, name, arn: `${arn}-x1Y2z3` },
    ];
  }),
  { kind: 'messages', name: '', arn: `${payloads}/messages/1f` },
  { kind: 'archive', name: '', arn: `${archive}/audit/checkpoint` },
  { kind: 'task', name: '', arn: at('ecs', `task/${STACK}/1f`) },
  ...[
    payloads,
    `${payloads}/other/1f`,
    `${payloads}/values/none/1f`,
    archive,
    at('sqs', 'other-sync'),
    at('sqs', `${STACK}-sync`, '444455556666'),
    at('dynamodb', 'table/other-orders'),
    at('dynamodb', `table/${STACK}-orders/index/any`),
    at('dynamodb', `table/${STACK}-orders/stream/any`),
    at('secretsmanager', 'secret:other/data-key-x1Y2z3'),
    at('secretsmanager', `secret:${STACK}/unknown-x1Y2z3`),
    at('ecs', 'task/other/1f'),
    at('events', `rule/${STACK}-order-polls`),
    `arn:aws:iam::${ACCOUNT}:role/any`,
  ].map((arn) => ({ kind: 'nothing of its own' as const, name: '', arn })),
];

const isOf = (names: readonly string[] | undefined, name: string): boolean =>
  (names ?? []).some((each) => each === name || (isPrefix(each) && name.startsWith(each)));
const sendsTo = ({ sends, consumes }: Who, name: string): boolean =>
  isOf([...sends, ...consumes, ...consumes.map(deadLetterQueue)], name);
const touches = ({ reads, writes }: Who, name: string): boolean => isOf(reads, name) || isOf(writes, name);
const creates = ({ secrets }: Who, name: string): boolean => isOf(secrets?.creates, name);

/** What the engine calls (platform/engines/aws/), and on what: whoever may do more is found, and whoever may do less. */
const NEEDED: Record<string, (who: Who, thing: Thing) => boolean> = {
  'sqs:SendMessage': (who, { kind, name }) => kind === 'queue' && sendsTo(who, name),
  'sqs:ReceiveMessage': ({ consumes }, { kind, name }) => kind === 'queue' && isOf(consumes, name),
  'sqs:DeleteMessage': ({ consumes }, { kind, name }) => kind === 'queue' && isOf(consumes, name),
  'sqs:ChangeMessageVisibility': ({ consumes }, { kind, name }) => kind === 'queue' && isOf(consumes, name),
  'sqs:GetQueueUrl': (who, { kind, name }) => kind === 'queue' && sendsTo(who, name),
  'sqs:GetQueueAttributes': (who, { kind, name }) => kind === 'queue' && sendsTo(who, name),
  'dynamodb:GetItem': (who, { kind, name }) => kind === 'table' && touches(who, name),
  'dynamodb:BatchGetItem': (who, { kind, name }) => kind === 'table' && touches(who, name),
  'dynamodb:DescribeTable': (who, { kind, name }) => kind === 'table' && touches(who, name),
  'dynamodb:Query': ({ reads }, { kind, name }) => kind === 'table' && isOf(reads, name),
  ...Object.fromEntries(
    ['PutItem', 'UpdateItem', 'DeleteItem', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'].map((action) => [
      `dynamodb:${action}`,
      ({ writes }: Who, { kind, name }: Thing) => kind === 'table' && isOf(writes, name),
    ]),
  ),
  'secretsmanager:GetSecretValue': (who, { kind, name }) =>
    kind === 'secret' && (isOf(who.secrets?.reads, name) || creates(who, name)),
  'secretsmanager:CreateSecret': (who, { kind, name }) => kind === 'secret' && creates(who, name),
  'secretsmanager:PutSecretValue': (who, { kind, name }) => kind === 'secret' && creates(who, name),
  's3:PutObject': (who, { kind, name }) =>
    kind === 'messages' ||
    (kind === 'values' && isOf(who.writes, name)) ||
    (kind === 'archive' && who.archives === true),
  's3:GetObject': (who, { kind, name }) =>
    (kind === 'messages' && who.consumes.length > 0) || (kind === 'values' && touches(who, name)),
  // While messages are in flight, to be kept when ECS takes tasks away.
  'ecs:GetTaskProtection': ({ name, consumes }, { kind }) =>
    kind === 'task' && name !== undefined && consumes.length > 0,
  'ecs:UpdateTaskProtection': ({ name, consumes }, { kind }) =>
    kind === 'task' && name !== undefined && consumes.length > 0,
};

type Statement = { Effect: string; Action: string | string[]; Resource: string | string[]; Condition?: unknown };

/** All statements of a role: its own, and those of policies that name it. */
function statementsOf(role: Resource): Statement[] {
  assert.deepEqual(role.Properties.ManagedPolicyArns ?? [], []);
  const attached = [...stack.ofType('AWS::IAM::Policy'), ...stack.ofType('AWS::IAM::ManagedPolicy')].filter(
    ({ Properties }) => (Properties.Roles ?? []).some(({ Ref }: { Ref: string }) => Ref === role.id),
  );
  const documents = [...(role.Properties.Policies ?? []), ...attached.map(({ Properties }) => Properties)];
  return documents.flatMap(({ PolicyDocument }) => PolicyDocument.Statement as Statement[]);
}

const list = (value: string | string[]): string[] => [value].flat();

function matches(pattern: string, text: string): boolean {
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`).test(text);
}

const allows = (statements: readonly Statement[], action: string, arn: string): boolean =>
  statements.some(
    ({ Action, Resource }) =>
      list(Action).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      list(Resource).some((pattern) => matches(pattern, arn)),
  );

function requireExactly(who: Who, statements: readonly Statement[]): void {
  assert.ok(statements.every(({ Effect }) => Effect === 'Allow'));
  const named = statements.flatMap(({ Action }) => list(Action));
  assert.deepEqual(
    named.filter((action) => !(action in NEEDED)),
    [],
    'it may do what no engine does',
  );
  for (const [action, isNeeded] of Object.entries(NEEDED)) {
    for (const thing of THINGS) {
      const [allowed, needed] = [allows(statements, action, thing.arn), isNeeded(who, thing)];
      assert.equal(allowed, needed, `${action} on ${thing.arn} is ${needed ? 'missing' : 'too much'}`);
    }
  }
}

for (const topology of deployed) {
  test(`the role of ${topology.name} lets it do what the topology says, and nothing else`, () => {
    const task = stack
      .ofType('AWS::ECS::TaskDefinition')
      .find(({ Properties }) => Properties.Family === `${STACK}-${topology.name}`);
    const role = stack.resources.find(({ id }) => id === task!.Properties.TaskRoleArn.Ref)!;
    requireExactly(topology, statementsOf(role));
  });
}

test('the seller’s own systems may take events and send commands, and nothing else', () => {
  const [policy, ...more] = stack.ofType('AWS::IAM::ManagedPolicy');
  assert.deepEqual(more, []);
  requireExactly(sellerSystems, policy!.Properties.PolicyDocument.Statement);
});

/** Calls that IAM knows by another name, and those that no function makes: rules are deployed with the queues. */
const ACTIONS_OF: Record<string, readonly string[]> = {
  BatchExecuteStatement: ['PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'],
  TransactWriteItems: ['PutItem', 'UpdateItem', 'DeleteItem'],
  ...{ PutRule: [], PutTargets: [], DeleteRule: [], RemoveTargets: [] },
};

test('every call that the engine makes is one that the roles know: emulators let everybody do everything', () => {
  const sources = readdirSync(ENGINE).map((file) => readFileSync(`${ENGINE}/${file}`, 'utf8'));
  const calls = new Set(
    sources.flatMap((text) => [...text.matchAll(/\bnew (\w+)Command\(/g)]).map((match) => match[1]!),
  );
  assert.ok(calls.size > 10);
  const known = new Set(Object.keys(NEEDED).map((action) => action.split(':')[1]!));
  for (const call of calls) {
    const actions = ACTIONS_OF[call] ?? [call.replace(/Batch$/, '')];
    const unknown = actions.filter((action) => !known.has(action));
    assert.deepEqual(unknown, [], `${call} needs a permission`);
  }
});

test('what starts the containers may pull their images and write their logs, and nothing else', () => {
  for (const { Properties } of stack.ofType('AWS::ECS::TaskDefinition')) {
    const role = stack.resources.find(({ id }) => id === Properties.ExecutionRoleArn.Ref)!;
    const [container] = Properties.ContainerDefinitions;
    const may = statementsOf(role).flatMap(({ Action, Resource }) =>
      list(Action).map((action) => `${action} ${JSON.stringify(Resource)}`),
    );
    const images = JSON.stringify(at('ecr', `repository/${STACK}/${container.Name}`));
    const logs = JSON.stringify(container.LogConfiguration.Options['awslogs-group']);
    assert.deepEqual(may.sort(), [
      `ecr:BatchCheckLayerAvailability ${images}`,
      `ecr:BatchGetImage ${images}`,
      'ecr:GetAuthorizationToken "*"',
      `ecr:GetDownloadUrlForLayer ${images}`,
      `logs:CreateLogStream ${logs}`,
      `logs:PutLogEvents ${logs}`,
    ]);
  }
});

test('no role is taken on by another account', () => {
  for (const role of stack.ofType('AWS::IAM::Role')) {
    const [statement, ...more] = role.Properties.AssumeRolePolicyDocument.Statement;
    assert.deepEqual(more, []);
    assert.match(statement.Principal.Service, /^(ecs-tasks|vpc-flow-logs)\.amazonaws\.com$/);
  }
});
