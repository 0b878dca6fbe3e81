import { createFunctionDeps } from '#platform/functions/deps.ts';
import { serveHttp } from '#platform/functions/serve.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { startWebhookIntake } from './start.ts';

await run(async () => {
  const config = readConfig(process.env);
  const world = openWorld(config, 'webhook-intake');
  const intake = startWebhookIntake(await createFunctionDeps(world, 'webhook-intake'), config);
  const served = await serveHttp(intake.app, { host: config.host, port: config.port, setting: 'SLUICE_PORT' });
  world.logger.info({ port: served.port, publicUrl: config.publicUrl }, 'started');
  world.logger.info({ signal: await untilSignal() }, 'stopping');
  await served.stop();
  await intake.stop();
  await world.engine.close();
});
