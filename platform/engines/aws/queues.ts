import {
  ChangeMessageVisibilityBatchCommand,
  type ChangeMessageVisibilityBatchRequestEntry,
  DeleteMessageBatchCommand,
  type DeleteMessageBatchRequestEntry,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { EntryResult, OutgoingMessage, Queues } from '#platform/engines/engine.ts';
import { MAX_BODY_BYTES, MAX_DELAY_MS } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Random } from '#platform/runtime/random.ts';
import { type Batcher, createBatcher } from './batcher.ts';
import { encodeMessage } from './bodies.ts';
import { asking, closed } from './failures.ts';
import { queueName } from './names.ts';
import type { Objects } from './objects.ts';
import { openReceiver } from './receiver.ts';

/** Most entries of one call, and most bytes of all messages in one: SQS's limits. */
const MAX_ENTRIES = 10;
const MAX_BATCH_BYTES = 1_048_576;
/** Calls of one kind under way at once, for one queue. */
const MAX_CALLS = 32;
/** How long a message waits for others, ms: alone, and while others are being sent. Somebody waits for its answer. */
const SEND_WAIT_MS = 2;
const SEND_PATIENCE_MS = 100;
/** The same for what nobody waits for but the visibility timeout, ms. */
const DELETE_WAIT_MS = 500;
const DELETE_PATIENCE_MS = 1_000;
/** The same for visibility, ms: it may be a message that is to be given back now. */
const EXTEND_WAIT_MS = 5;
const EXTEND_PATIENCE_MS = 50;
/** Tries of an entry that fails by the queue's own fault, and the longest pause before the second one, ms; it doubles. */
const MAX_ENTRY_TRIES = 3;
const ENTRY_PAUSE_MS = 100;
/** What SQS takes as `MessageGroupId`. */
const GROUP_ID = /^[!-~]{1,128}$/;

const OK: EntryResult = { ok: true };

type Sendable = Omit<SendMessageBatchRequestEntry, 'Id'> & { bytes: number };
type Visibility = Omit<ChangeMessageVisibilityBatchRequestEntry, 'Id'>;
type Batchers = {
  send: Batcher<Sendable, EntryResult>;
  remove: Batcher<string, EntryResult>;
  extend: Batcher<Visibility, EntryResult>;
};

export type AwsQueues = Queues & {
  url(queue: string): Promise<string>;
  arn(queue: string): Promise<string>;
  close(): Promise<void>;
};

export type QueuesDeps = { sqs: Pick<SQSClient, 'send'>; objects: Objects; clock: Clock; random: Random };

/**
 * The port over SQS's standard queues. Calls at about the same time share batches of ten; each entry has its own result,
 * and one that fails by the queue's own fault is tried again.
 */
export function openQueues({ sqs, objects, clock, random }: QueuesDeps, { stack }: { stack: string }): AwsQueues {
  const urls = new Map<string, Promise<string>>();
  const batchers = new Map<string, Batchers>();
  const closing = new AbortController();
  const asked = (action: string, queue: string) => ({
    action: `sqs:${action}`,
    of: `the queue ${queueName(stack, queue)}`,
  });

  async function findUrl(queue: string): Promise<string> {
    const name = queueName(stack, queue);
    const { QueueUrl } = await asking(asked('GetQueueUrl', queue), () =>
      sqs.send(new GetQueueUrlCommand({ QueueName: name })),
    );
    return QueueUrl!;
  }

  function url(queue: string): Promise<string> {
    const known = urls.get(queue);
    if (known) return known;
    const found = findUrl(queue);
    urls.set(queue, found);
    found.catch(() => urls.delete(queue));
    return found;
  }

  async function attributes(queue: string, names: QueueAttributeName[]): Promise<Record<string, string>> {
    const QueueUrl = await url(queue);
    const { Attributes = {} } = await asking(asked('GetQueueAttributes', queue), () =>
      sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names })),
    );
    return Attributes;
  }

  /** One call for many entries, each with its own result; those that failed by the queue's own fault go once more. */
  async function entryByEntry<Entry>(
    entries: readonly Entry[],
    call: (entries: (Entry & { Id: string })[]) => Promise<BatchAnswer>,
  ): Promise<EntryResult[]> {
    const results: EntryResult[] = entries.map(() => ({ ok: false, reason: 'the queue gave no answer' }));
    let left = entries.map((_, i) => i);
    for (let tries = 1; ; tries++) {
      const answer = await call(left.map((i) => ({ ...entries[i]!, Id: String(i) })));
      for (const { Id } of answer.Successful ?? []) results[Number(Id)] = OK;
      for (const { Id, Code } of answer.Failed ?? []) results[Number(Id)] = { ok: false, reason: Code ?? 'unknown' };
      const isOwnFault = new Set(
        (answer.Failed ?? []).filter((entry) => !entry.SenderFault).map(({ Id }) => Number(Id)),
      );
      left = left.filter((i) => isOwnFault.has(i));
      if (left.length === 0 || tries === MAX_ENTRY_TRIES) return results;
      await clock.sleep(random.fraction() * ENTRY_PAUSE_MS * 2 ** (tries - 1));
    }
  }

  function batchersOf(queue: string): Batchers {
    const known = batchers.get(queue);
    if (known) return known;
    const shared = { clock, maxItems: MAX_ENTRIES, maxCalls: MAX_CALLS };
    const created: Batchers = {
      send: createBatcher<Sendable, EntryResult>(
        {
          ...shared,
          bytes: { max: MAX_BATCH_BYTES, of: ({ bytes }) => bytes },
          waitMs: SEND_WAIT_MS,
          patienceMs: SEND_PATIENCE_MS,
        },
        async (messages) => {
          const QueueUrl = await url(queue);
          return entryByEntry(
            messages.map(({ bytes: _, ...entry }) => entry),
            (Entries) =>
              asking(asked('SendMessage', queue), () => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))),
          );
        },
      ),
      remove: createBatcher<string, EntryResult>(
        { ...shared, waitMs: DELETE_WAIT_MS, patienceMs: DELETE_PATIENCE_MS },
        async (receipts) => {
          const QueueUrl = await url(queue);
          return entryByEntry<Omit<DeleteMessageBatchRequestEntry, 'Id'>>(
            receipts.map((ReceiptHandle) => ({ ReceiptHandle })),
            (Entries) =>
              asking(asked('DeleteMessage', queue), () =>
                sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })),
              ),
          );
        },
      ),
      extend: createBatcher<Visibility, EntryResult>(
        { ...shared, waitMs: EXTEND_WAIT_MS, patienceMs: EXTEND_PATIENCE_MS },
        async (visibilities) => {
          const QueueUrl = await url(queue);
          return entryByEntry(visibilities, (Entries) =>
            asking(asked('ChangeMessageVisibility', queue), () =>
              sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })),
            ),
          );
        },
      ),
    };
    batchers.set(queue, created);
    return created;
  }

  async function sendOne(queue: string, message: OutgoingMessage): Promise<EntryResult> {
    const { groupId, delayMs = 0 } = message;
    const encoded = await encodeMessage(message, { objects, source: () => url(queue), random });
    return batchersOf(queue).send.add({
      ...encoded,
      ...(groupId ? { MessageGroupId: groupId } : {}),
      ...(delayMs > 0 ? { DelaySeconds: secondsAtLeast(delayMs) } : {}),
    });
  }

  /** Results of entries that went their own ways: a failure that met all of them is thrown, else it is a result. */
  async function settled(results: Promise<EntryResult>[]): Promise<EntryResult[]> {
    const outcomes = await Promise.allSettled(results);
    const thrown = outcomes.find((outcome) => outcome.status === 'rejected');
    const isAnyDone = outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value.ok);
    if (thrown && !isAnyDone) throw thrown.reason;
    return outcomes.map((outcome) => {
      if (outcome.status === 'fulfilled') return outcome.value;
      return { ok: false, reason: outcome.reason instanceof Failure ? outcome.reason.message : 'the engine failed' };
    });
  }

  function requireOpen(): void {
    if (closing.signal.aborted) throw closed();
  }

  async function extend(queue: string, receipts: readonly string[], ms: number): Promise<EntryResult[]> {
    const VisibilityTimeout = secondsAtLeast(ms);
    const { extend } = batchersOf(queue);
    return settled(receipts.map((ReceiptHandle) => extend.add({ ReceiptHandle, VisibilityTimeout })));
  }

  const receiver = openReceiver(
    { sqs, objects, clock },
    { url, closing: closing.signal, asked, giveBack: (queue, receipts) => extend(queue, receipts, 0) },
  );

  return {
    url,

    async arn(queue) {
      return (await attributes(queue, ['QueueArn'])).QueueArn!;
    },

    async send(queue, messages) {
      requireOpen();
      return settled(
        messages.map(async (message) => {
          const reason = checkMessage(message);
          return reason === undefined ? sendOne(queue, message) : { ok: false, reason };
        }),
      );
    },

    async receive(queue, options) {
      const reason = checkDuration('visibilityTimeoutMs', options.visibilityTimeoutMs, 1);
      if (reason) throw new RangeError(reason);
      return receiver.receive(queue, options);
    },

    async acknowledge(queue, receipts) {
      requireOpen();
      const { remove } = batchersOf(queue);
      return settled(receipts.map((receipt) => remove.add(receipt)));
    },

    async extend(queue, receipts, visibilityTimeoutMs) {
      requireOpen();
      const reason = checkDuration('visibilityTimeoutMs', visibilityTimeoutMs, 0);
      if (reason) return receipts.map(() => ({ ok: false, reason }));
      return extend(queue, receipts, visibilityTimeoutMs);
    },

    async depth(queue) {
      requireOpen();
      const counts = await attributes(queue, [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ]);
      return {
        visible: Number(counts.ApproximateNumberOfMessages),
        inFlight: Number(counts.ApproximateNumberOfMessagesNotVisible),
        delayed: Number(counts.ApproximateNumberOfMessagesDelayed),
      };
    },

    async close() {
      closing.abort('closed');
      const all = [...batchers.values()].flatMap(({ send, remove, extend }) => [send, remove, extend]);
      await Promise.all(all.map((batcher) => batcher.drain()));
    },
  };
}

/** What the three batch calls have in common in their answers. */
type BatchAnswer = {
  Successful?: { Id: string | undefined }[] | undefined;
  Failed?: { Id: string | undefined; SenderFault: boolean | undefined; Code: string | undefined }[] | undefined;
};

/** SQS counts in seconds: nothing comes before its time. */
const secondsAtLeast = (ms: number): number => Math.ceil(ms / 1_000);

/** Why SQS would refuse a message; what can be told here costs the others in its batch nothing. */
function checkMessage({ body, delayMs = 0, groupId }: OutgoingMessage): string | undefined {
  const bodyBytes = Buffer.byteLength(body);
  if (bodyBytes > MAX_BODY_BYTES) return `the body is ${bodyBytes} bytes long, ${MAX_BODY_BYTES} is the most`;
  if (groupId && !GROUP_ID.test(groupId)) return 'the group is not 1 to 128 printable characters of ASCII';
  return checkDuration('delayMs', delayMs, 0);
}

function checkDuration(name: string, ms: number, leastMs: number): string | undefined {
  return ms >= leastMs && ms <= MAX_DELAY_MS ? undefined : `${name} is ${ms}, not from ${leastMs} to ${MAX_DELAY_MS}`;
}
