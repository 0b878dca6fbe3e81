import type { Clock } from './clock.ts';

/**
 * Turns single calls into shared ones: items that arrive within `waitMs`, or while `maxItems` are not yet together, go
 * to one `flush`, which answers each in the order given. A flush that throws fails all its items.
 */
export function coalesce<Item, Result>(
  flush: (items: Item[]) => Promise<readonly Result[]>,
  options: { clock: Clock; waitMs: number; maxItems: number },
): (item: Item) => Promise<Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (reason: unknown) => void };
  let waiting: Waiting[] = [];
  let timer: AbortController | undefined;

  async function flushNow(): Promise<void> {
    timer?.abort('flushed');
    timer = undefined;
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    try {
      const results = await flush(group.map((entry) => entry.item));
      group.forEach((entry, index) => {
        entry.resolve(results[index] as Result);
      });
    } catch (thrown) {
      for (const entry of group) entry.reject(thrown);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (waiting.length >= options.maxItems) return void flushNow();
      if (timer) return;
      const mine = new AbortController();
      timer = mine;
      void options.clock.sleep(options.waitMs, mine.signal).then(() => {
        if (!mine.signal.aborted) return flushNow();
      });
    });
}
