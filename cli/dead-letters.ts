import { deadLetterQueue, QUEUES, type QueueName } from '#events/routes.ts';
import type { Queues } from '#platform/engines/engine.ts';
import { type DeadLetter, type Disposal, lookAtDeadLetters } from '#platform/state/dead-letters.ts';
import { oneOf } from './options.ts';

export const queueOption = oneOf('Q', QUEUES, 'only those that died in this queue');

/** `hiddenCount`: letters that another look has hidden for up to a minute, which this one could not see. */
export type Looked = { letters: DeadLetter[]; hiddenCount: number };

/** Looks at the dead letters of one queue, or of all, and does with each what `decide` says. */
export async function lookAt(
  queues: Queues,
  only: QueueName | undefined,
  decide: (letter: DeadLetter) => Disposal,
): Promise<Looked> {
  const looked: Looked = { letters: [], hiddenCount: 0 };
  for (const queue of only === undefined ? QUEUES : [only]) {
    const names = { queue, deadLetterQueue: deadLetterQueue(queue) };
    looked.hiddenCount += (await queues.depth(names.deadLetterQueue)).inFlight;
    looked.letters.push(...(await lookAtDeadLetters(queues, names, decide)));
  }
  return looked;
}

/** Looks for one dead letter and does with it what is said; an error if it is not to be seen. */
export async function lookAtOne(
  queues: Queues,
  only: QueueName | undefined,
  messageId: string,
  disposal: Disposal,
): Promise<DeadLetter> {
  const isIt = (letter: DeadLetter): boolean => letter.messageId === messageId;
  const { letters, hiddenCount } = await lookAt(queues, only, (letter) => (isIt(letter) ? disposal : 'keep'));
  const letter = letters.find(isIt);
  if (letter) return letter;
  const why = hiddenCount > 0 ? `${hiddenNote(hiddenCount)}: try again then` : 'sluice dead-letters list shows them';
  throw new Error(`there is no dead letter ${messageId} to be seen${only ? ` of ${only}` : ''}: ${why}`);
}

export const hiddenNote = (count: number): string => `another look hides ${count} for up to a minute`;

/** What is told of a letter: all but its body. */
export function describeLetter(letter: DeadLetter) {
  const { messageId, queue, reason, detail, handler, attempt: attempts, diedAt, eventId } = letter;
  return { messageId, queue, reason, detail, handler, attempts, diedAt, eventId };
}

/** A letter as the audit log names it. */
export const letterTarget = ({ queue, messageId }: Pick<DeadLetter, 'queue' | 'messageId'>): string =>
  `${queue}/${messageId}`;
