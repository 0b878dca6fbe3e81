import assert from 'node:assert/strict';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GenericContainer, Wait } from 'testcontainers';
import { bucketName, PAYLOADS, queueName, tableName } from '#platform/engines/aws/names.ts';
import { realRandom } from '#platform/runtime/random.ts';

/** built by docker/ where no registry is reachable, else pulled and given this name */
const IMAGE = 'sluice/localstack:4.14.0';
const PORT = 4566;
/** how long LocalStack may take to start, ms; it takes 3 s where nothing else runs */
const START_MS = 90_000;
const REGION = 'eu-central-1';
/** the account of an emulator's callers */
const ACCOUNT = '000000000000';
/** the state template's: seconds */
const QUEUE_ATTRIBUTES = {
  VisibilityTimeout: '60',
  MessageRetentionPeriod: '1209600',
  ReceiveMessageWaitTimeSeconds: '20',
  SqsManagedSseEnabled: 'true',
};

export type Emulator = {
  endpoint: string;
  /** Makes queues, tables and the bucket of a stack of its own; gives its name. */
  createStack(state: { queues: readonly string[]; tables: readonly string[] }): Promise<string>;
  stop(): Promise<void>;
};

/**
 * An emulator of AWS: the one at SLUICE_TEST_AWS_ENDPOINT, or LocalStack in a container that is started here. It sets what
 * the AWS SDK reads from the environment of this process. Where none can be had, it gives the reason; with an endpoint given,
 * or SLUICE_REQUIRE_DOCKER 1, it throws.
 */
export async function openEmulator(): Promise<Emulator | { missing: string }> {
  const given = process.env.SLUICE_TEST_AWS_ENDPOINT;
  try {
    const emulator = emulatorAt(
      given === undefined ? await startLocalStack() : { endpoint: given, stop: async () => {} },
    );
    // Its services start with their first call, which takes longer than any of ours may.
    await emulator.createStack({ queues: ['warm'], tables: ['warm'] }).catch(async (thrown: unknown) => {
      await emulator.stop();
      throw thrown;
    });
    return emulator;
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    const missing = `it needs a Docker engine with the image ${IMAGE}, or an emulator at SLUICE_TEST_AWS_ENDPOINT: ${detail}`;
    if (given !== undefined || process.env.SLUICE_REQUIRE_DOCKER === '1') throw new Error(missing, { cause: thrown });
    return { missing };
  }
}

async function startLocalStack(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  // The image that would remove containers of a test that dies can't be pulled everywhere.
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(PORT)
    .withEnvironment({
      SQS_ENDPOINT_STRATEGY: 'dynamic',
      PROVIDER_OVERRIDE_DYNAMODB: 'v2',
      DYNAMODB_IN_MEMORY: '1',
      DISABLE_EVENTS: '1',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DNS_ADDRESS: '0',
    })
    .withWaitStrategy(Wait.forHttp('/_localstack/health', PORT))
    .withStartupTimeout(START_MS)
    .start();
  return {
    endpoint: `http://${container.getHost()}:${container.getMappedPort(PORT)}`,
    stop: async () => {
      await container.stop({ timeout: 0 });
    },
  };
}

function emulatorAt({ endpoint, stop }: { endpoint: string; stop(): Promise<void> }): Emulator {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const dynamodb = new DynamoDBClient({});
  const s3 = new S3Client({ forcePathStyle: true });

  async function createQueue(name: string): Promise<void> {
    await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: QUEUE_ATTRIBUTES }));
  }

  async function createTable(TableName: string): Promise<void> {
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'partition', AttributeType: 'S' },
          { AttributeName: 'sort', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'partition', KeyType: 'HASH' },
          { AttributeName: 'sort', KeyType: 'RANGE' },
        ],
      }),
    );
    const waited = await waitUntilTableExists({ client: dynamodb, maxWaitTime: 30, minDelay: 0.1 }, { TableName });
    assert.equal(waited.state, 'SUCCESS');
  }

  async function createBucket(Bucket: string): Promise<void> {
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
  }

  return {
    endpoint,
    async createStack({ queues, tables }) {
      const stack = `t${realRandom.hex(5)}`;
      await Promise.all([
        ...queues.map((queue) => createQueue(queueName(stack, queue))),
        ...tables.map((table) => createTable(tableName(stack, table))),
        createBucket(bucketName(stack, PAYLOADS, ACCOUNT, REGION)),
      ]);
      return stack;
    },
    async stop() {
      for (const client of [sqs, dynamodb, s3]) client.destroy();
      await stop();
    },
  };
}
