import { createFunctionDeps } from '#platform/functions/deps.ts';
import { startSchedules } from '#platform/functions/schedules.ts';
import { serveHttp } from '#platform/functions/serve.ts';
import { openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { run, untilSignal } from '#platform/runtime/lifecycle.ts';
import { startAuditLog } from './start.ts';

await run(async () => {
  const config = readConfig(process.env);
  const world = openWorld(config, 'audit-log');
  await startSchedules(world, 'audit');
  const auditLog = await startAuditLog(await createFunctionDeps(world, 'audit-log'), config);
  const { host, auditPort: port } = config;
  const served = await serveHttp(auditLog.app, { host, port, setting: 'SLUICE_AUDIT_PORT' });
  world.logger.info({ port: served.port }, 'started');
  world.logger.info({ signal: await untilSignal() }, 'stopping');
  await served.stop();
  await auditLog.stop();
  await world.engine.close();
});
