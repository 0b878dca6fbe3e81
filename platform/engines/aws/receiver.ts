import { type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Queues, ReceivedMessage } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { ATTRIBUTE, decodeMessage } from './bodies.ts';
import { MAX_POLL_MS, POLL_LATENESS_MS } from './clients.ts';
import { type Asked, asking } from './failures.ts';
import type { Objects } from './objects.ts';

/** Most messages of one call: SQS's limit. */
const MAX_MESSAGES = 10;
/** Most calls at once for one receive, where there is a backlog. */
const MAX_CALLS = 10;
/**
 * Pause after a receive that brought some messages and not ten, ms. A queue that messages trickle into answers with the
 * first one: so the next ones gather meanwhile, and share a call.
 */
const GATHER_MS = 100;
const SECOND_MS = 1_000;

type ReceiveOptions = Parameters<Queues['receive']>[1];

/** What receiving needs of the queues around it. */
export type ReceiverContext = {
  url(queue: string): Promise<string>;
  asked(action: string, queue: string): Asked;
  giveBack(queue: string, receipts: readonly string[]): Promise<unknown>;
  /** ends every receive */
  closing: AbortSignal;
};

/**
 * Receives by long polls, ten messages a call. Only while calls come back full do more go at once: first one, then two,
 * then four, so that a backlog is taken fast and an idle queue costs one call in 20 s.
 */
export function openReceiver(
  { sqs, objects, clock }: { sqs: Pick<SQSClient, 'send'>; objects: Objects; clock: Clock },
  { url, asked, giveBack, closing }: ReceiverContext,
) {
  /** by queue, until when the next messages gather */
  const gathersUntil = new Map<string, number>();

  async function poll(queue: string, maxMessages: number, visibilityTimeoutMs: number, waitMs: number) {
    const QueueUrl = await url(queue);
    // Less than a second would be no wait at all, and then callers would ask again and again.
    const waitSeconds = waitMs <= 0 ? 0 : Math.max(1, Math.round(Math.min(waitMs, MAX_POLL_MS) / SECOND_MS));
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: maxMessages,
      VisibilityTimeout: Math.ceil(visibilityTimeoutMs / SECOND_MS),
      WaitTimeSeconds: waitSeconds,
      MessageAttributeNames: [ATTRIBUTE],
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp', 'MessageGroupId'],
    });
    const { Messages = [] } = await asking(asked('ReceiveMessage', queue), () =>
      sqs.send(command, { abortSignal: closing, requestTimeout: waitSeconds * SECOND_MS + POLL_LATENESS_MS }),
    );
    return Messages;
  }

  async function decode(queue: string, message: Message): Promise<ReceivedMessage> {
    const system = message.Attributes ?? {};
    return {
      messageId: message.MessageId!,
      receipt: message.ReceiptHandle!,
      ...(await decodeMessage(message, { objects, source: () => url(queue) })),
      groupId: system.MessageGroupId,
      receiveCount: Number(system.ApproximateReceiveCount),
      sentAt: Number(system.SentTimestamp),
    };
  }

  /** The messages whose bodies could be read; the others come back by their visibility timeout. */
  async function decodeAll(queue: string, messages: readonly Message[]): Promise<ReceivedMessage[]> {
    const outcomes = await Promise.allSettled(messages.map((message) => decode(queue, message)));
    const decoded = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed && decoded.length === 0) throw failed.reason;
    return decoded;
  }

  /**
   * What the polls bring, or nothing as soon as `ended` aborts. A poll that was begun is not broken off then: the queue
   * would give messages to nobody, and hide them. What it still brings is given back.
   */
  async function unlessEnded(queue: string, polls: Promise<Message[]>[], ended: AbortSignal): Promise<Message[][]> {
    const all = Promise.allSettled(polls);
    const end = new AbortController();
    const outcomes = await Promise.race([all, aborted(ended, end.signal)]);
    end.abort();
    if (outcomes === undefined) {
      void all.then((late) => {
        const messages = late.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
        const receipts = messages.map(({ ReceiptHandle }) => ReceiptHandle!);
        if (receipts.length > 0) giveBack(queue, receipts).catch(() => {}); // they come back by themselves, later
      });
      return [];
    }
    const brought = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed && brought.every(({ length }) => length === 0)) throw failed.reason;
    return brought;
  }

  return {
    async receive(queue: string, options: ReceiveOptions): Promise<ReceivedMessage[]> {
      const { maxMessages, visibilityTimeoutMs, waitMs, signal } = options;
      const ended = signal ? AbortSignal.any([signal, closing]) : closing;
      const gatherMs = (gathersUntil.get(queue) ?? 0) - clock.now();
      // Never longer than GATHER_MS, also where the clock was set back.
      if (gatherMs > 0) await clock.sleep(Math.min(gatherMs, GATHER_MS), ended);
      if (ended.aborted) return [];
      const messages: Message[] = [];
      for (let calls = 1; ; calls = Math.min(2 * calls, MAX_CALLS)) {
        const sizes = split(maxMessages - messages.length, calls);
        const isFirst = messages.length === 0;
        const polls = sizes.map((size) => poll(queue, size, visibilityTimeoutMs, isFirst ? waitMs : 0));
        // What is there is given to the caller, whatever meets the calls for more.
        const brought = await unlessEnded(queue, polls, ended).catch((thrown: unknown) => {
          if (isFirst && !closing.aborted) throw thrown;
          return [];
        });
        messages.push(...brought.flat());
        const isAllFull = brought.length === sizes.length && brought.every(({ length }, i) => length === sizes[i]);
        if (!isAllFull || messages.length >= maxMessages) break;
      }
      const isPartial = messages.length > 0 && messages.length < maxMessages && messages.length % MAX_MESSAGES !== 0;
      if (isPartial) gathersUntil.set(queue, clock.now() + GATHER_MS);
      return decodeAll(queue, messages);
    },
  };
}

/** Sizes of at most `calls` calls that together ask for up to `wanted` messages. */
function split(wanted: number, calls: number): number[] {
  const sizes: number[] = [];
  for (let left = wanted; left > 0 && sizes.length < calls; left -= MAX_MESSAGES)
    sizes.push(Math.min(left, MAX_MESSAGES));
  return sizes;
}

/** Resolves when `signal` aborts; `end` lets go of it. */
function aborted(signal: AbortSignal, end: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true, signal: end });
  });
}
