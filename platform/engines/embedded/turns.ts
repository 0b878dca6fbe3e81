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
  const claim = `UPDATE messages SET visible_at = ?, receive_count = receive_count + 1`;
  const claimOne = database.prepare(`${claim} WHERE id = ? RETURNING *`);
  const claimOldest = database.prepare(
    `${claim} WHERE id IN
      (SELECT id FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?) RETURNING *`,
  );
  const countVisible = database.prepare(
    'SELECT count(*) AS n FROM (SELECT 1 FROM messages WHERE queue = ? AND visible_at <= ? LIMIT ?)',
  );
  const lastServed = new Map<string, string>();

  return (queue, now, visibleAt, maxMessages) => {
    const taken: ReceivedMessage[] = [];
    // Where all can be taken, there are no turns to take.
    if (Number(countVisible.get(queue, now, maxMessages + 1)?.n) <= maxMessages) {
      for (const row of claimOldest.all(visibleAt, queue, now, maxMessages)) taken.push(received(row));
      return taken;
    }
    let group = lastServed.get(queue);
    let firstLookedAt: string | undefined;
    for (let looks = 0; looks < MAX_GROUPS_LOOKED_AT && taken.length < maxMessages; looks++) {
      const next = group === undefined ? undefined : firstOfNextGroup.get(queue, group);
      const head = (next ?? firstOfGroups.get(queue)) as HeadRow | undefined;
      if (!head || head.group_id === firstLookedAt) break;
      group = head.group_id;
      firstLookedAt ??= group;
      if (head.visible_at <= now) taken.push(received(claimOne.get(visibleAt, head.id)));
    }
    if (group !== undefined) lastServed.set(queue, group);
    const missing = maxMessages - taken.length;
    if (missing > 0) for (const row of claimOldest.all(visibleAt, queue, now, missing)) taken.push(received(row));
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

function received(row: unknown): ReceivedMessage {
  const message = row as MessageRow;
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
