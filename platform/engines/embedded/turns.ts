import type { ReceivedMessage } from '#platform/engines/engine.ts';
import type { Database } from './database.ts';

/**
 * Most groups that one receive looks at: bounds its time where thousands of groups have only messages that wait.
 * The next receive goes on from there, so that each group still has its turn.
 */
const MAX_GROUPS_LOOKED_AT = 200;

/** Takes up to `maxMessages` visible messages of a queue, inside the caller's transaction. */
export type TakeTurns = (queue: string, now: number, visibleAt: number, maxMessages: number) => ReceivedMessage[];

/**
 * Groups take turns: first one message of each group, from the group after the last one served, then the oldest of the
 * whole queue. A group with a large backlog so delays another's message by one round of the groups, not by its backlog.
 */
export function openTurns(database: Database): TakeTurns {
  const firstOfGroups = database.prepare(
    'SELECT id, group_id, visible_at FROM messages WHERE queue = ? ORDER BY group_id, visible_at LIMIT 1',
  );
  const firstOfNextGroup = database.prepare(
    'SELECT id, group_id, visible_at FROM messages WHERE queue = ? AND group_id > ? ORDER BY group_id, visible_at LIMIT 1',
  );
  const oldest = database.prepare(
    'SELECT * FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?',
  );
  const byId = database.prepare('SELECT * FROM messages WHERE id = ?');
  // Cheaper than one UPDATE … RETURNING for all.
  const claim = database.prepare('UPDATE messages SET visible_at = ?, receive_count = receive_count + 1 WHERE id = ?');
  const lastServed = new Map<string, string>();

  function take(row: unknown, visibleAt: number): ReceivedMessage {
    const message = row as MessageRow;
    claim.run(visibleAt, message.id);
    return received({ ...message, receive_count: message.receive_count + 1 });
  }

  return (queue, now, visibleAt, maxMessages) => {
    // One more than can be taken: where there is none, there are no turns to take.
    const first = oldest.all(queue, now, maxMessages + 1);
    if (first.length <= maxMessages) return first.map((row) => take(row, visibleAt));
    const taken: ReceivedMessage[] = [];
    let group = lastServed.get(queue);
    let firstLookedAt: string | undefined;
    for (let looks = 0; looks < MAX_GROUPS_LOOKED_AT && taken.length < maxMessages; looks++) {
      const next = group === undefined ? undefined : firstOfNextGroup.get(queue, group);
      const head = (next ?? firstOfGroups.get(queue)) as HeadRow | undefined;
      if (!head || head.group_id === firstLookedAt) break;
      group = head.group_id;
      firstLookedAt ??= group;
      if (head.visible_at <= now) taken.push(take(byId.get(head.id), visibleAt));
    }
    if (group !== undefined) lastServed.set(queue, group);
    const missing = maxMessages - taken.length;
    if (missing > 0) for (const row of oldest.all(queue, now, missing)) taken.push(take(row, visibleAt));
    return taken;
  };
}

type HeadRow = { id: number; group_id: string; visible_at: number };

type MessageRow = {
  id: number;
  group_id: string;
  body: string;
  attributes: string;
  sent_at: number;
  receive_count: number;
};

function received(message: MessageRow): ReceivedMessage {
  return {
    messageId: String(message.id),
    receipt: `${message.id}.${message.receive_count}`,
    body: message.body,
    attributes: JSON.parse(message.attributes) as Record<string, string>,
    groupId: message.group_id === '' ? undefined : message.group_id,
    receiveCount: message.receive_count,
    sentAt: message.sent_at,
  };
}
