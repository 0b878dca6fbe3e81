import { defineCommand } from '#cli/command.ts';
import { describeLetter, hiddenNote, lookAt, queueOption } from '#cli/dead-letters.ts';
import { table } from '#cli/table.ts';

export const deadLettersList = defineCommand({
  name: 'dead-letters list',
  takes: [],
  says: 'Messages that no function could handle, and why',
  options: { queue: queueOption },
  async run({ open }, { values }) {
    const { letters, hiddenCount } = await lookAt((await open()).engine.queues, values.queue, () => 'keep');
    const rows = letters.map(describeLetter);
    const listing = table(
      ['MESSAGE', 'QUEUE', 'REASON', 'HANDLER', 'ATTEMPTS', 'DIED', 'EVENT', 'DETAIL'],
      rows.map((row) => [
        row.messageId,
        row.queue,
        row.reason,
        row.handler,
        row.attempts,
        row.diedAt,
        row.eventId,
        row.detail,
      ]),
    );
    return {
      json: { deadLetters: rows, hiddenCount },
      text: [
        ...(rows.length > 0 ? listing : ['There are no dead letters.']),
        ...(hiddenCount > 0 ? [`Not all are shown: ${hiddenNote(hiddenCount)}.`] : []),
      ],
    };
  },
});
