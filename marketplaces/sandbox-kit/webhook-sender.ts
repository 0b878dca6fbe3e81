import type { HttpRequest } from '#platform/runtime/http.ts';
import type { SandboxDeps, WebhookStats } from './sandbox.ts';

/** how long a reordered webhook is held back, ms */
const REORDER_MS = 45_000;
/** how long after the first a duplicate follows, ms */
const DUPLICATE_MS = 400;

/**
 * Sends webhooks as the marketplace does: first at once, then after each of `retryAfterMs` until one is answered 2xx.
 * The faults lose, duplicate and reorder whole notifications; a lost one is not retried.
 */
export function createWebhookSender(
  deps: Pick<SandboxDeps, 'now' | 'sleep' | 'send' | 'faults'>,
  options: { retryAfterMs: readonly number[]; timeoutMs: number },
) {
  const stats: WebhookStats = { sent: 0, accepted: 0, refused: 0, lost: 0 };
  let underWay = 0;

  async function attempt(request: HttpRequest): Promise<boolean> {
    stats.sent += 1;
    const status = await deps.send(request, { timeoutMs: options.timeoutMs }).then(
      (response) => response.status,
      () => 0, // a network error is as good as a refusal: the marketplace tries again
    );
    const accepted = status >= 200 && status < 300;
    if (accepted) stats.accepted += 1;
    else stats.refused += 1;
    return accepted;
  }

  async function run(
    build: (attempt: number) => HttpRequest,
    firstAfterMs: number,
    onUndelivered: () => void,
  ): Promise<void> {
    underWay += 1;
    try {
      if (firstAfterMs > 0) await deps.sleep(firstAfterMs);
      for (let number = 1; ; number++) {
        if (await attempt(build(number))) return;
        const waitMs = options.retryAfterMs[number - 1];
        if (waitMs === undefined) return onUndelivered();
        await deps.sleep(waitMs);
      }
    } finally {
      underWay -= 1;
    }
  }

  return {
    stats,
    /** Notifications sent or waiting for a retry. */
    underWay: () => underWay,
    /**
     * @param build makes the request of the n-th attempt (1 upwards), signed at that moment
     * @param onUndelivered called when every attempt was refused
     */
    deliver(build: (attempt: number) => HttpRequest, onUndelivered: () => void = () => {}): void {
      if (deps.faults.strikes('lose-webhook', 'webhook')) {
        stats.lost += 1;
        return;
      }
      const firstAfterMs = deps.faults.strikes('reorder-webhook', 'webhook') ? REORDER_MS : 0;
      void run(build, firstAfterMs, onUndelivered);
      if (deps.faults.strikes('duplicate-webhook', 'webhook')) void run(build, firstAfterMs + DUPLICATE_MS, () => {});
    },
  };
}
