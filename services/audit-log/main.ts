import { createFunctionDeps } from '#platform/functions/deps.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { startAuditLog } from './start.ts';

await run(async () => {
  const world = openWorld(readConfig(process.env), 'audit-log');
  const running = await startAuditLog(await createFunctionDeps(world, 'audit-log'));
  world.logger.info({}, 'started');
  world.logger.info({ signal: await untilSignal() }, 'stopping');
  await running.stop();
  await world.engine.close();
});
