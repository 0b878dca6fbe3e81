import type { SandboxDeps, WebhookStats } from '#marketplaces/sandbox-kit/sandbox.ts';

/** What Amazon does when a queue refuses is not documented: this sandbox tries again 5 times, 60 s apart. */
const RETRY_AFTER_MS = 60_000;
const RETRIES = 5;
/** how long a reordered notification is held back, ms */
const REORDER_MS = 45_000;
/** how long after the first a duplicate follows, ms */
const DUPLICATE_MS = 400;

/** Puts notifications in the developer's queue. A lost one is not retried; a duplicate is the same body again. */
export function createQueueSender(deps: Pick<SandboxDeps, 'sleep' | 'enqueue' | 'faults'>) {
  const stats: WebhookStats = { sent: 0, accepted: 0, refused: 0, lost: 0 };
  let underWay = 0;

  async function attempt(queue: string, body: string): Promise<boolean> {
    stats.sent += 1;
    try {
      await deps.enqueue(queue, body);
      stats.accepted += 1;
      return true;
    } catch {
      stats.refused += 1; // for Amazon, any trouble with the queue is a refusal
      return false;
    }
  }

  async function run(queue: string, body: string, firstAfterMs: number): Promise<void> {
    underWay += 1;
    try {
      if (firstAfterMs > 0) await deps.sleep(firstAfterMs);
      for (let retry = 0; !(await attempt(queue, body)) && retry < RETRIES; retry++) await deps.sleep(RETRY_AFTER_MS);
    } finally {
      underWay -= 1;
    }
  }

  return {
    stats,
    /** Notifications sent or waiting for a retry. */
    underWay: () => underWay,
    deliver(queue: string, body: string): void {
      if (deps.faults.strikes('lose-webhook', 'webhook')) {
        stats.lost += 1;
        return;
      }
      const firstAfterMs = deps.faults.strikes('reorder-webhook', 'webhook') ? REORDER_MS : 0;
      void run(queue, body, firstAfterMs);
      if (deps.faults.strikes('duplicate-webhook', 'webhook')) void run(queue, body, firstAfterMs + DUPLICATE_MS);
    },
  };
}
