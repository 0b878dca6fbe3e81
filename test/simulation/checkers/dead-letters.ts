import type { Inside } from '#test/simulation/simulation.ts';
import type { Checker } from '#test/simulation/watch.ts';

const RULE = 'no healthy message is buried';

/** Only what nobody can read ends in a dead-letter queue, and all of it does. */
export function checkDeadLetters(inside: Inside): Checker {
  const poison = new Set<string>();
  return {
    rule: RULE,
    sent({ queue, body, attributes }) {
      const isPoison = body.startsWith('{"poison":');
      if (queue === 'amazon-notifications' && isPoison) poison.add(body);
      if (!queue.endsWith('-dead-letters')) return;
      poison.delete(body);
      if (!isPoison) inside.violate(RULE, `a message is in ${queue}: ${attributes.reason}, ${attributes.detail}`);
    },
    finish() {
      if (poison.size > 0) inside.violate(RULE, `${poison.size} unreadable messages are nowhere`);
    },
  };
}
