import type { Clock } from '#platform/runtime/clock.ts';

type Timer = { at: number; sequence: number; run(): void; isQuiet: boolean };

/** Simulated time for many millions of timers: a timer that only runs a function costs no turn of the event loop. */
export type BenchClock = Clock & {
  /** `isQuiet`: what it runs lets no promise go on */
  at(time: number, run: () => void, isQuiet?: boolean): void;
  runUntil(endAt: number): Promise<void>;
};

export function benchClock(startAt: number): BenchClock {
  let now = startAt;
  let sequence = 0;
  const heap: Timer[] = [];
  const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

  function push(timer: Timer): void {
    let i = heap.length;
    heap.push(timer);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(timer, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = timer;
  }

  function pop(): Timer {
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  }

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  return {
    now: () => now,
    at(time, run, isQuiet = false) {
      push({ at: Math.max(now, time), sequence: sequence++, run, isQuiet });
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        let done = false;
        const finish = () => {
          if (done) return;
          done = true;
          resolve();
        };
        if (signal) signal.addEventListener('abort', finish, { once: true });
        push({ at: now + Math.max(0, ms), sequence: sequence++, run: finish, isQuiet: false });
      }),
    async runUntil(endAt) {
      await settle();
      while (heap.length > 0 && heap[0]!.at <= endAt) {
        now = heap[0]!.at;
        let isQuiet = true;
        while (heap.length > 0 && heap[0]!.at <= now) {
          const timer = pop();
          timer.run();
          isQuiet &&= timer.isQuiet;
        }
        if (!isQuiet) await settle();
      }
      now = endAt;
    },
  };
}
