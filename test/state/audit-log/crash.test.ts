import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import type { Store } from '#platform/engines/engine.ts';
import { verifyLog } from '#platform/state/audit-log/verify.ts';
import { exported, openTestLog, sourceOf, testEntries, testSigner } from '#test/support/audit-log.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const BATCHES = Array.from({ length: 12 }, (_, i) => ({
  batchId: `batch-${i}`,
  entries: testEntries(i * 60, (i + 1) * 60),
}));
/** a checkpoint after so many batches */
const CHECKPOINT_EVERY = 3;

/** A store whose n-th write fails: before anything happens, or after everything did and nobody was told. */
function crashing(store: Store, n: number, when: 'before' | 'after'): Store {
  let writes = 0;
  const guard = async <Result>(write: () => Promise<Result>): Promise<Result> => {
    const crashes = writes++ === n;
    if (crashes && when === 'before') throw new Error('killed before the write');
    const result = await write();
    if (crashes) throw new Error('killed after the write');
    return result;
  };
  return {
    ...store,
    write: (writes) => guard(() => store.write(writes)),
    writeAtomically: (writes) => guard(() => store.writeAtomically(writes)),
  };
}

for (const when of ['before', 'after'] as const) {
  for (const restarts of [true, false]) {
    const what = restarts ? 'a writer that starts anew' : 'the same writer';
    test(`killed ${when} any write, ${what} has each batch once, and every checkpoint leads to the next`, async () => {
      for (let n = 0; ; n++) {
        const { store } = openEmbeddedEngine({ path: ':memory:', clock: drivenClock() });
        let crashes = 0;
        const surviving = crashing(store, n, when);
        let log = openTestLog(surviving);
        const again = async (step: () => Promise<unknown>) =>
          step().catch(async () => {
            crashes += 1;
            if (restarts) log = openTestLog(surviving);
            await step();
          });
        for (const [i, batch] of BATCHES.entries()) {
          await again(() => log.append([batch]));
          if (i % CHECKPOINT_EVERY === 0) await again(() => log.checkpoint());
        }
        await again(() => log.checkpoint());
        const ids = (await log.find({ limit: 10_000 })).map(({ entry }) => entry.id);
        assert.deepEqual(
          ids,
          BATCHES.flatMap(({ entries }) => entries.map(({ id }) => id)),
        );
        const verdict = await verifyLog(sourceOf(await exported(log)), { keys: [testSigner().verifier.text] });
        assert.deepEqual([verdict.problem, verdict.entries], [undefined, 720]);
        if (crashes === 0) return;
      }
    });
  }
}
