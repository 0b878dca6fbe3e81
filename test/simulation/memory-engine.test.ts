import { engineConformance } from '#test/conformance/engine-conformance.ts';
import { drivenClock } from '#test/support/driven-clock.ts';
import { createMemoryEngine } from './memory-engine.ts';

engineConformance('memory, of the simulation', async () => {
  const clock = drivenClock();
  return { engine: createMemoryEngine(clock), clock };
});
