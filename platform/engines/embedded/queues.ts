import type { EntryResult, OutgoingMessage, Queues, ReceivedMessage } from '#platform/engines/engine.ts';
import { MAX_BODY_BYTES, MAX_DELAY_MS } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Arrivals } from './arrivals.ts';
import type { Database } from './database.ts';
import { openTurns } from './turns.ts';

const OK: EntryResult = { ok: true };
const NOT_NEWEST: EntryResult = {
  ok: false,
  reason: 'not the newest receipt of a message of this queue: it was acknowledged, or received again since',
};

/** `insert` is for a caller that has a transaction of its own; it is to call `arrivals.notify` after it. */
export type EmbeddedQueues = Queues & { insert(queue: string, message: OutgoingMessage): void };

/** Queues in one table. A receive moves `visible_at` on and counts; a receipt is the message's id and that count. */
export function openQueues(database: Database, clock: Clock, arrivals: Arrivals): EmbeddedQueues {
  const add = database.prepare(
    'INSERT INTO messages (queue, group_id, body, attributes, sent_at, visible_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const anyVisible = database.prepare('SELECT 1 FROM messages WHERE queue = ? AND visible_at <= ? LIMIT 1');
  const nextVisible = database.prepare('SELECT min(visible_at) AS at FROM messages WHERE queue = ? AND visible_at > ?');
  const remove = database.prepare('DELETE FROM messages WHERE id = ? AND receive_count = ? AND queue = ?');
  const move = database.prepare('UPDATE messages SET visible_at = ? WHERE id = ? AND receive_count = ? AND queue = ?');
  const countVisible = database.prepare('SELECT count(*) AS n FROM messages WHERE queue = ? AND visible_at <= ?');
  const countHidden = database.prepare(
    'SELECT count(*) AS n, count(nullif(receive_count, 0)) AS received FROM messages WHERE queue = ? AND visible_at > ?',
  );
  const takeTurns = openTurns(database);

  function insert(queue: string, message: OutgoingMessage): void {
    const now = clock.now();
    const attributes = JSON.stringify(message.attributes ?? {});
    const visibleAt = Math.ceil(now + (message.delayMs ?? 0));
    add.run(queue, message.groupId ?? '', message.body, attributes, now, visibleAt);
  }

  function take(queue: string, maxMessages: number, visibilityTimeoutMs: number): ReceivedMessage[] {
    const now = clock.now();
    // So that a look into an empty queue takes no lock.
    if (!database.read(() => anyVisible.get(queue, now))) return [];
    return database.transact(() => takeTurns(queue, now, Math.ceil(now + visibilityTimeoutMs), maxMessages));
  }

  return {
    insert,
    async send(queue, messages) {
      const results = messages.map(checkMessage);
      const sendable = messages.filter((_, i) => results[i]!.ok);
      if (sendable.length === 0) return results;
      await database.commit(() => {
        for (const message of sendable) insert(queue, message);
      });
      arrivals.notify(queue);
      return results;
    },

    async receive(queue, { maxMessages, visibilityTimeoutMs, waitMs, signal }) {
      const refused = checkDuration('visibilityTimeoutMs', visibilityTimeoutMs, 1);
      if (refused) throw new RangeError(refused);
      const endAt = clock.now() + waitMs;
      for (;;) {
        if (signal?.aborted) return [];
        const messages = take(queue, maxMessages, visibilityTimeoutMs);
        const now = clock.now();
        if (messages.length > 0 || now >= endAt || arrivals.isClosed()) return messages;
        const nextAt = database.read(() => nextVisible.get(queue, now)?.at);
        const wakeAt = typeof nextAt === 'number' ? Math.min(nextAt, endAt) : endAt;
        await arrivals.wait(queue, wakeAt - now, signal);
        if (arrivals.isClosed()) return [];
      }
    },

    async acknowledge(queue, receipts) {
      if (receipts.length === 0) return [];
      return database.commit(() =>
        receipts.map((receipt) => (remove.run(...namedBy(receipt), queue).changes === 1 ? OK : NOT_NEWEST)),
      );
    },

    async extend(queue, receipts, visibilityTimeoutMs) {
      const reason = checkDuration('visibilityTimeoutMs', visibilityTimeoutMs, 0);
      if (reason) return receipts.map(() => ({ ok: false, reason }));
      if (receipts.length === 0) return [];
      const visibleAt = Math.ceil(clock.now() + visibilityTimeoutMs);
      const results = database.transact(() =>
        receipts.map((receipt) => (move.run(visibleAt, ...namedBy(receipt), queue).changes === 1 ? OK : NOT_NEWEST)),
      );
      arrivals.notify(queue);
      return results;
    },

    async depth(queue) {
      const now = clock.now();
      return database.read(() => {
        const hidden = countHidden.get(queue, now);
        const inFlight = Number(hidden?.received);
        return {
          visible: Number(countVisible.get(queue, now)?.n),
          inFlight,
          delayed: Number(hidden?.n) - inFlight,
        };
      });
    },
  };
}

function checkMessage(message: OutgoingMessage): EntryResult {
  const bodyBytes = Buffer.byteLength(message.body);
  if (bodyBytes > MAX_BODY_BYTES) {
    return { ok: false, reason: `the body is ${bodyBytes} bytes long, ${MAX_BODY_BYTES} is the most` };
  }
  const reason = checkDuration('delayMs', message.delayMs ?? 0, 0);
  return reason ? { ok: false, reason } : OK;
}

function checkDuration(name: string, ms: number, leastMs: number): string | undefined {
  return ms >= leastMs && ms <= MAX_DELAY_MS ? undefined : `${name} is ${ms}, not from ${leastMs} to ${MAX_DELAY_MS}`;
}

/** The id and receive count that a receipt names; of one that is not ours, what no message has. */
function namedBy(receipt: string): [id: number, receiveCount: number] {
  const match = /^([1-9]\d{0,14})\.([1-9]\d{0,14})$/.exec(receipt);
  return match ? [Number(match[1]), Number(match[2])] : [0, 0];
}
