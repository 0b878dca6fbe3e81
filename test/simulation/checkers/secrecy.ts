import type { Inside } from '#test/simulation/simulation.ts';
import type { Checker } from '#test/simulation/watch.ts';
import { BUYER_MARK, PHONE_MARK } from '#test/simulation/workload.ts';

const RULE = 'no secret and no buyer in the clear';
/** registrations hold names and addresses too; what is secret in them is named so */
const SECRET_FIELD = /secret|key|token/i;
const NOT_SECRET = /url|^(app|api)Key$/i;
/** the beginning of the part of a token that is random: half of an answer may hold no more of it */
const RANDOM_PART = /(?<![0-9a-f])[0-9a-f]{32}/g;
/** what the sandboxes' first refresh tokens are called */
const FIRST_TOKEN = 'sandbox-refresh-';

/** Neither logs nor queues, dead letters, audit entries or the store hold a token, a key or a buyer in the clear. */
export function checkSecrecy(inside: Inside): Checker {
  const fixed = inside.sandboxes.flatMap(({ registration }) =>
    Object.entries(registration)
      .filter(([name]) => SECRET_FIELD.test(name) && !NOT_SECRET.test(name))
      .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
      .filter((value): value is string => typeof value === 'string'),
  );
  const randomParts = new Set<string>();

  function learn(): void {
    if (inside.ledger.secrets.size === 0) return;
    for (const secret of inside.ledger.secrets) {
      for (const [part] of secret.matchAll(RANDOM_PART)) randomParts.add(part);
    }
    inside.ledger.secrets.clear();
  }

  function look(where: string, text: string): void {
    learn();
    const clear = [BUYER_MARK, PHONE_MARK, FIRST_TOKEN, ...fixed].find((mark) => text.includes(mark));
    if (clear !== undefined) inside.violate(RULE, `${where} holds ${clear}`);
    for (const [part] of text.matchAll(RANDOM_PART)) {
      if (randomParts.has(part)) inside.violate(RULE, `${where} holds a token`);
    }
  }

  return {
    rule: RULE,
    sent: ({ queue, body, attributes }) => look(`a message of ${queue}`, `${body}${JSON.stringify(attributes)}`),
    wrote({ table, partition, after }) {
      if (after === undefined) return;
      if (table !== 'audit-log') look(`the table ${table}`, after);
      else if (partition.endsWith(' entries')) {
        look('the audit log', Buffer.from(JSON.parse(after) as string, 'base64').toString('utf8'));
      }
    },
    logged: (by, line) => look(`a log line of ${by}`, line),
  };
}
