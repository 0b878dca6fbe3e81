import type { Clock } from '#platform/runtime/clock.ts';

/** How often a waiting receive asks whether another process has committed, ms: the price is one cheap read. */
const WATCH_INTERVAL_MS = 25;

/** Wakes receives that wait for a message. */
export type Arrivals = {
  /** Resolves after `ms`, or earlier when something may have come to the queue, `signal` aborts, or all is closed. */
  wait(queue: string, ms: number, signal: AbortSignal | undefined): Promise<void>;
  notify(queue: string): void;
  isClosed(): boolean;
  close(): Promise<void>;
};

/** `changedElsewhere` is absent where there is no other process: then nothing is ever polled. */
export function openArrivals(clock: Clock, changedElsewhere: (() => boolean) | undefined): Arrivals {
  const waiting = new Map<string, Set<AbortController>>();
  const closing = new AbortController();
  let watching: Promise<void> | undefined;

  function notify(queue: string): void {
    for (const wake of waiting.get(queue) ?? []) wake.abort('wake');
  }

  function notifyAll(): void {
    for (const queue of waiting.keys()) notify(queue);
  }

  async function watch(hasChanged: () => boolean): Promise<void> {
    while (waiting.size > 0 && !closing.signal.aborted) {
      await clock.sleep(WATCH_INTERVAL_MS, closing.signal);
      try {
        if (!closing.signal.aborted && hasChanged()) notifyAll();
      } catch {
        notifyAll(); // their own reads meet the same trouble, and have a caller to tell
      }
    }
    watching = undefined;
  }

  return {
    async wait(queue, ms, signal) {
      const wake = new AbortController();
      const sleepers = waiting.get(queue) ?? new Set();
      waiting.set(queue, sleepers.add(wake));
      if (changedElsewhere) watching ??= watch(changedElsewhere);
      const onAbort = () => wake.abort('wake');
      signal?.addEventListener('abort', onAbort, { once: true });
      await clock.sleep(ms, wake.signal);
      signal?.removeEventListener('abort', onAbort);
      sleepers.delete(wake);
      if (sleepers.size === 0) waiting.delete(queue);
    },
    notify,
    isClosed: () => closing.signal.aborted,
    async close() {
      closing.abort('wake');
      notifyAll();
      await watching;
    },
  };
}
