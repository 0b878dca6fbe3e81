import { deadLetterQueue } from '#events/routes.ts';
import {
  ARCHIVE,
  bucketName,
  MESSAGES_PREFIX,
  PAYLOADS,
  queueName,
  secretName,
  tableName,
  VALUES_PREFIX,
} from '#platform/engines/aws/names.ts';
import { type FunctionTopology, isPrefix } from './topology.ts';

/** Where an installation is. On synthesis these are CloudFormation's pseudo parameters. */
export type Place = { stack: string; partition: string; region: string; account: string };

export type Statement = { actions: readonly string[]; resources: readonly string[] };

/** Whoever uses a queue looks up its URL, and its depth before it starts. */
const LOOK = ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'];
const SEND = ['sqs:SendMessage', ...LOOK];
const CONSUME = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', ...LOOK];
/** DescribeTable names the account, which the name of a bucket holds. */
const GET = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:DescribeTable'];
const READ = [...GET, 'dynamodb:Query'];
/** A write whose condition fails gives back the item that is there. */
const WRITE = [
  ...['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
  ...['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', 'dynamodb:PartiQLDelete'],
  ...GET,
];
/** A secret that another has just made, and left without a value, is given this one. */
const CREATE = ['secretsmanager:CreateSecret', 'secretsmanager:PutSecretValue'];

/** What AWS must let a function do, and nothing else: one statement for each kind of use of a port. */
export function statementsOf(
  topology: Pick<FunctionTopology, 'consumes' | 'sends'> &
    Partial<Pick<FunctionTopology, 'reads' | 'writes' | 'secrets' | 'archives'>>,
  place: Place,
): Statement[] {
  const { consumes, reads = [], writes = [], secrets = { reads: [], creates: [] } } = topology;
  const sends = [...topology.sends, ...consumes, ...consumes.map(deadLetterQueue)];
  const { stack, partition, region, account } = place;
  const arn = (service: string, resource: string): string =>
    `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const queue = (name: string): string => arn('sqs', queueName(stack, name));
  const table = (name: string): string => arn('dynamodb', `table/${tableName(stack, name)}`);
  const objectIn = (bucket: string, key: string): string =>
    `arn:${partition}:s3:::${bucketName(stack, bucket, account, region)}/${key}`;
  const object = (key: string): string => objectIn(PAYLOADS, key);
  const valuesOf = (name: string): string => object(`${VALUES_PREFIX}${name}/*`);
  // AWS puts six characters behind a secret's name. A secret that is not there is looked for by its name alone.
  const secret = (name: string): string[] => {
    const full = arn('secretsmanager', `secret:${secretName(stack, name)}`);
    return isPrefix(name) ? [`${full}*`] : [full, `${full}-??????`];
  };

  const statements: Statement[] = [
    { actions: SEND, resources: sends.map(queue) },
    { actions: CONSUME, resources: consumes.map(queue) },
    { actions: READ, resources: reads.map(table) },
    { actions: WRITE, resources: writes.map(table) },
    { actions: ['secretsmanager:GetSecretValue'], resources: [...secrets.reads, ...secrets.creates].flatMap(secret) },
    { actions: CREATE, resources: secrets.creates.flatMap(secret) },
    {
      actions: ['s3:PutObject'],
      resources: [...(sends.length > 0 ? [object(`${MESSAGES_PREFIX}*`)] : []), ...writes.map(valuesOf)],
    },
    { actions: ['s3:PutObject'], resources: topology.archives ? [objectIn(ARCHIVE, '*')] : [] },
    {
      actions: ['s3:GetObject'],
      resources: [
        ...(consumes.length > 0 ? [object(`${MESSAGES_PREFIX}*`)] : []),
        ...new Set([...reads, ...writes].map(valuesOf)),
      ],
    },
  ];
  return statements.filter(({ resources }) => resources.length > 0);
}
