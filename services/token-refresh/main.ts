import { createFunctionDeps } from '#platform/functions/deps.ts';
import { startSchedules } from '#platform/functions/schedules.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { startTokenRefresh } from './start.ts';

await run(async () => {
  const world = openWorld(readConfig(process.env), 'token-refresh');
  await startSchedules(world, 'token-refresh');
  const running = await startTokenRefresh(await createFunctionDeps(world, 'token-refresh'));
  world.logger.info({}, 'started');
  world.logger.info({ signal: await untilSignal() }, 'stopping');
  await running.stop();
  await world.engine.close();
});
