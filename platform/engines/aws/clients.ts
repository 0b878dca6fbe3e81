import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '#platform/runtime/clock.ts';
import type { TimedAnswer } from './clock-offset.ts';

/** how long a connection may take to be made, ms: three SYNs */
const CONNECT_TIMEOUT_MS = 3_000;
/** how long an answer may take, ms; a hundred times what it takes, and short enough for two more tries */
const ANSWER_TIMEOUT_MS = 5_000;
/** the same for objects, ms: 1 MiB over a line of 1 Mbit/s */
const LARGE_ANSWER_TIMEOUT_MS = 10_000;
/** longest long poll of SQS, ms */
export const MAX_POLL_MS = 20_000;
/** how much later than it was told a poll may answer, ms */
export const POLL_LATENESS_MS = 5_000;
/** tries of one call, the first included; the SDK waits between them with full jitter */
const MAX_ATTEMPTS = 3;
/** connections to one service at once: every queue's polls, and as many calls as the batchers have under way */
const MAX_SOCKETS = 256;

export type Clients = {
  sqs: SQSClient;
  dynamodb: DynamoDBClient;
  /** Tries once: for writes where a second try may meet the first one's success. */
  dynamodbOnce: DynamoDBClient;
  secrets: SecretsManagerClient;
  s3: S3Client;
  events: EventBridgeClient;
  region(): Promise<string>;
  destroy(): void;
};

/**
 * The clients, with region, endpoint and credentials as the SDK finds them by itself (AWS_REGION, AWS_ENDPOINT_URL, a
 * profile, the task's role). Nothing is asked of AWS before the first call.
 */
export function openClients({ clock, observe }: { clock: Clock; observe(answer: TimedAnswer): void }): Clients {
  const settings = (answerMs: number, maxAttempts = MAX_ATTEMPTS) => ({
    maxAttempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
      // For an answer that begins and does not end.
      socketTimeout: Math.max(answerMs, MAX_POLL_MS + POLL_LATENESS_MS),
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
  });
  // A queue's URL names it, and is not followed: the endpoint is one setting, for all services.
  const sqs = new SQSClient({ ...settings(ANSWER_TIMEOUT_MS), useQueueUrlAsEndpoint: false });
  // One look-up of credentials for all.
  const { credentials } = sqs.config;
  const clients = {
    sqs,
    dynamodb: new DynamoDBClient({ ...settings(ANSWER_TIMEOUT_MS), credentials }),
    dynamodbOnce: new DynamoDBClient({ ...settings(ANSWER_TIMEOUT_MS, 1), credentials }),
    secrets: new SecretsManagerClient({ ...settings(ANSWER_TIMEOUT_MS), credentials }),
    // By path, so that no host of its own for each bucket has to be known.
    s3: new S3Client({ ...settings(LARGE_ANSWER_TIMEOUT_MS), credentials, forcePathStyle: true }),
    events: new EventBridgeClient({ ...settings(ANSWER_TIMEOUT_MS), credentials }),
  };
  const middleware = timing(clock, observe);
  for (const { middlewareStack } of Object.values(clients)) {
    // Next to the network, so that each try is timed by itself.
    const place = { step: 'deserialize', priority: 'low', name: 'sluiceTiming' } as const;
    (middlewareStack as SQSClient['middlewareStack']).add(middleware as never, place);
  }
  return {
    ...clients,
    region: () => sqs.config.region(),
    destroy() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

type Answered = { response?: { headers?: Record<string, string> } };

/** Tells `observe` when each answer came, and what its `Date` says. */
function timing(clock: Clock, observe: (answer: TimedAnswer) => void) {
  return (next: (args: unknown) => Promise<Answered>) =>
    async (args: unknown): Promise<Answered> => {
      const sentAt = clock.now();
      const answer = await next(args);
      const receivedAt = clock.now();
      const dateAt = Date.parse(answer.response?.headers?.date ?? '');
      if (Number.isFinite(dateAt)) observe({ sentAt, receivedAt, dateAt });
      return answer;
    };
}
