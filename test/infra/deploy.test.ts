import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { parseEvent } from '#events/index.ts';
import { deadLetterQueue, QUEUES } from '#events/routes.ts';
import { createApp, stackNames } from '#infra/app.ts';
import { deployTemplate } from '#infra/deploy-template.ts';
import { readSettings } from '#infra/settings.ts';
import { buckets, tables } from '#infra/topology.ts';
import { bucketName, queueName, tableName } from '#platform/engines/aws/names.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { realRandom } from '#platform/runtime/random.ts';
import { openEmulator } from '#test/support/emulator.ts';

/** a rule ticks each minute, and an emulator may be slow */
const TICK_WITHIN_MS = 120_000;

const NAME = 'the state template is deployed into an emulator, again without a change, and its rules tick';
const emulator = await openEmulator();
if ('missing' in emulator) test(NAME, { skip: emulator.missing }, () => {});
else {
  after(() => emulator.stop());
  test(NAME, async () => {
    const stack = `t${realRandom.hex(5)}`;
    const settings = readSettings(new Map([['stack', stack]]));
    const stackName = stackNames(stack).state;
    const { template } = createApp(settings).synth().getStackByName(stackName);
    const told: string[] = [];
    const deps = {
      cloudFormation: new CloudFormationClient({}),
      clock: realClock,
      tell: (line: string): void => void told.push(line),
    };
    assert.equal(await deployTemplate(deps, { stackName, template }), 'created');
    const count = Object.keys(template.Resources).length;
    assert.equal(told.at(-1), `${stackName}: ${count} of ${count} resources`);
    assert.equal(await deployTemplate(deps, { stackName, template }), 'unchanged');

    const [sqs, dynamodb] = [new SQSClient({}), new DynamoDBClient({})];
    const urls = new Map<string, string>();
    for (const queue of [...QUEUES, ...QUEUES.map(deadLetterQueue)]) {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName(stack, queue) }));
      urls.set(queue, QueueUrl!);
    }
    let account = '';
    for (const table of tables) {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: tableName(stack, table) }));
      account = Table!.TableArn!.split(':')[4]!;
    }
    const s3 = new S3Client({ forcePathStyle: true });
    for (const bucket of buckets) {
      await s3.send(new HeadBucketCommand({ Bucket: bucketName(stack, bucket, account, process.env.AWS_REGION!) }));
    }

    const more = { Type: 'AWS::SQS::Queue', Properties: { QueueName: `${stack}-more` } };
    const changed = { ...template, Resources: { ...template.Resources, more } };
    assert.equal(await deployTemplate(deps, { stackName, template: changed }), 'updated');

    const endsAt = realClock.now() + TICK_WITHIN_MS;
    let tick: string | undefined;
    while (tick === undefined && realClock.now() < endsAt) {
      const receiving = { QueueUrl: urls.get('audit'), WaitTimeSeconds: 10 };
      tick = (await sqs.send(new ReceiveMessageCommand(receiving))).Messages?.[0]?.Body;
    }
    assert.deepEqual(parseEvent(tick!).data, { schedule: 'audit-checkpoint' });
  });
}
