import { defineCommand } from '#cli/command.ts';
import { describeLetter, letterTarget, lookAtOne, queueOption } from '#cli/dead-letters.ts';
import { recordActions } from '#cli/operator-actions.ts';

export const deadLettersDrop = defineCommand({
  name: 'dead-letters drop',
  takes: ['message-id'],
  says: 'Removes a dead letter for good',
  options: { queue: queueOption },
  async run(deps, { words: [messageId], values }) {
    const dropped = describeLetter(await lookAtOne((await deps.open()).engine.queues, values.queue, messageId, 'drop'));
    await recordActions(deps, 'dead-letters drop', [letterTarget(dropped)]);
    return {
      json: { dropped },
      text: [`${messageId} of ${dropped.queue} is gone (${dropped.reason}, event ${dropped.eventId ?? 'unknown'}).`],
    };
  },
});
