import { createFunctionDeps } from '#platform/functions/deps.ts';
import { serveHttp } from '#platform/functions/serve.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { startConsent } from './start.ts';

await run(async () => {
  const config = readConfig(process.env);
  const world = openWorld(config, 'consent');
  const consent = await startConsent(await createFunctionDeps(world, 'consent'), config);
  const { host, consentPort: port } = config;
  const served = await serveHttp(consent.app, { host, port, setting: 'SLUICE_CONSENT_PORT' });
  world.logger.info({ port: served.port, publicUrl: config.publicUrl }, 'started');
  world.logger.info({ signal: await untilSignal() }, 'stopping');
  await served.stop();
  await consent.stop();
  await world.engine.close();
});
