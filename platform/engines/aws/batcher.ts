import type { Clock } from '#platform/runtime/clock.ts';

export type BatcherOptions<Item> = {
  clock: Clock;
  /** most items in one call */
  maxItems: number;
  /** most bytes in one call, and what an item counts */
  bytes?: { max: number; of(item: Item): number };
  /** items of the same key never share a call */
  keyOf?(item: Item): string;
  /** how long an item waits for others, ms, while no call is under way */
  waitMs: number;
  /** how long at the most, ms, while calls are under way */
  patienceMs: number;
  /** most calls under way at once */
  maxCalls: number;
};

export type Batcher<Item, Result> = {
  /** The item's own result; rejects with what its call threw. */
  add(item: Item): Promise<Result>;
  /** Sends at once what waits, and resolves when no call is under way any more. */
  drain(): Promise<void>;
};

type Entry<Item, Result> = {
  item: Item;
  bytes: number;
  addedAt: number;
  resolve(result: Result): void;
  reject(reason: unknown): void;
};

/**
 * Lets single items share calls. A full batch goes at once. One that isn't waits as long as another call is under way,
 * since what arrives meanwhile can go with it (as Nagle's algorithm does, RFC 896): so batches are full at load, and an
 * item alone waits only `waitMs`.
 * @param call gives one result for each item, in their order
 */
export function createBatcher<Item, Result>(
  options: BatcherOptions<Item>,
  call: (items: Item[]) => Promise<readonly Result[]>,
): Batcher<Item, Result> {
  const { clock, maxItems, bytes, keyOf, waitMs, patienceMs, maxCalls } = options;
  let waiting: Entry<Item, Result>[] = [];
  let waitingBytes = 0;
  let underWay = 0;
  let timer: { at: number; abort: AbortController } | undefined;
  let drained: (() => void)[] = [];

  const isFull = (): boolean => waiting.length >= maxItems || (bytes !== undefined && waitingBytes >= bytes.max);
  const dueAt = (): number => waiting[0]!.addedAt + (underWay === 0 ? waitMs : patienceMs);
  const isDue = (): boolean => isFull() || drained.length > 0 || clock.now() >= dueAt();

  /** Takes the next batch, the longest waiting first. */
  function take(): Entry<Item, Result>[] {
    const batch: Entry<Item, Result>[] = [];
    const left: Entry<Item, Result>[] = [];
    const keys = new Set<string>();
    let batchBytes = 0;
    for (const entry of waiting) {
      const key = keyOf?.(entry.item);
      const isTooMuch = batch.length > 0 && bytes !== undefined && batchBytes + entry.bytes > bytes.max;
      if (batch.length === maxItems || isTooMuch || (key !== undefined && keys.has(key))) {
        left.push(entry);
        continue;
      }
      if (key !== undefined) keys.add(key);
      batch.push(entry);
      batchBytes += entry.bytes;
    }
    waiting = left;
    waitingBytes -= batchBytes;
    return batch;
  }

  async function run(batch: Entry<Item, Result>[]): Promise<void> {
    underWay += 1;
    try {
      const results = await call(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, i) => {
        resolve(results[i] as Result);
      });
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown);
    } finally {
      underWay -= 1;
      pump();
    }
  }

  function pump(): void {
    while (waiting.length > 0 && underWay < maxCalls && isDue()) void run(take());
    if (waiting.length > 0 && underWay < maxCalls) wakeAt(dueAt());
    if (waiting.length > 0 || underWay > 0) return;
    const resolves = drained;
    drained = [];
    for (const resolve of resolves) resolve();
  }

  function wakeAt(at: number): void {
    if (timer && timer.at <= at) return;
    timer?.abort.abort('earlier');
    const mine = { at, abort: new AbortController() };
    timer = mine;
    // A timer may fire a little early: then it is set again, for 1 ms at least.
    void clock.sleep(Math.max(1, at - clock.now()), mine.abort.signal).then(() => {
      if (mine.abort.signal.aborted) return;
      timer = undefined;
      pump();
    });
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        const size = bytes?.of(item) ?? 0;
        waiting.push({ item, bytes: size, addedAt: clock.now(), resolve, reject });
        waitingBytes += size;
        pump();
      }),
    drain: () =>
      new Promise((resolve) => {
        drained.push(resolve);
        pump();
      }),
  };
}
