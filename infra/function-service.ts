import { Aws, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AdjustmentType } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  Capability,
  ContainerImage,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
  LinuxParameters,
  LogDriver,
} from 'aws-cdk-lib/aws-ecs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ageOfOldest } from './alarms.ts';
import { repositoryName } from './images-stack.ts';
import { CALLS_OUT, CLOSED } from './network.ts';
import { createTaskRole } from './roles.ts';
import type { FunctionsSettings } from './settings.ts';
import type { FunctionTopology } from './topology.ts';

/** where a container tells whether it is well */
const HEALTH_PORT = 4690;
/** the user of the images, who may write nowhere */
const USER = '65532';
/** longer than the 25 s that `consume` gives the messages in flight */
const STOP_TIMEOUT = Duration.seconds(30);

/** CPU units (1024 is one core), memory in MiB, and how many tasks: two of what marketplaces and people wait for. */
type Size = { cpu: number; memoryLimitMiB: number; tasks: readonly [min: number, max: number] };
const SMALL = { cpu: 256, memoryLimitMiB: 512 };
const LARGE = { cpu: 512, memoryLimitMiB: 1_024 };
const SIZES: Record<string, Size> = {
  'webhook-intake': { ...SMALL, tasks: [2, 10] },
  consent: { ...SMALL, tasks: [2, 2] },
  'seller-api': { ...SMALL, tasks: [2, 6] },
  'throttled-sync': { ...LARGE, tasks: [1, 20] },
  'token-refresh': { ...SMALL, tasks: [1, 4] },
  'audit-log': { ...LARGE, tasks: [1, 1] }, // the log has one writer: a second one's writes are refused and tried again
};

/** At which age of a queue's oldest message there are fewer tasks, more, and many more, seconds. */
const FEWER_BELOW = 5;
const MORE_FROM = 60;
const MANY_MORE_FROM = 300;
const MANY = 4;
/** how busy the CPUs of what serves HTTP are to be */
const BUSY_PERCENT = 60;
/** how long a new task has to show that it helps */
const COOLDOWN = Duration.minutes(2);

/** A function as a service on Fargate, with as many tasks as its queue asks for. */
export function createFunctionService(
  scope: Construct,
  topology: FunctionTopology,
  { cluster, stack, settings }: { cluster: ICluster; stack: string; settings: FunctionsSettings },
): FargateService {
  const { name, consumes, serves, callsOut } = topology;
  const { cpu, memoryLimitMiB, tasks } = SIZES[name]!;
  const [minCapacity, maxCapacity] = tasks;

  const taskDefinition = new FargateTaskDefinition(scope, `task ${name}`, {
    family: `${stack}-${name}`,
    cpu,
    memoryLimitMiB,
    taskRole: createTaskRole(scope, topology, { stack }),
  });
  const repository = Repository.fromRepositoryName(scope, `images ${name}`, repositoryName(stack, name));
  const linuxParameters = new LinuxParameters(scope, `linux ${name}`);
  linuxParameters.dropCapabilities(Capability.ALL);
  taskDefinition.addContainer(name, {
    // By its digest, so that what runs is what was built and tested.
    image: ContainerImage.fromEcrRepository(repository, settings.imageDigests[name]),
    environment: environmentOf(topology, { stack, settings }),
    user: USER,
    readonlyRootFilesystem: true,
    linuxParameters,
    stopTimeout: STOP_TIMEOUT,
    healthCheck: {
      command: ['CMD', '/usr/local/bin/node', '/app/health.mjs'],
      interval: Duration.seconds(10),
      startPeriod: Duration.seconds(20),
    },
    logging: LogDriver.awsLogs({
      streamPrefix: name,
      logGroup: new LogGroup(scope, `logs ${name}`, {
        logGroupName: `/${stack}/${name}`,
        retention: settings.logRetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    }),
    ...(serves && { portMappings: [{ containerPort: serves.port }] }),
  });
  Validations.of(taskDefinition).acknowledge(
    {
      id: 'AwsSolutions-ECS2',
      reason: 'These are settings. Secrets are read from Secrets Manager; a test sees to it.',
    },
    { id: 'AwsSolutions-IAM5[Resource::*]', reason: 'ecr:GetAuthorizationToken knows no resources.' },
  );

  const service = new FargateService(scope, `service ${name}`, {
    cluster,
    serviceName: name,
    taskDefinition,
    vpcSubnets: { subnetGroupName: callsOut ? CALLS_OUT : CLOSED },
    circuitBreaker: { enable: true, rollback: true },
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
  });
  const scaling = service.autoScaleTaskCount({ minCapacity, maxCapacity });
  const [queue] = consumes;
  if (queue !== undefined && minCapacity < maxCapacity) {
    // Of what also serves HTTP, only a CPU with little to do says that there are too many tasks.
    if (serves) scaling.scaleOnCpuUtilization('cpu', { targetUtilizationPercent: BUSY_PERCENT });
    scaling.scaleOnMetric('age', {
      metric: ageOfOldest(stack, queue),
      adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
      scalingSteps: [
        ...(serves ? [] : [{ upper: FEWER_BELOW, change: -1 }]),
        { lower: MORE_FROM, change: +1 },
        { lower: MANY_MORE_FROM, change: +MANY },
      ],
      cooldown: COOLDOWN,
    });
  }
  return service;
}

/** The settings of a function, none of them secret. */
function environmentOf(
  { serves }: FunctionTopology,
  { stack, settings }: { stack: string; settings: FunctionsSettings },
): Record<string, string> {
  return {
    ...settings.environment,
    AWS_REGION: Aws.REGION,
    SLUICE_ENGINE: 'aws',
    SLUICE_STACK: stack,
    SLUICE_HOST: '0.0.0.0',
    SLUICE_HEALTH_PORT: String(HEALTH_PORT),
    SLUICE_PUBLIC_URL: settings.publicUrl,
    SLUICE_AUDIT_LOGS: settings.auditLogs,
    SLUICE_AUDIT_RETENTION_DAYS: String(settings.auditRetentionDays),
    ...(serves && { [serves.setting]: String(serves.port) }),
  };
}
