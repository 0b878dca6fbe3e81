import { Hono } from 'hono';
import { createFunctionDeps, type FunctionDeps, type Running, type World } from '#platform/functions/deps.ts';
import { startSchedules } from '#platform/functions/schedules.ts';
import { startAuditLog } from '#services/audit-log/start.ts';
import { startConsent } from '#services/consent/start.ts';
import { startSellerApi } from '#services/seller-api/start.ts';
import { startThrottledSync } from '#services/throttled-sync/start.ts';
import { startTokenRefresh } from '#services/token-refresh/start.ts';
import { startWebhookIntake } from '#services/webhook-intake/start.ts';

export type AllInOne = Running & {
  /** takes the webhooks, and the sellers who consent; the caller serves it */
  intake: Hono;
  /** takes the commands of the seller's systems; the caller serves it, on a port that is not open to the public */
  sellerApi: Hono;
  /** shows the audit log; the caller serves it, on a port that is not open to the public */
  audit: Hono;
  /** Stops all but the audit log, which goes on with what they have left in its queue. */
  stopButAuditLog(): Promise<void>;
};

/** Starts every function in this process, on one engine. */
export async function startAllInOne(
  world: World,
  options: { publicUrl: string; auditRetentionDays: number; auditLogs?: readonly string[]; backfillDays?: number },
): Promise<AllInOne> {
  const deps = (name: string): Promise<FunctionDeps> => createFunctionDeps(world, name);
  await startSchedules(world);
  const intake = startWebhookIntake(await deps('webhook-intake'), options);
  const { backfillDays = 0 } = options;
  const consent = await startConsent(await deps('consent'), { ...options, backfillDays });
  const sellerApi = await startSellerApi(await deps('seller-api'));
  const others: Running[] = [
    intake,
    sellerApi,
    startThrottledSync(await deps('throttled-sync')),
    startTokenRefresh(await deps('token-refresh')),
  ];
  const auditLog = await startAuditLog(await deps('audit-log'), options);
  const stopButAuditLog = async (): Promise<void> => {
    await Promise.all(others.map((running) => running.stop()));
  };
  return {
    intake: new Hono().route('/', intake.app).route('/', consent.app),
    sellerApi: sellerApi.app,
    audit: auditLog.app,
    stopButAuditLog,
    async stop() {
      await stopButAuditLog();
      await auditLog.stop();
    },
  };
}
