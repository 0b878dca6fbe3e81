import { createFunctionDeps } from '#platform/functions/deps.ts';
import { serveHttp } from '#platform/functions/serve.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { startSellerApi } from './start.ts';

await run(async () => {
  const config = readConfig(process.env);
  const world = openWorld(config, 'seller-api');
  const sellerApi = await startSellerApi(await createFunctionDeps(world, 'seller-api'));
  const served = await serveHttp(sellerApi.app, {
    host: config.host,
    port: config.sellerApiPort,
    setting: 'SLUICE_SELLER_API_PORT',
  });
  world.logger.info({ port: served.port }, 'started');
  world.logger.info({ signal: await untilSignal() }, 'stopping');
  await served.stop();
  await sellerApi.stop();
  await world.engine.close();
});
