import type { Schedule } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Database } from './database.ts';
import type { EmbeddedQueues } from './queues.ts';

/** How often a process looks for rules that another one has put, and tries again after a tick that failed, ms. */
const LOOK_INTERVAL_MS = 1_000;

/**
 * One timer a process, until the next rule is due. Whichever process is first moves the rule on and sends its message,
 * in one transaction, so that there is one message a tick. Without other processes and without rules there is no timer.
 */
export function openSchedule(
  database: Database,
  clock: Clock,
  options: {
    isShared: boolean;
    sendsTicks: boolean;
    insert: EmbeddedQueues['insert'];
    notify: (queue: string) => void;
  },
): Schedule & { close(): Promise<void> } {
  // A rule that is put again keeps its time, so that frequent restarts do not put its tick off for ever.
  const upsert = database.prepare(
    `INSERT INTO rules (name, every_ms, queue, body, due_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET every_ms = excluded.every_ms, queue = excluded.queue, body = excluded.body,
        due_at = min(due_at, excluded.due_at)`,
  );
  const remove = database.prepare('DELETE FROM rules WHERE name = ?');
  const dueRules = database.prepare('SELECT * FROM rules WHERE due_at <= ? ORDER BY due_at, name');
  const moveOn = database.prepare('UPDATE rules SET due_at = ? WHERE name = ?');
  const firstDue = database.prepare('SELECT min(due_at) AS at FROM rules');

  const closing = new AbortController();
  let wake = new AbortController();
  let isTicking = false;
  let ticked: Promise<void> | undefined;

  async function sendTicks(): Promise<void> {
    const rules = await database.commit(() => {
      const now = clock.now();
      const due = dueRules.all(now) as RuleRow[];
      for (const rule of due) {
        options.insert(rule.queue, { body: rule.body });
        const missed = Math.floor((now - rule.due_at) / rule.every_ms);
        moveOn.run(rule.due_at + (missed + 1) * rule.every_ms, rule.name);
      }
      return due;
    });
    for (const rule of rules) options.notify(rule.queue);
  }

  /** How long until the next tick or look, ms; undefined when there is nothing to wait for. */
  function untilNext(): number | undefined {
    const dueAt = database.read(() => firstDue.get()?.at);
    const untilDueMs = typeof dueAt === 'number' ? Math.max(0, dueAt - clock.now()) : undefined;
    return options.isShared ? Math.min(untilDueMs ?? LOOK_INTERVAL_MS, LOOK_INTERVAL_MS) : untilDueMs;
  }

  async function tick(): Promise<void> {
    while (!closing.signal.aborted) {
      wake = new AbortController();
      let waitMs: number | undefined = LOOK_INTERVAL_MS;
      try {
        if (untilNext() === 0) await sendTicks();
        waitMs = untilNext();
      } catch {
        // Left for the next try: nobody waits for a tick, and whoever uses the database is told of the same trouble.
      }
      if (waitMs === undefined) break;
      await clock.sleep(waitMs, wake.signal);
    }
    isTicking = false;
  }

  function lookAgain(): void {
    wake.abort('wake');
    if (!options.sendsTicks || isTicking || closing.signal.aborted) return;
    isTicking = true;
    ticked = tick();
  }

  lookAgain();

  return {
    async put({ name, everyMs, queue, body }) {
      if (!(everyMs >= 1)) throw new RangeError(`everyMs of rule ${name} is ${everyMs}, less than 1`);
      await database.commit(() => upsert.run(name, everyMs, queue, body, Math.ceil(clock.now() + everyMs)));
      lookAgain();
    },
    async remove(name) {
      await database.commit(() => remove.run(name));
      lookAgain();
    },
    async close() {
      closing.abort('wake');
      wake.abort('wake');
      await ticked;
    },
  };
}

type RuleRow = { name: string; every_ms: number; queue: string; body: string; due_at: number };
