import { createFunctionDeps } from '#platform/functions/deps.ts';
import { startSchedules } from '#platform/functions/schedules.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { startThrottledSync } from './start.ts';

await run(async () => {
  const world = openWorld(readConfig(process.env), 'throttled-sync');
  await startSchedules(world, 'sync');
  const running = await startThrottledSync(await createFunctionDeps(world, 'throttled-sync'));
  world.logger.info({}, 'started');
  world.logger.info({ signal: await untilSignal() }, 'stopping');
  await running.stop();
  await world.engine.close();
});
