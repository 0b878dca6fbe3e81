import { runFunction } from '#platform/functions/run-function.ts';
import { startConsent } from './start.ts';

await runFunction('consent', process.env, async ({ deps, config }) => {
  const consent = await startConsent(await deps(), config);
  return { ...consent, serves: [{ app: consent.app, port: config.consentPort, setting: 'SLUICE_CONSENT_PORT' }] };
});
