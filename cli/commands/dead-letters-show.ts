import { hash } from 'node:crypto';
import { defineCommand } from '#cli/command.ts';
import { describeLetter, lookAtOne, queueOption } from '#cli/dead-letters.ts';
import { flag } from '#cli/options.ts';
import { fields } from '#cli/table.ts';
import { type AnyEvent, readEvent } from '#events/index.ts';

export const deadLettersShow = defineCommand({
  name: 'dead-letters show',
  takes: ['message-id'],
  says: 'One dead letter with its event',
  options: {
    queue: queueOption,
    body: flag('the body as it came, which may hold personal data if it is none of our events'),
  },
  async run({ open }, { words: [messageId], values }) {
    const letter = await lookAtOne((await open()).engine.queues, values.queue, messageId, 'keep');
    const told = describeLetter(letter);
    const events = eventsIn(letter.body);
    const body = {
      bytes: Buffer.byteLength(letter.body),
      sha256: hash('sha256', letter.body),
      ...(values.body ? { text: letter.body } : {}),
    };
    const content = events
      ? JSON.stringify(events.length === 1 ? events[0] : events, null, 2).split('\n')
      : ['The body is none of our events; --body shows it.'];
    return {
      json: { ...told, body, events },
      text: [
        ...fields([...Object.entries(told), ['body', `${body.bytes} bytes, SHA-256 ${body.sha256}`]]),
        '',
        ...(values.body ? letter.body.split('\n') : content),
      ],
    };
  },
});

/** The event, or the batch of them, that a body holds: only the members that its schema knows. Null for another body. */
function eventsIn(body: string): AnyEvent[] | null {
  try {
    const json: unknown = JSON.parse(body);
    return (Array.isArray(json) ? json : [json]).map(readEvent);
  } catch {
    return null;
  }
}
