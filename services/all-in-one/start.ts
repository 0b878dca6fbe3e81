import type { Hono } from 'hono';
import { createFunctionDeps, type FunctionDeps, type Running, type World } from '#platform/functions/deps.ts';
import { startSchedules } from '#platform/functions/schedules.ts';
import { startAuditLog } from '#services/audit-log/start.ts';
import { startThrottledSync } from '#services/throttled-sync/start.ts';
import { startTokenRefresh } from '#services/token-refresh/start.ts';
import { startWebhookIntake } from '#services/webhook-intake/start.ts';

export type AllInOne = Running & {
  /** takes the webhooks; the caller serves it */
  intake: Hono;
  /** shows the audit log; the caller serves it, on a port that is not open to the public */
  audit: Hono;
  /** Stops all but the audit log, which goes on with what they have left in its queue. */
  stopButAuditLog(): Promise<void>;
};

/** Starts every function in this process, on one engine. */
export async function startAllInOne(
  world: World,
  options: { publicUrl: string; auditRetentionDays: number },
): Promise<AllInOne> {
  const deps = (name: string): Promise<FunctionDeps> => createFunctionDeps(world, name);
  await startSchedules(world);
  const intake = startWebhookIntake(await deps('webhook-intake'), options);
  const others: Running[] = [
    intake,
    startThrottledSync(await deps('throttled-sync')),
    startTokenRefresh(await deps('token-refresh')),
  ];
  const auditLog = await startAuditLog(await deps('audit-log'), options);
  const stopButAuditLog = async (): Promise<void> => {
    await Promise.all(others.map((running) => running.stop()));
  };
  return {
    intake: intake.app,
    audit: auditLog.app,
    stopButAuditLog,
    async stop() {
      await stopButAuditLog();
      await auditLog.stop();
    },
  };
}
