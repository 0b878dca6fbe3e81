import { runFunction } from '#platform/functions/run-function.ts';
import { startWebhookIntake } from './start.ts';

await runFunction('webhook-intake', process.env, async ({ deps, config }) => {
  const intake = startWebhookIntake(await deps(), config);
  return { ...intake, serves: [{ app: intake.app, port: config.port, setting: 'SLUICE_PORT' }] };
});
