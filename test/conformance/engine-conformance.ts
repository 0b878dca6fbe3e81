import { describe, test } from 'node:test';
import type { Engine } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { queuePromises } from './queues.ts';
import { schedulePromises } from './schedule.ts';
import { secretPromises } from './secrets.ts';
import { storePromises } from './store.ts';
import { waitingPromises } from './waiting.ts';

/** An engine, and the clock that it runs on. */
export type World = { engine: Engine; clock: Clock };

/** What every engine promises, by name. */
export type EnginePromises = Record<string, (world: World) => Promise<void>>;

const ALL_PROMISES: EnginePromises = {
  ...queuePromises,
  ...waitingPromises,
  ...storePromises,
  ...secretPromises,
  ...schedulePromises,
};

/**
 * Checks one engine against the ports' promises, and against nothing that `engine.ts` leaves open: no order, no receive
 * that is full, no exact depth at once, no refusal of an old receipt. `openEngine` gives an engine in which no other
 * test has left anything, and in which the names in `names.ts` may be used. Each promise that the engine does not keep
 * is named in `declaredDifferences`, with the reason.
 * @param options.concurrency how many promises are checked at once; on real time most of that is waiting
 */
export function engineConformance(
  name: string,
  openEngine: () => Promise<World>,
  options: { declaredDifferences?: Record<string, string>; concurrency?: number | true } = {},
): void {
  const { declaredDifferences = {}, concurrency = true } = options;
  for (const difference of Object.keys(declaredDifferences)) {
    if (!(difference in ALL_PROMISES)) throw new Error(`no promise is called "${difference}"`);
  }
  describe(`${name} engine`, { concurrency }, () => {
    for (const [promise, check] of Object.entries(ALL_PROMISES)) {
      test(promise, { skip: declaredDifferences[promise] ?? false }, async () => {
        const world = await openEngine();
        try {
          await check(world);
        } finally {
          await world.engine.close();
        }
      });
    }
  });
}
