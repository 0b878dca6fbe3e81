import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { Engine } from '#platform/engines/engine.ts';
import type { World } from '#platform/functions/deps.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { connectSandboxes } from '#services/all-in-one/connect-sandboxes.ts';
import { createSandboxes, type Sandboxes } from '#services/sandbox/sandboxes.ts';

/** Sellers of sandboxes that nobody can reach and that send nothing, connected on an engine, in real time. */
export async function connectSellers(
  engine: Engine,
  options: { webhooksUrl: string; sellers: number },
): Promise<{ world: World; byName: Sandboxes['byName'] }> {
  const random = seededRandom('connected-sellers');
  const send = async () => ({ status: 503, headers: {}, body: '' });
  const { byName } = createSandboxes(
    {
      now: realClock.now,
      sleep: (ms) => realClock.sleep(ms),
      random: random.fraction,
      randomHex: random.hex,
      send,
      enqueue: async () => {},
      faults: createFaults(random.fraction),
    },
    { publicUrl: 'http://sandbox.test', ...options },
  );
  const world: World = { engine, clock: realClock, random, send, logger: silentLogger };
  await connectSandboxes(world, byName.values());
  return { world, byName };
}
