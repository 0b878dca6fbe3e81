/** The only place that reads the time. Everything else is given a `Clock`. */
export type Clock = {
  /** epoch ms */
  now(): number;
  /** Resolves `ms` from now, or as soon as `signal` aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

/** longest delay that setTimeout takes, ms (2^31 - 1) */
const MAX_TIMEOUT_MS = 2_147_483_647;

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(ms, 0), MAX_TIMEOUT_MS));
      signal?.addEventListener('abort', done, { once: true });
    }),
};

export type VirtualClock = Clock & {
  /** Jumps from timer to timer until `until` says so, the time `endAt` is reached, or no timer is left. */
  run(options?: { until?: () => boolean; endAt?: number }): Promise<void>;
  /** Lets time go on until what has been started comes to its end, since it may wait for a timer; gives what came of it. */
  runUntilDone<Result>(started: Promise<Result>): Promise<Result>;
  /** timers that have fired so far */
  fired(): number;
};

type Timer = { at: number; sequence: number; resolve: () => void; cancelled: boolean };

/**
 * Simulated time: it stands still while anything can run and then jumps to the next timer, so that two weeks pass in a
 * minute and the same way every time. It needs a world without real I/O: nothing it waits for may come from outside.
 */
export function virtualClock(startAt: number): VirtualClock {
  let now = startAt;
  let sequence = 0;
  let fired = 0;
  const heap = timerHeap();

  /** Lets every promise that can go on go on: a turn of the event loop begins only when no microtask is left. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const clock: VirtualClock = {
    now: () => now,
    fired: () => fired,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer: Timer = { at: now + Math.max(0, ms), sequence: sequence++, resolve: () => {}, cancelled: false };
        const onAbort = () => {
          timer.cancelled = true;
          resolve();
        };
        timer.resolve = () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        heap.push(timer);
      }),
    async run(options = {}) {
      for (;;) {
        await settle();
        if (options.until?.()) return;
        let next = heap.peek();
        while (next?.cancelled) {
          heap.pop();
          next = heap.peek();
        }
        if (!next) return;
        if (options.endAt !== undefined && next.at > options.endAt) {
          now = options.endAt;
          return;
        }
        now = Math.max(now, next.at);
        for (; next && next.at <= now; next = heap.peek()) {
          heap.pop();
          if (next.cancelled) continue;
          fired += 1;
          next.resolve();
        }
      }
    },
    async runUntilDone(started) {
      let done = false;
      const ended = started.finally(() => {
        done = true;
      });
      ended.catch(() => {}); // it is awaited below, after time went on
      await clock.run({ until: () => done });
      return ended;
    },
  };
  return clock;
}

/** A binary heap ordered by time, then by the order in which the timers were set. */
function timerHeap() {
  const timers: Timer[] = [];
  const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
  const swap = (i: number, j: number): void => {
    const held = timers[i]!;
    timers[i] = timers[j]!;
    timers[j] = held;
  };
  return {
    peek: (): Timer | undefined => timers[0],
    push(timer: Timer): void {
      timers.push(timer);
      for (let i = timers.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (!before(timers[i]!, timers[parent]!)) break;
        swap(i, parent);
        i = parent;
      }
    },
    pop(): void {
      const last = timers.pop();
      if (!last || timers.length === 0) return;
      timers[0] = last;
      for (let i = 0; ; ) {
        const left = 2 * i + 1;
        let smallest = i;
        for (const child of [left, left + 1]) {
          if (child < timers.length && before(timers[child]!, timers[smallest]!)) smallest = child;
        }
        if (smallest === i) break;
        swap(i, smallest);
        i = smallest;
      }
    },
  };
}
