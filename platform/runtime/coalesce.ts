import type { Clock } from './clock.ts';

/**
 * Turns single calls into shared ones: items that arrive within `waitMs`, or while `maxItems` are not yet together, go
 * to one `flush`, which answers each in the order given. A flush that throws fails all its items.
 * @param options.busyWaitMs how long items wait at the most while an earlier flush is under way, ms, so that at load more
 *   of them share one; `waitMs` where absent
 */
export function coalesce<Item, Result>(
  flush: (items: Item[]) => Promise<readonly Result[]>,
  options: { clock: Clock; waitMs: number; maxItems: number; busyWaitMs?: number },
): (item: Item) => Promise<Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (reason: unknown) => void };
  const { clock, waitMs, maxItems, busyWaitMs = waitMs } = options;
  let waiting: Waiting[] = [];
  let timer: AbortController | undefined;
  let underWay = 0;
  /** what waits would have gone already, but for the flush that is under way */
  let isOverdue = false;

  async function flushNow(): Promise<void> {
    timer?.abort('flushed');
    timer = undefined;
    isOverdue = false;
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    underWay += 1;
    try {
      const results = await flush(group.map((entry) => entry.item));
      group.forEach((entry, index) => {
        entry.resolve(results[index] as Result);
      });
    } catch (thrown) {
      for (const entry of group) entry.reject(thrown);
    } finally {
      underWay -= 1;
      if (underWay === 0 && isOverdue) void flushNow();
    }
  }

  async function flushInTime(signal: AbortSignal): Promise<void> {
    await clock.sleep(waitMs, signal);
    if (!signal.aborted && underWay > 0 && busyWaitMs > waitMs) {
      isOverdue = true;
      await clock.sleep(busyWaitMs - waitMs, signal);
    }
    if (!signal.aborted) await flushNow();
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (waiting.length >= maxItems) return void flushNow();
      if (timer) return;
      timer = new AbortController();
      void flushInTime(timer.signal);
    });
}
