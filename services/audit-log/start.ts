import { createHash } from 'node:crypto';
import type { Hono } from 'hono';
import { type AnyEvent, readEvent } from '#events/index.ts';
import { deadLetterQueue } from '#events/routes.ts';
import type { FunctionDeps, Running } from '#platform/functions/deps.ts';
import { consume } from '#platform/runtime/consume.ts';
import { encodeBatches } from '#platform/state/audit-log/batches.ts';
import type { AuditEntry } from '#platform/state/audit-log/entry.ts';
import { logOf } from '#platform/state/audit-log/log-of.ts';
import { AUDIT_LOG, loadAuditSigner } from '#platform/state/secrets.ts';
import { createAuditApp } from './app.ts';
import { entryOf } from './entry-of.ts';
import { type LogWriter, openLogWriter } from './log-writer.ts';

/** messages in flight at once: all of them wait for the shared write */
const WINDOW = 500;
/** how long messages gather between two receives, ms: entries are late by it, and lost by nothing */
const GATHER_MS = 1_000;

/**
 * Consumes the audit queue: batches of events to append, each to the log that it belongs to, and the tick that asks each
 * log for a checkpoint and, once a day, for the cut of what is older than `auditRetentionDays`. The app, to be served by
 * the caller, shows the logs.
 */
export async function startAuditLog(
  deps: FunctionDeps,
  options: { auditRetentionDays: number; auditLogs?: readonly string[] },
): Promise<Running & { app: Hono }> {
  const { auditRetentionDays, auditLogs = [AUDIT_LOG] } = options;
  const logs: LogWriter[] = [];
  for (const name of auditLogs) {
    const signer = await loadAuditSigner(deps, { createIfAbsent: true }, name);
    logs.push(openLogWriter(deps, { name, signer }, { auditRetentionDays, maxBatches: WINDOW }));
  }

  function append(batchId: string, entries: readonly AuditEntry[]): Promise<void> {
    const batches = [...Map.groupBy(entries, (entry) => logOf(entry, logs.length))].map(([number, entries]) => ({
      log: logs[number]!,
      batch: { batchId, entries },
    }));
    // What can never be appended fails alone, not those who share the write, and is in none of the logs.
    for (const { batch } of batches) encodeBatches([batch]);
    return allOf(batches.map(({ log, batch }) => log.append(batch)));
  }

  const consumer = consume<AnyEvent[]>(deps, {
    queue: 'audit',
    deadLetterQueue: deadLetterQueue('audit'),
    handler: 'audit-log',
    parse: parseBatch,
    describe: (events) => ({ events: events.length }),
    async handle(events) {
      const entries = events.filter((event) => event.type !== 'schedule.elapsed').map(entryOf);
      if (entries.length === 0) return allOf(logs.map((log) => log.onTick()));
      await append(batchIdOf(events), entries);
    },
    window: WINDOW,
    gatherMs: GATHER_MS,
    ...deps.consuming,
  });
  return {
    app: createAuditApp({ logs, logger: deps.logger }),
    async stop() {
      await Promise.all([consumer.stop(), ...logs.map((log) => log.stop())]);
    },
  };
}

/** Of one, itself: with one log everything takes as many turns of the event loop as without others. */
const allOf = (promises: readonly Promise<void>[]): Promise<void> =>
  promises.length === 1 ? promises[0]! : Promise.all(promises).then(() => {});

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
