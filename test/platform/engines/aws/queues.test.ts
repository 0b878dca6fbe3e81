import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { openQueues } from '#platform/engines/aws/queues.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

type Failed = { Id: string; SenderFault: boolean; Code: string };
type Answers = {
  send?(entries: SendMessageBatchRequestEntry[], call: number): Failed[];
  receive?(command: ReceiveMessageCommand['input'], call: number): Promise<Message[]>;
  /** which entries the answer names at all */
  names?(entry: { Id: string | undefined }): boolean;
};

/** The port on a client that answers as it is told, after 10 ms, and keeps what it was asked. */
function world(
  { send = () => [], receive = async () => [], names = () => true }: Answers = {},
  clock: Clock = drivenClock(),
) {
  const sent: SendMessageBatchRequestEntry[][] = [];
  const received: ReceiveMessageCommand['input'][] = [];
  const removed: string[][] = [];
  const givenBack: string[] = [];
  const urls: string[] = [];
  const answer = <Entry extends { Id: string | undefined }>(entries: Entry[], failed: Failed[] = []) => ({
    Successful: entries
      .filter((entry) => names(entry) && !failed.some(({ Id }) => Id === entry.Id))
      .map(({ Id }) => ({ Id })),
    Failed: failed,
  });
  const client = {
    async send(command: unknown) {
      await clock.sleep(10);
      if (command instanceof GetQueueUrlCommand) {
        urls.push(command.input.QueueName!);
        return { QueueUrl: `http://queues/000000000000/${command.input.QueueName}` };
      }
      if (command instanceof SendMessageBatchCommand) {
        const entries = command.input.Entries!;
        sent.push(entries);
        return answer(entries, send(entries, sent.length));
      }
      if (command instanceof DeleteMessageBatchCommand) {
        removed.push(command.input.Entries!.map(({ ReceiptHandle }) => ReceiptHandle!));
        return answer(command.input.Entries!);
      }
      if (command instanceof ChangeMessageVisibilityBatchCommand) {
        for (const { ReceiptHandle, VisibilityTimeout } of command.input.Entries!) {
          if (VisibilityTimeout === 0) givenBack.push(ReceiptHandle!);
        }
        return answer(command.input.Entries!);
      }
      assert.ok(command instanceof ReceiveMessageCommand);
      received.push(command.input);
      return { Messages: await receive(command.input, received.length) };
    },
  };
  const objects = { put: async () => assert.fail('an object'), get: async () => assert.fail('an object') };
  const sqs = client as unknown as Pick<SQSClient, 'send'>;
  const queues = openQueues({ sqs, objects, clock, random: seededRandom('queues') }, { stack: 'acme' });
  return { queues, clock, sent, received, removed, givenBack, urls };
}

const message = (i: number): Message => ({
  MessageId: `m${i}`,
  ReceiptHandle: `r${i}`,
  Body: `body ${i}`,
  Attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1' },
});
const messages = (count: number, from = 0): Message[] => Array.from({ length: count }, (_, i) => message(from + i));
const receiveOptions = { maxMessages: 100, visibilityTimeoutMs: 60_000, waitMs: 20_000 };

test('single sends at about the same time go ten in a call, and the queue is looked up once', async () => {
  const { queues, sent, urls } = world();
  const results = await Promise.all(Array.from({ length: 100 }, (_, i) => queues.send('sync', [{ body: `${i}` }])));
  assert.ok(results.every(([result]) => result?.ok));
  assert.deepEqual(
    sent.map(({ length }) => length),
    Array.from({ length: 10 }, () => 10),
  );
  assert.deepEqual(urls, ['acme-sync']);
});

test('no call is larger than 1 MiB', async () => {
  const { queues, sent } = world();
  const body = 'x'.repeat(300_000);
  await queues.send('sync', [{ body }, { body }, { body }, { body }, { body: 'small' }]);
  for (const entries of sent) {
    assert.ok(entries.reduce((sum, { MessageBody }) => sum + MessageBody!.length, 0) <= 1_048_576);
  }
  assert.equal(sent.flat().length, 5);
});

test('an entry that fails by the queue’s fault is sent again by itself, one that fails by its own is not', async () => {
  const { queues, sent } = world({
    send: (entries, call) =>
      entries.flatMap(({ Id, MessageBody }): Failed[] => {
        if (MessageBody === 'bad') return [{ Id: Id!, SenderFault: true, Code: 'InvalidMessageContents' }];
        const isUnlucky = MessageBody === 'unlucky' && call < 3;
        return isUnlucky ? [{ Id: Id!, SenderFault: false, Code: 'InternalError' }] : [];
      }),
  });
  const results = await queues.send('sync', [{ body: 'good' }, { body: 'bad' }, { body: 'unlucky' }]);
  assert.deepEqual(results, [{ ok: true }, { ok: false, reason: 'InvalidMessageContents' }, { ok: true }]);
  assert.deepEqual(
    sent.map((entries) => entries.map(({ MessageBody }) => MessageBody)),
    [['good', 'bad', 'unlucky'], ['unlucky'], ['unlucky']],
  );
});

test('an entry that the answer does not name was not sent', async () => {
  const { queues } = world({ names: ({ Id }) => Id !== '1' });
  const results = await queues.send('sync', [{ body: 'a' }, { body: 'b' }, { body: 'c' }]);
  assert.deepEqual(results, [{ ok: true }, { ok: false, reason: 'the queue gave no answer' }, { ok: true }]);
});

test('a send of which nothing could be sent throws; where something could, the rest is refused', async () => {
  const down = () => {
    throw Object.assign(new Error('down'), { name: 'TimeoutError', code: 'ECONNREFUSED' });
  };
  await assert.rejects(
    world({ send: down }).queues.send('sync', [{ body: 'a' }, { body: 'b' }]),
    (thrown) => thrown instanceof Failure && thrown.code === 'engine-unreachable' && thrown.kind === 'retryable',
  );
  const { queues } = world({ send: (_, call) => (call === 1 ? [] : down()) });
  const results = await queues.send(
    'sync',
    Array.from({ length: 15 }, (_, i) => ({ body: `${i}` })),
  );
  assert.equal(results.filter(({ ok }) => ok).length, 10);
  assert.ok(results.every((result) => result.ok || result.reason.includes('AWS_ENDPOINT_URL')));
});

test('acknowledgements wait to fill their calls, visibility counts in whole seconds', async () => {
  const { queues, clock, removed, givenBack } = world();
  await queues.depth('sync').catch(() => {});
  for (let i = 0; i < 20; i++) {
    void queues.acknowledge('sync', [`r${i}`]);
    await clock.sleep(2);
  }
  await clock.sleep(200);
  assert.equal(removed.length, 2);
  await queues.extend('sync', ['r1'], 0);
  assert.deepEqual(givenBack, ['r1']);
});

test('a receive of an idle queue is one long poll', async () => {
  const { queues, received } = world();
  assert.deepEqual(await queues.receive('sync', receiveOptions), []);
  assert.deepEqual(
    received.map(({ WaitTimeSeconds, MaxNumberOfMessages, VisibilityTimeout }) => [
      WaitTimeSeconds,
      MaxNumberOfMessages,
      VisibilityTimeout,
    ]),
    [[20, 10, 60]],
  );
});

test('a wait that is no whole number of seconds is never no wait', async () => {
  const { queues, received } = world();
  for (const waitMs of [0, 1, 499, 1_500, 60_000]) await queues.receive('sync', { ...receiveOptions, waitMs });
  assert.deepEqual(
    received.map(({ WaitTimeSeconds }) => WaitTimeSeconds),
    [0, 1, 1, 2, 20],
  );
});

test('a backlog is taken by more and more calls at once, and by no more than it is asked for', async () => {
  const { queues, received } = world({
    receive: async ({ MaxNumberOfMessages }, call) => messages(MaxNumberOfMessages!, call * 10),
  });
  const taken = await queues.receive('sync', { ...receiveOptions, maxMessages: 95 });
  assert.equal(taken.length, 95);
  assert.equal(received.length, 10);
  assert.deepEqual(
    received.map(({ WaitTimeSeconds }) => WaitTimeSeconds),
    [20, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  );
});

test('a queue that is not full is not asked again at once, and then after a pause', async () => {
  const { queues, received, clock } = world({ receive: async (_, call) => messages(3, call * 10) });
  const startedAt = clock.now();
  assert.equal((await queues.receive('sync', receiveOptions)).length, 3);
  assert.equal(received.length, 1);
  const firstAt = clock.now();
  assert.equal((await queues.receive('sync', receiveOptions)).length, 3);
  assert.ok(clock.now() - firstAt >= 40 && firstAt - startedAt < 40);
});

test('messages that are in hand are given to the caller when a call for more fails', async () => {
  const { queues } = world({
    receive: async (_, call) => {
      if (call === 1) return messages(10);
      throw Object.assign(new Error('down'), { name: 'TimeoutError', code: 'ECONNRESET' });
    },
  });
  assert.equal((await queues.receive('sync', receiveOptions)).length, 10);
});

test('a receive that is aborted ends at once, and what its poll still brings is given back', async () => {
  const clock = drivenClock();
  const abort = new AbortController();
  const { queues, givenBack } = world(
    {
      receive: async () => {
        await clock.sleep(5_000);
        return messages(2);
      },
    },
    clock,
  );
  const startedAt = clock.now();
  const waiting = queues.receive('sync', { ...receiveOptions, signal: abort.signal });
  await clock.sleep(1_000);
  abort.abort('stop');
  assert.deepEqual(await waiting, []);
  assert.ok(clock.now() - startedAt < 1_100);
  await clock.sleep(6_000);
  assert.deepEqual(givenBack, ['r0', 'r1']);
});

test('closed, it has sent what was given to it, ends receives, and takes nothing more', async () => {
  const clock = drivenClock();
  const { queues, removed } = world({ receive: () => new Promise(() => {}) }, clock);
  const waiting = queues.receive('sync', receiveOptions);
  await clock.sleep(100);
  const acknowledged = queues.acknowledge('sync', ['r1']);
  await queues.close();
  assert.deepEqual(await waiting, []);
  assert.deepEqual(await acknowledged, [{ ok: true }]);
  assert.deepEqual(removed, [['r1']]);
  await assert.rejects(queues.send('sync', [{ body: 'late' }]), { code: 'engine-closed' });
});

test('a group that SQS would refuse costs the others in its batch nothing', async () => {
  const { queues, sent } = world();
  const results = await queues.send('sync', [
    { body: 'a', groupId: 'mit Umlaut ä' },
    { body: 'b', groupId: 'shopee-1' },
  ]);
  assert.deepEqual(
    results.map(({ ok }) => ok),
    [false, true],
  );
  assert.equal(sent.flat()[0]?.MessageGroupId, 'shopee-1');
});
