import { type CommandDeps, defineCommand, WrongCall } from '#cli/command.ts';
import {
  describeLetter,
  hiddenNote,
  type Looked,
  letterTarget,
  lookAt,
  lookAtOne,
  queueOption,
} from '#cli/dead-letters.ts';
import { recordActions } from '#cli/operator-actions.ts';
import { flag } from '#cli/options.ts';
import type { QueueName } from '#events/routes.ts';

export const deadLettersRedrive = defineCommand({
  name: 'dead-letters redrive',
  takes: ['message-id?'],
  says: 'Sends dead letters back to the queue they died in, with their attempts counted anew',
  options: { all: flag('every dead letter, instead of one'), queue: queueOption },
  async run(deps, { words: [messageId], values }) {
    if ((messageId === undefined) !== values.all) {
      throw new WrongCall('sluice dead-letters redrive takes a <message-id> or --all, one of them');
    }
    const { letters, hiddenCount } = await redrive(deps, values.queue, messageId);
    await recordActions(deps, 'dead-letters redrive', letters.map(letterTarget));
    return {
      json: { redriven: letters.map(describeLetter), hiddenCount },
      text: [
        messageId === undefined
          ? `Back in their queues: ${letters.length} dead letters.`
          : `${messageId} is back in ${letters[0]?.queue}.`,
        ...(hiddenCount > 0 ? [`Not all could be: ${hiddenNote(hiddenCount)}.`] : []),
      ],
    };
  },
});

async function redrive(deps: CommandDeps, only: QueueName | undefined, messageId: string | undefined): Promise<Looked> {
  const { engine, clock } = await deps.open();
  if (messageId !== undefined) {
    return { letters: [await lookAtOne(engine.queues, only, messageId, 'redrive')], hiddenCount: 0 };
  }
  // What dies again while this runs is not sent round and round.
  const startedAt = new Date(clock.now()).toISOString();
  const looked = await lookAt(engine.queues, only, ({ diedAt }) => (diedAt <= startedAt ? 'redrive' : 'keep'));
  return { ...looked, letters: looked.letters.filter(({ diedAt }) => diedAt <= startedAt) };
}
