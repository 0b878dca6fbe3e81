import { createTokenBucket } from '#marketplaces/sandbox-kit/token-bucket.ts';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { type Bucket, type Budgets, createBudgets } from '#platform/state/budgets/budgets.ts';

const START_AT = 1_767_225_600_000;

/** Who calls, how many at a time, and which buckets each call is counted against. */
export type Callers = { count: number; buckets: readonly Bucket[]; pauseMs?: number };

export type Played = {
  /** calls that the marketplace refused, by bucket */
  refused: Map<string, number>;
  /** calls that arrived, by bucket */
  arrived: Map<string, number>;
};

/**
 * Plays callers that always have a next call against a marketplace's own token buckets, in simulated time. Each call
 * takes its own while to arrive, up to `spreadMs`.
 */
export async function playCallers(options: {
  callers: readonly Callers[];
  forMs: number;
  spreadMs: number;
  seed: string;
  /** how many processes share the budgets */
  processes?: number;
}): Promise<Played> {
  const clock = virtualClock(START_AT);
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const random = seededRandom(options.seed);
  const endAt = START_AT + options.forMs;
  const judges = new Map<string, ReturnType<typeof createTokenBucket>>();
  for (const { key, ratePerSecond, burst } of options.callers.flatMap(({ buckets }) => buckets)) {
    if (!judges.has(key)) judges.set(key, createTokenBucket({ ratePerSecond, burst }));
  }
  const played: Played = { refused: new Map(), arrived: new Map() };
  const count = (of: Map<string, number>, key: string) => of.set(key, (of.get(key) ?? 0) + 1);
  const processes = Array.from({ length: options.processes ?? 1 }, () =>
    createBudgets({ store: engine.store, clock, random }, { spreadMs: options.spreadMs }),
  );

  async function arrive(buckets: readonly Bucket[]): Promise<void> {
    await clock.sleep(random.fraction() * options.spreadMs);
    if (clock.now() > endAt) return;
    for (const { key } of buckets) {
      count(played.arrived, key);
      if (!judges.get(key)!.take(clock.now())) count(played.refused, key);
    }
  }

  async function call(budgets: Budgets, { buckets, pauseMs = 0 }: Callers): Promise<void> {
    const group = buckets[0]!.key;
    let turnAt: number | undefined;
    await clock.sleep(random.fraction() * 1_000);
    while (clock.now() < endAt) {
      const booking = await budgets.book({ buckets, group, turnAt });
      if (!booking.booked) {
        turnAt = booking.turnAt;
        await clock.sleep(booking.retryAfterMs);
        continue;
      }
      turnAt = undefined;
      void arrive(buckets);
      await clock.sleep(random.fraction() * pauseMs);
    }
  }

  let next = 0;
  for (const callers of options.callers) {
    for (let i = 0; i < callers.count; i++) void call(processes[next++ % processes.length]!, callers);
  }
  await clock.run({ endAt });
  return played;
}

export const total = (of: Map<string, number>): number => [...of.values()].reduce((sum, n) => sum + n, 0);
