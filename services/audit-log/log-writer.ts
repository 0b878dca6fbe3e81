import type { FunctionDeps } from '#platform/functions/deps.ts';
import { coalesce } from '#platform/runtime/coalesce.ts';
import { asFailure } from '#platform/runtime/failure.ts';
import { archiveLog } from '#platform/state/audit-log/archive.ts';
import type { Batch } from '#platform/state/audit-log/batches.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import type { Signer } from '#platform/state/audit-log/note.ts';
import type { AuditReader } from '#platform/state/audit-log/reader.ts';
import { cutOldEntries } from '#platform/state/audit-log/retention.ts';

/** how long batches wait for others to share a write of the tree, ms: entries are late by it, and lost by nothing */
const COALESCE_MS = 1_500;
/** how often old entries are looked for, ms: once a day */
const CUT_EVERY_MS = 86_400_000;

/** One log of the installation, as its service writes and shows it. */
export type LogWriter = {
  name: string;
  origin: string;
  /** the verifier key that checks its signatures */
  key: string;
  log: Pick<AuditReader, 'read'>;
  /** Durable when it resolves. Batches that come together share a write. */
  append(batch: Batch): Promise<void>;
  /** Signs what is new, begins to archive it, and once a day cuts what is old. */
  onTick(): Promise<void>;
  /** Lets no more be archived, and waits for what is under way. */
  stop(): Promise<void>;
};

export function openLogWriter(
  deps: Pick<FunctionDeps, 'store' | 'archive' | 'clock' | 'logger'>,
  { name, signer }: { name: string; signer: Signer },
  options: { auditRetentionDays: number; maxBatches: number },
): LogWriter {
  const { store, archive, clock, logger } = deps;
  const { name: origin, text: key } = signer.verifier;
  const log = openAuditLog({ store, clock, logger, signer, origin });
  const append = coalesce<Batch, void>(
    async (batches) => {
      await log.append(batches);
      return batches.map(() => undefined);
    },
    { clock, waitMs: COALESCE_MS, maxItems: options.maxBatches },
  );

  const stopping = new AbortController();
  let archiving: Promise<void> | undefined;
  /** Goes on beside the ticks: they come every minute, and what an old log holds takes longer. */
  function archiveInTurn(): void {
    if (!archive || archiving || stopping.signal.aborted) return;
    archiving = archiveLog({ store, origin, reader: log, archive }, { folder: name, signal: stopping.signal })
      .catch((thrown: unknown) => {
        if (stopping.signal.aborted) return;
        const { code, message } = asFailure(thrown);
        logger.error({ log: name, code, detail: message }, 'the audit log could not be archived');
      })
      .finally(() => {
        archiving = undefined;
      });
  }

  let cutDueAt = clock.now();
  return {
    name,
    origin,
    key,
    log,
    append,
    async onTick() {
      await log.checkpoint();
      archiveInTurn();
      if (clock.now() < cutDueAt) return;
      const statement = await cutOldEntries({ store, clock, signer, origin }, { keepDays: options.auditRetentionDays });
      if (statement) logger.info({ log: name, cutBefore: statement.cut }, 'old entries of the audit log cut');
      cutDueAt = clock.now() + CUT_EVERY_MS;
    },
    async stop() {
      stopping.abort('stop');
      await archiving;
    },
  };
}
