import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsSolutionsChecks } from 'cdk-nag';
import { parseEvent } from '#events/index.ts';
import { deadLetterQueue, QUEUES, schedules } from '#events/routes.ts';
import { deployed, readSettings } from '#infra/settings.ts';
import { buckets, tables } from '#infra/topology.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { ACCOUNT, digestOf, REGION, type Resource, STACK, synthesize } from './synthesized.ts';

/** the largest template that CloudFormation takes as it is, without a bucket, bytes */
const MAX_TEMPLATE_BYTES = 51_200;
const DAY_SECONDS = 86_400;

const { app, state, functions } = synthesize();
const named = (resources: readonly Resource[], property: string): Map<string, Resource> =>
  new Map(resources.map((resource) => [String(resource.Properties[property]), resource]));
const containers = functions.ofType('AWS::ECS::TaskDefinition').map(({ Properties }) => {
  assert.equal(Properties.ContainerDefinitions.length, 1);
  return Properties.ContainerDefinitions[0];
});

test('cdk-nag finds nothing that is not explained where it is done', () => {
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  const found = violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(
      ({ constructPath, resourceLogicalId }) => `${ruleName} ${constructPath ?? resourceLogicalId}`,
    ),
  );
  assert.deepEqual(found, []);
});

test('the state fits into one call of CloudFormation, needs no bootstrapped account and makes no roles', () => {
  assert.ok(JSON.stringify(state.template).length < MAX_TEMPLATE_BYTES);
  assert.deepEqual(Object.keys(state.template), ['Description', 'Resources']);
  assert.deepEqual(
    state.resources.filter(({ Type }) => Type.startsWith('AWS::IAM')),
    [],
  );
});

test('every queue has a dead-letter queue that takes only its letters, keeps messages for 14 days, encrypted', () => {
  const queues = named(state.ofType('AWS::SQS::Queue'), 'QueueName');
  const names = [...QUEUES, ...QUEUES.map(deadLetterQueue)].map((name) => `${STACK}-${name}`);
  assert.deepEqual([...queues.keys()].sort(), names.sort());
  for (const { Properties, UpdateReplacePolicy } of queues.values()) {
    assert.equal(Properties.MessageRetentionPeriod, 14 * DAY_SECONDS);
    assert.equal(Properties.SqsManagedSseEnabled, true);
    assert.equal(UpdateReplacePolicy, 'Retain');
  }
  for (const queue of QUEUES) {
    const { Properties } = queues.get(`${STACK}-${queue}`)!;
    const letters = queues.get(`${STACK}-${deadLetterQueue(queue)}`)!;
    assert.equal(Properties.RedrivePolicy.deadLetterTargetArn.Ref, letters.id);
    assert.equal(Properties.RedrivePolicy.maxReceiveCount, 100);
    assert.equal(Properties.ReceiveMessageWaitTimeSeconds, 20);
    assert.equal(Properties.VisibilityTimeout, 60);
  }
});

test('only Amazon may send from another account, and only to its own queue', () => {
  const others = state
    .ofType('AWS::SQS::QueuePolicy')
    .flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Principal }: { Principal: { AWS?: string } }) =>
        /\d{12}/.test(JSON.stringify(Principal)),
      ).map((statement: object) => ({ ...statement, queues: Properties.Queues })),
    );
  assert.equal(others.length, 1);
  assert.equal(others[0].Principal.AWS, 'arn:aws:iam::437568002678:root');
  assert.ok(others[0].Action.includes('sqs:SendMessage'));
  assert.ok(!others[0].Action.includes('sqs:ReceiveMessage'));
  const queue = state.resources.find(({ id }) => id === others[0].queues[0].Ref);
  assert.equal(queue?.Properties.QueueName, `${STACK}-amazon-notifications`);
});

test('every table can be restored to any second, is not deleted by mistake, and is paid by use', () => {
  const found = named(state.ofType('AWS::DynamoDB::Table'), 'TableName');
  assert.deepEqual([...found.keys()].sort(), tables.map((name) => `${STACK}-${name}`).sort());
  for (const { Properties, UpdateReplacePolicy } of found.values()) {
    assert.equal(Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, true);
    assert.equal(Properties.DeletionProtectionEnabled, true);
    assert.equal(Properties.BillingMode, 'PAY_PER_REQUEST');
    assert.deepEqual(Properties.TimeToLiveSpecification, { AttributeName: 'ttl', Enabled: true });
    assert.deepEqual(
      Properties.KeySchema.map(({ AttributeName }: { AttributeName: string }) => AttributeName),
      ['partition', 'sort'],
    );
    assert.equal(UpdateReplacePolicy, 'Retain');
  }
});

test('buckets are closed; bodies of messages outlast the messages; what is in audit can’t be deleted before its time', () => {
  const found = named(state.ofType('AWS::S3::Bucket'), 'BucketName');
  const nameOf = (bucket: string): string => `${STACK}-${bucket}-${ACCOUNT}-${REGION}`;
  assert.deepEqual([...found.keys()].sort(), buckets.map(nameOf).sort());
  for (const { Properties, UpdateReplacePolicy } of found.values()) {
    assert.deepEqual(new Set(Object.values(Properties.PublicAccessBlockConfiguration)), new Set([true]));
    assert.ok(Properties.BucketEncryption);
    assert.equal(UpdateReplacePolicy, 'Retain');
  }
  const payloads = found.get(nameOf('payloads'))!.Properties;
  assert.deepEqual(payloads.LifecycleConfiguration.Rules, [
    { ExpirationInDays: 15, Prefix: 'messages/', Status: 'Enabled' },
  ]);
  const audit = found.get(nameOf('audit'))!.Properties;
  assert.equal(audit.ObjectLockEnabled, true);
  assert.deepEqual(audit.ObjectLockConfiguration.Rule.DefaultRetention, { Days: 548, Mode: 'GOVERNANCE' });
  assert.equal(audit.VersioningConfiguration.Status, 'Enabled');
  const entriesOf = (log: string) => ({
    ExpirationInDays: 555,
    NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    Prefix: `${log}/tile/entries/`,
    Status: 'Enabled',
  });
  assert.deepEqual(audit.LifecycleConfiguration.Rules, [
    { NoncurrentVersionExpiration: { NoncurrentDays: 548 }, Status: 'Enabled' },
    ...['audit', 'audit-2'].map(entriesOf),
  ]);
});

test('queues and buckets refuse what does not come over TLS', () => {
  for (const [type, policyType, property] of [
    ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'Queues'],
    ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'Bucket'],
  ] as const) {
    for (const { id } of state.ofType(type)) {
      const policy = state
        .ofType(policyType)
        .find(({ Properties }) => [Properties[property]].flat().some(({ Ref }: { Ref: string }) => Ref === id));
      const denied = policy?.Properties.PolicyDocument.Statement.find(
        ({ Effect, Condition }: { Effect: string; Condition: { Bool?: object } }) =>
          Effect === 'Deny' && JSON.stringify(Condition.Bool) === '{"aws:SecureTransport":"false"}',
      );
      assert.ok(denied, `${id} takes what does not come over TLS`);
    }
  }
});

test('each schedule is a rule that may, and does, send its tick to its queue', () => {
  const rules = named(state.ofType('AWS::Events::Rule'), 'Name');
  assert.deepEqual([...rules.keys()].sort(), schedules.map(({ name }) => `${STACK}-${name}`).sort());
  const perUnit: Record<string, number> = { minute: 60_000, hour: 3_600_000 };
  for (const { name, everyMs, queue } of schedules) {
    const { id, Properties } = rules.get(`${STACK}-${name}`)!;
    const [, count, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(Properties.ScheduleExpression)!;
    assert.equal(Number(count) * perUnit[unit!]!, everyMs);
    const [target, ...more] = Properties.Targets;
    assert.deepEqual(more, []);
    const event = parseEvent(target.Input);
    assert.deepEqual([event.type, event.data], ['schedule.elapsed', { schedule: name }]);
    const to = state.resources.find((resource) => resource.id === target.Arn.Ref)!;
    assert.equal(to.Properties.QueueName, `${STACK}-${queue}`);
    const policy = state.ofType('AWS::SQS::QueuePolicy').find(({ Properties }) => Properties.Queues[0].Ref === to.id)!;
    const allowed = policy.Properties.PolicyDocument.Statement.some(
      (statement: { Effect: string; Condition?: { ArnEquals?: { 'aws:SourceArn'?: { Ref: string } } } }) =>
        statement.Effect === 'Allow' && statement.Condition?.ArnEquals?.['aws:SourceArn']?.Ref === id,
    );
    assert.ok(allowed, `${name} may not send to ${queue}`);
  }
});

test('each function is one service with the image of its digest, that may write nowhere and has no privileges', () => {
  assert.deepEqual(containers.map(({ Name }) => Name).sort(), deployed.map(({ name }) => name).sort());
  for (const { Name, Image, User, ReadonlyRootFilesystem, LinuxParameters, Privileged, HealthCheck } of containers) {
    assert.ok(Image.endsWith(`/${STACK}/${Name}@${digestOf(Name)}`), Image);
    assert.equal(User, '65532');
    assert.equal(ReadonlyRootFilesystem, true);
    assert.deepEqual(LinuxParameters, { Capabilities: { Drop: ['ALL'] } });
    assert.equal(Privileged, undefined);
    assert.deepEqual(HealthCheck.Command, ['CMD', '/usr/local/bin/node', '/app/health.mjs']);
  }
  assert.ok(!JSON.stringify([state.template, functions.template]).includes(':latest'));
});

test('a container’s environment is settings that it can read, and no secret', () => {
  for (const { Name, Environment, Secrets } of containers) {
    assert.equal(Secrets, undefined);
    const environment = Object.fromEntries(
      Environment.map((entry: { Name: string; Value: string }) => [entry.Name, entry.Value]),
    );
    const { serves } = deployed.find(({ name }) => name === Name)!;
    assert.deepEqual(environment, {
      AWS_REGION: REGION,
      SLUICE_ENGINE: 'aws',
      SLUICE_STACK: STACK,
      SLUICE_HOST: '0.0.0.0',
      SLUICE_HEALTH_PORT: '4690',
      SLUICE_PUBLIC_URL: 'https://hooks.example.com',
      SLUICE_AUDIT_LOGS: 'audit,audit-2',
      SLUICE_AUDIT_RETENTION_DAYS: '548',
      SLUICE_BACKFILL_DAYS: '60',
      ...(serves && { [serves.setting]: String(serves.port) }),
    });
    readConfig(environment);
  }
});

test('a bad deployment rolls back by itself, and a service is scaled by the age of its queue’s oldest message', () => {
  const services = named(functions.ofType('AWS::ECS::Service'), 'ServiceName');
  for (const { name } of deployed) {
    const { DeploymentConfiguration, DesiredCount } = services.get(name)!.Properties;
    assert.deepEqual(DeploymentConfiguration.DeploymentCircuitBreaker, { Enable: true, Rollback: true });
    assert.equal(DesiredCount, undefined); // a deployment leaves the number of tasks as it is
  }
  const scaling = functions.ofType('AWS::CloudWatch::Alarm').filter(({ Properties }) => !Properties.AlarmName);
  assert.deepEqual(
    new Set(scaling.map(({ Properties }) => Properties.MetricName)),
    new Set(['ApproximateAgeOfOldestMessage']),
  );
  const scaledBy = new Set(scaling.map(({ Properties }) => Properties.Dimensions[0].Value));
  // One writer of the audit log is enough, and two are in each other's way.
  const consumed = deployed.flatMap(({ consumes }) => consumes).filter((queue) => queue !== 'audit');
  assert.deepEqual([...scaledBy].sort(), consumed.map((queue) => `${STACK}-${queue}`).sort());
});

test('what calls no marketplace is in subnets without a way out, and nothing can be reached from outside', () => {
  const wayOut = new Set(
    functions
      .ofType('AWS::EC2::Route')
      .filter(({ Properties }) => Properties.DestinationCidrBlock === '0.0.0.0/0')
      .map(({ Properties }) => Properties.RouteTableId.Ref),
  );
  const tableOf = new Map(
    functions
      .ofType('AWS::EC2::SubnetRouteTableAssociation')
      .map(({ Properties }) => [Properties.SubnetId.Ref, Properties.RouteTableId.Ref]),
  );
  const services = named(functions.ofType('AWS::ECS::Service'), 'ServiceName');
  for (const { name, callsOut } of deployed) {
    const { Subnets, AssignPublicIp } = services.get(name)!.Properties.NetworkConfiguration.AwsvpcConfiguration;
    assert.equal(AssignPublicIp, 'DISABLED');
    for (const { Ref } of Subnets) assert.equal(wayOut.has(tableOf.get(Ref)), callsOut, `${name} in ${Ref}`);
  }
  for (const { Properties } of functions.ofType('AWS::ElasticLoadBalancingV2::LoadBalancer')) {
    assert.equal(Properties.Scheme, 'internal');
  }
  const rules = functions
    .ofType('AWS::EC2::SecurityGroup')
    .flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? []);
  assert.deepEqual(new Set(rules.map(({ CidrIp }) => CidrIp)), new Set(['10.42.0.0/16']));
});

test('a person is told of each dead letter and of each queue that is late', () => {
  const alarms = named(functions.ofType('AWS::CloudWatch::Alarm'), 'AlarmName');
  for (const queue of QUEUES) {
    const letters = alarms.get(`${STACK} ${deadLetterQueue(queue)}`)!.Properties;
    assert.equal(letters.Dimensions[0].Value, `${STACK}-${deadLetterQueue(queue)}`);
    assert.deepEqual([letters.MetricName, letters.Threshold], ['ApproximateNumberOfMessagesVisible', 0]);
    const late = alarms.get(`${STACK} ${queue} is late`)!.Properties;
    assert.deepEqual([late.MetricName, late.Threshold], ['ApproximateAgeOfOldestMessage', 3_600]);
    for (const { AlarmActions } of [letters, late])
      assert.deepEqual(AlarmActions, [`arn:aws:sns:${REGION}:${ACCOUNT}:alarms`]);
  }
});

test('a wrong setting is named, with what it should be', () => {
  const read = (context: Record<string, unknown>) => readSettings(new Map(Object.entries(context)));
  assert.equal(read({}).functions, undefined);
  assert.equal(read({ natGateways: '2' }).stack, 'sluice');
  const digests = { consent: digestOf('consent') };
  assert.throws(() => read({ stack: 'Sluice' }), /^Error: stack is "Sluice": set it to /);
  assert.throws(() => read({ natGateway: 2 }), /^Error: natGateway is no setting: those are stack, /);
  assert.throws(() => read({ imageDigests: { consent: 'v1' } }), /^Error: imageDigests is .*: set it to /);
  assert.throws(() => read({ imageDigests: digests }), /^Error: imageDigests is .*webhook-intake/);
  const all = Object.fromEntries(deployed.map(({ name }) => [name, digestOf(name)]));
  assert.throws(() => read({ imageDigests: all }), /^Error: publicUrl is missing/);
  assert.throws(
    () => read({ imageDigests: JSON.stringify(all), publicUrl: 'https://a.example' }),
    /^Error: certificateArn is missing/,
  );
});
