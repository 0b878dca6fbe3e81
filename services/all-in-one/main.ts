import { runFunction } from '#platform/functions/run-function.ts';
import { startAllInOne } from './start.ts';

await runFunction('all-in-one', process.env, async ({ world, config }) => {
  const allInOne = await startAllInOne(world, config);
  return {
    ...allInOne,
    serves: [
      { app: allInOne.intake, port: config.port, setting: 'SLUICE_PORT' },
      { app: allInOne.audit, port: config.auditPort, setting: 'SLUICE_AUDIT_PORT' },
      { app: allInOne.sellerApi, port: config.sellerApiPort, setting: 'SLUICE_SELLER_API_PORT' },
    ],
  };
});
