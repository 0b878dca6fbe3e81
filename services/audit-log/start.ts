import { createHash } from 'node:crypto';
import type { Hono } from 'hono';
import { type AnyEvent, readEvent } from '#events/index.ts';
import { deadLetterQueue } from '#events/routes.ts';
import type { FunctionDeps, Running } from '#platform/functions/deps.ts';
import { coalesce } from '#platform/runtime/coalesce.ts';
import { consume } from '#platform/runtime/consume.ts';
import { type Batch, encodeBatches } from '#platform/state/audit-log/batches.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import { cutOldEntries } from '#platform/state/audit-log/retention.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';
import { createAuditApp } from './app.ts';
import { entryOf } from './entry-of.ts';

/** how long batches wait for others to share a write of the tree, ms: entries are late by it, and lost by nothing */
const COALESCE_MS = 500;
/** messages in flight at once: all of them wait for the shared write */
const WINDOW = 500;
/** how often old entries are looked for, ms: once a day */
const CUT_EVERY_MS = 86_400_000;

/**
 * Consumes the audit queue: batches of events to append, and the tick that asks for a checkpoint and, once a day, for the
 * cut of what is older than `auditRetentionDays`. The app, to be served by the caller, shows the log.
 */
export async function startAuditLog(
  deps: FunctionDeps,
  options: { auditRetentionDays: number },
): Promise<Running & { app: Hono }> {
  const signer = await loadAuditSigner(deps, { createIfAbsent: true });
  const { store, clock, logger } = deps;
  const origin = signer.verifier.name;
  const log = openAuditLog({ store, clock, logger, signer, origin });
  const append = coalesce<Batch, void>(
    async (batches) => {
      await log.append(batches);
      return batches.map(() => undefined);
    },
    { clock, waitMs: COALESCE_MS, maxItems: WINDOW },
  );

  let cutDueAt = clock.now();
  async function onTick(): Promise<void> {
    await log.checkpoint();
    if (clock.now() < cutDueAt) return;
    const statement = await cutOldEntries({ store, clock, signer, origin }, { keepDays: options.auditRetentionDays });
    if (statement) logger.info({ cutBefore: statement.cut }, 'old entries of the audit log cut');
    cutDueAt = clock.now() + CUT_EVERY_MS;
  }

  const consumer = consume<AnyEvent[]>(deps, {
    queue: 'audit',
    deadLetterQueue: deadLetterQueue('audit'),
    handler: 'audit-log',
    parse: parseBatch,
    describe: (events) => ({ events: events.length }),
    async handle(events) {
      const entries = events.filter((event) => event.type !== 'schedule.elapsed').map(entryOf);
      if (entries.length === 0) return onTick();
      const batch = { batchId: batchIdOf(events), entries };
      encodeBatches([batch]); // what can never be appended fails alone, not those who share the write
      await append(batch);
    },
    window: WINDOW,
    ...deps.consuming,
  });
  return { app: createAuditApp({ log, logger }), stop: () => consumer.stop() };
}

/** A message of this queue is a JSON array of events, or one event. */
function parseBatch(body: string): AnyEvent[] {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new Error('not JSON');
  }
  return (Array.isArray(json) ? json : [json]).map(readEvent);
}

/** The same for each delivery of one message. */
function batchIdOf(events: AnyEvent[]): string {
  const hash = createHash('sha256');
  for (const event of events) hash.update(`${event.id}\n`);
  return hash.digest('hex').slice(0, 32);
}
