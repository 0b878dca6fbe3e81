import { runFunction } from '#platform/functions/run-function.ts';
import { startSellerApi } from './start.ts';

await runFunction('seller-api', process.env, async ({ deps, config }) => {
  const api = await startSellerApi(await deps());
  return { ...api, serves: [{ app: api.app, port: config.sellerApiPort, setting: 'SLUICE_SELLER_API_PORT' }] };
});
