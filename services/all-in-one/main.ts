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
  const sellerApi = await serveHttp(allInOne.sellerApi, {
    host: config.host,
    port: config.sellerApiPort,
    setting: 'SLUICE_SELLER_API_PORT',
  });
  const ports = { port: served.port, auditPort: audit.port, sellerApiPort: sellerApi.port };
  world.logger.info({ ...ports, publicUrl: config.publicUrl }, 'started');
  const signal = await untilSignal();
  world.logger.info({ signal }, 'stopping');
  await served.stop();
  await audit.stop();
  await sellerApi.stop();
  await allInOne.stop();
  await world.engine.close();
});
