import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Store } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { createEncryption, newDataKeys } from '#platform/state/encryption.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

/** What state is kept in, in memory and in simulated time. */
export function createStateWorld() {
  const clock = drivenClock();
  const engine = openEmbeddedEngine({ path: ':memory:', clock });
  const random = seededRandom('state');
  const encryption = createEncryption(newDataKeys(random), random);
  return { clock, engine, store: engine.store, random, encryption };
}

/** A store whose every call takes its own while, so that callers meet in between. */
export function slowed(store: Store, clock: Clock, nextMs: () => number): Store {
  const late = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    await clock.sleep(nextMs());
    const result = await call();
    await clock.sleep(nextMs());
    return result;
  };
  return {
    get: (...parameters) => late(() => store.get(...parameters)),
    write: (...parameters) => late(() => store.write(...parameters)),
    writeAtomically: (...parameters) => late(() => store.writeAtomically(...parameters)),
    range: (...parameters) => late(() => store.range(...parameters)),
  };
}
