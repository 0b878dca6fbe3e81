import type { Hono } from 'hono';
import { type AnyEvent, parseEvent } from '#events/index.ts';
import { deadLetterQueue, type QueueName } from '#events/routes.ts';
import type { Marketplace } from '#marketplaces/marketplace.ts';
import { describeEvent, type FunctionDeps, type Member, type Running, type World } from '#platform/functions/deps.ts';
import { startSchedules } from '#platform/functions/schedules.ts';
import { consume } from '#platform/runtime/consume.ts';
import { startAuditLog } from '#services/audit-log/start.ts';
import { startThrottledSync } from '#services/throttled-sync/start.ts';
import { startTokenRefresh } from '#services/token-refresh/start.ts';
import { startWebhookIntake } from '#services/webhook-intake/start.ts';
import { SLUICE_ORIGIN } from './simulation.ts';
import { type Surroundings, startWorker, type Worker, type WorkerKind } from './worker.ts';

/** workers of each function */
const WORKERS_EACH = 2;
/** longer than any simulation */
const AUDIT_RETENTION_DAYS = 548;
/** orders on a page: few, so that windows have several pages; more where calls are so scarce that they would not do */
const PAGE_SIZE = 6;
const PAGE_SIZE_OF: Record<string, number> = { amazon: 30 };

export type IntakeWorker = Worker<Running & { app: Hono }>;

/** Every function of the pipeline, as its main.ts starts it, and a seller's system that only takes what comes. */
export function startWorkers(around: Surroundings): { intakes: IntakeWorker[]; all: Worker[] } {
  const startEach = <Started extends Running>(kind: WorkerKind<Started>): Worker<Started>[] =>
    Array.from({ length: WORKERS_EACH }, (_, i) => startWorker(around, kind, i + 1));
  const withTicks =
    <Started extends Running>(queue: QueueName, start: (deps: FunctionDeps) => Started | Promise<Started>) =>
    async (deps: FunctionDeps, world: World): Promise<Started> => {
      await startSchedules(world, queue);
      return start(deps);
    };

  const intakes = startEach({
    name: 'webhook-intake',
    start: async (deps) => startWebhookIntake(deps, { publicUrl: SLUICE_ORIGIN }),
  });
  const others = [
    ...startEach({
      name: 'throttled-sync',
      start: withTicks('sync', (deps) => startThrottledSync({ ...deps, members: withSmallPages(deps.members) })),
    }),
    ...startEach({ name: 'token-refresh', start: withTicks('token-refresh', startTokenRefresh) }),
    ...startEach({
      name: 'audit-log',
      start: withTicks('audit', (deps) => startAuditLog(deps, { auditRetentionDays: AUDIT_RETENTION_DAYS })),
    }),
    ...startEach({ name: 'seller-system', start: async (deps) => startSellerSystem(deps) }),
  ];
  return { intakes, all: [...intakes, ...others] };
}

function withSmallPages(members: ReadonlyMap<string, Member>): ReadonlyMap<string, Member> {
  return new Map(
    [...members].map(([name, { marketplace, app }]) => {
      const { orders } = marketplace;
      const pageCall: Marketplace['orders']['pageCall'] = (context, window) =>
        orders.pageCall(context, { ...window, pageSize: PAGE_SIZE_OF[name] ?? PAGE_SIZE });
      return [name, { marketplace: { ...marketplace, orders: { ...orders, pageCall } }, app }];
    }),
  );
}

/** Takes order events and does nothing with them: what came is seen in the log line of the consumer and in the queue. */
function startSellerSystem(deps: FunctionDeps): Running {
  return consume<AnyEvent>(deps, {
    queue: 'seller-events',
    deadLetterQueue: deadLetterQueue('seller-events'),
    handler: 'seller-system',
    parse: parseEvent,
    describe: describeEvent,
    handle: async () => {},
    ...deps.consuming,
  });
}
