import { serveHttp } from '#platform/functions/serve.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { startAllInOne } from './start.ts';

await run(async () => {
  const config = readConfig(process.env);
  const world = openWorld(config, 'all-in-one');
  const allInOne = await startAllInOne(world, config);
  const served = await serveHttp(allInOne.intake, { host: config.host, port: config.port, setting: 'SLUICE_PORT' });
  const audit = await serveHttp(allInOne.audit, {
    host: config.host,
    port: config.auditPort,
    setting: 'SLUICE_AUDIT_PORT',
  });
  world.logger.info({ port: served.port, auditPort: audit.port, publicUrl: config.publicUrl }, 'started');
  const signal = await untilSignal();
  world.logger.info({ signal }, 'stopping');
  await served.stop();
  await audit.stop();
  await allInOne.stop();
  await world.engine.close();
});
