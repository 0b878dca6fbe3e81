import { createHash } from 'node:crypto';
import { Aws, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { EventOf } from '#events/index.ts';
import { deadLetterQueue, QUEUES, type QueueName, schedules } from '#events/routes.ts';
import { bucketName, MESSAGES_PREFIX, queueName, ruleName, tableName } from '#platform/engines/aws/names.ts';
import type { Settings } from './settings.ts';
import { buckets, tables } from './topology.ts';

/** SQS's longest */
const RETENTION = Duration.days(14);
/** what `consume` has by default; it says its own with each receive */
const VISIBILITY_TIMEOUT = Duration.seconds(60);
/** SQS's longest */
const LONG_POLL = Duration.seconds(20);
/** Only a backstop, far above the 20 receives after which `consume` buries a message itself, with its reason. */
const MAX_RECEIVES = 100;
/** when bodies that were too large for a message are removed: a day after the last message that names them */
const MESSAGES_KEPT = RETENTION.plus(Duration.days(1));
/** The log cuts an entry a day after its time at the latest; its copy must not go before, also if the log stood still. */
const ARCHIVED_LONGER = Duration.days(7);
/** whose SQS destinations Amazon's notifications come from: Selling Partner API, "Set up notifications (Amazon SQS)" */
const AMAZON_SELLING_PARTNER_ACCOUNT = '437568002678';

export type StateStackProps = Pick<Settings, 'stack' | 'auditLogs' | 'auditRetentionDays' | 'auditLockMode'>;

/**
 * Everything that remembers: queues, tables, buckets, and the rules that send ticks. It holds no account, region or
 * asset, and its template goes into LocalStack as it is. It creates no secrets: functions make their keys, the operator
 * puts registrations.
 */
export class StateStack extends Stack {
  constructor(scope: Construct, id: string, { stack, auditLogs, auditRetentionDays, auditLockMode }: StateStackProps) {
    super(scope, id, {
      stackName: id,
      description: 'Sluice: queues, tables, buckets, schedules',
    });
    const queues = new Map(QUEUES.map((name) => [name, this.#queue(stack, name)]));
    // https://developer-docs.amazon.com/sp-api/docs/set-up-notifications-with-amazon-sqs
    queues.get('amazon-notifications')!.grantSendMessages(new AccountPrincipal(AMAZON_SELLING_PARTNER_ACCOUNT));

    for (const { name, everyMs, queue } of schedules) {
      new Rule(this, `schedule ${name}`, {
        ruleName: ruleName(stack, name),
        schedule: Schedule.rate(Duration.millis(everyMs)),
        targets: [new SqsQueue(queues.get(queue)!, { message: RuleTargetInput.fromObject(tickOf(name)) })],
      });
    }

    for (const name of tables) {
      new Table(this, `table ${name}`, {
        tableName: tableName(stack, name),
        partitionKey: { name: 'partition', type: AttributeType.STRING },
        sortKey: { name: 'sort', type: AttributeType.STRING },
        billingMode: BillingMode.PAY_PER_REQUEST,
        timeToLiveAttribute: 'ttl',
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: true,
        removalPolicy: RemovalPolicy.RETAIN,
      });
    }

    const retention = Duration.days(auditRetentionDays);
    const more: Record<(typeof buckets)[number], BucketProps> = {
      payloads: { lifecycleRules: [{ prefix: MESSAGES_PREFIX, expiration: MESSAGES_KEPT }] },
      audit: {
        objectLockDefaultRetention:
          auditLockMode === 'COMPLIANCE'
            ? ObjectLockRetention.compliance(retention)
            : ObjectLockRetention.governance(retention),
        versioned: true,
        // Nothing goes before its lock has ended. Hashes and checkpoints stay, older versions of what grows and entries don't.
        lifecycleRules: [
          { noncurrentVersionExpiration: retention },
          ...auditLogs.split(',').map((log) => ({
            prefix: `${log}/tile/entries/`,
            expiration: retention.plus(ARCHIVED_LONGER),
            noncurrentVersionExpiration: Duration.days(1),
          })),
        ],
      },
    };
    for (const name of buckets) {
      const bucket = new Bucket(this, `bucket ${name}`, {
        bucketName: bucketName(stack, name, Aws.ACCOUNT_ID, Aws.REGION),
        encryption: BucketEncryption.S3_MANAGED,
        blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
        enforceSSL: true,
        removalPolicy: RemovalPolicy.RETAIN,
        ...more[name],
      });
      Validations.of(bucket).acknowledge({
        id: 'AwsSolutions-S1',
        reason: 'Who may read is in roles made from the topology; whoever wants each read told turns on data events.',
      });
    }
  }

  #queue(stack: string, name: QueueName): Queue {
    const both = { retentionPeriod: RETENTION, encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    const deadLetters = deadLetterQueue(name);
    return new Queue(this, `queue ${name}`, {
      queueName: queueName(stack, name),
      ...both,
      visibilityTimeout: VISIBILITY_TIMEOUT,
      receiveMessageWaitTime: LONG_POLL,
      removalPolicy: RemovalPolicy.RETAIN,
      deadLetterQueue: {
        maxReceiveCount: MAX_RECEIVES,
        queue: new Queue(this, `queue ${deadLetters}`, {
          queueName: queueName(stack, deadLetters),
          ...both,
          removalPolicy: RemovalPolicy.RETAIN,
        }),
      },
    });
  }
}

/** A rule's input is constant: nobody looks at a tick's time, and what comes of it begins a trace of its own. */
function tickOf(schedule: string): EventOf<'schedule.elapsed'> {
  const trace = createHash('sha256').update(schedule).digest('hex');
  return {
    specversion: '1.0',
    id: `schedule-${schedule}`,
    source: '/sluice/schedule',
    type: 'schedule.elapsed',
    time: '1970-01-01T00:00:00.000Z',
    datacontenttype: 'application/json',
    traceparent: `00-${trace.slice(0, 32)}-${trace.slice(32, 48)}-01`,
    data: { schedule },
  };
}
