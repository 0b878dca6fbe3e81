import { runFunction } from '#platform/functions/run-function.ts';
import { startAuditLog } from './start.ts';

await runFunction('audit-log', process.env, async ({ deps, config }) => {
  const auditLog = await startAuditLog(await deps(), config);
  return { ...auditLog, serves: [{ app: auditLog.app, port: config.auditPort, setting: 'SLUICE_AUDIT_PORT' }] };
});
