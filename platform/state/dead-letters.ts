import type { Queues, ReceivedMessage } from '#platform/engines/engine.ts';

/** how long a look at the dead letters hides them from others, ms */
const LOOK_MS = 60_000;
const PAGE = 100;
/** most dead letters that one look takes in */
const MAX_LOOKED_AT = 10_000;

export type DeadLetter = {
  messageId: string;
  /** the queue it died in */
  queue: string;
  reason: string;
  detail: string;
  handler: string;
  attempt: number;
  diedAt: string;
  eventId: string | null;
  body: string;
};

/** What became of a letter that was looked at: it stays, goes back to its queue, or is gone. */
export type Disposal = 'keep' | 'redrive' | 'drop';

function read(message: ReceivedMessage, queue: string): DeadLetter {
  const { attributes } = message;
  return {
    messageId: message.messageId,
    queue,
    reason: attributes.reason ?? 'unknown',
    detail: attributes.detail ?? '',
    handler: attributes.handler ?? 'unknown',
    attempt: Number(attributes.attempt ?? 0),
    diedAt: attributes.diedAt ?? new Date(message.sentAt).toISOString(),
    eventId: attributes.eventId ?? null,
    body: message.body,
  };
}

/**
 * Takes in the dead letters of `queue`, asks `decide` about each, and does what it says. A letter is redriven with its
 * attempts counted anew, and removed from the dead letters only when its queue has it. Kept ones are given back at once.
 */
export async function lookAtDeadLetters(
  queues: Queues,
  names: { queue: string; deadLetterQueue: string },
  decide: (letter: DeadLetter) => Disposal,
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const kept: string[] = [];
  while (letters.length < MAX_LOOKED_AT) {
    const messages = await queues.receive(names.deadLetterQueue, {
      maxMessages: PAGE,
      visibilityTimeoutMs: LOOK_MS,
      waitMs: 0,
    });
    if (messages.length === 0) break;
    for (const message of messages) {
      const letter = read(message, names.queue);
      letters.push(letter);
      const disposal = decide(letter);
      if (disposal === 'keep') {
        kept.push(message.receipt);
        continue;
      }
      if (disposal === 'redrive') {
        const [sent] = await queues.send(names.queue, [{ body: message.body, groupId: message.groupId }]);
        if (!sent?.ok) throw new Error(`${names.queue} did not take the message ${message.messageId} back`);
      }
      await queues.acknowledge(names.deadLetterQueue, [message.receipt]);
    }
  }
  if (kept.length > 0) await queues.extend(names.deadLetterQueue, kept, 0);
  return letters;
}
