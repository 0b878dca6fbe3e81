import type { FunctionDeps } from '#platform/functions/deps.ts';
import { exportLog } from '#platform/state/audit-log/export.ts';
import { type AuditLog, openAuditLog } from '#platform/state/audit-log/log.ts';
import { verifyLog } from '#platform/state/audit-log/verify.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';

export type AuditResult = {
  /** entries in the log, all of them covered by the last checkpoint */
  entries: number;
  /** entries that tell of a call to a marketplace */
  calls: number;
  /** what the verifier, which shares no code with the log, says of an export of this run */
  verified: boolean;
};

type AuditDeps = Pick<FunctionDeps, 'store' | 'secrets' | 'clock' | 'random' | 'logger'>;

export async function openLog(deps: AuditDeps): Promise<AuditLog> {
  const signer = await loadAuditSigner(deps, { createIfAbsent: false });
  return openAuditLog({ ...deps, signer, origin: signer.verifier.name });
}

/** Signs the log as it is, exports it, and lets the verifier check the export with the log's public key. */
export async function verifyAuditLog(
  deps: AuditDeps,
): Promise<{ entries: number; verified: boolean; problem: string | undefined }> {
  const { verifier } = await loadAuditSigner(deps, { createIfAbsent: false });
  const log = await openLog(deps);
  await log.checkpoint();
  const folder = new Map<string, Uint8Array>();
  await exportLog(log, (path, bytes) => void folder.set(path, bytes));
  for (const extra of ['verify.ts', 'README.md']) folder.delete(extra);
  const verdict = await verifyLog(
    { read: async (path) => folder.get(path), list: () => [...folder.keys()] },
    { keys: [verifier.text] },
  );
  return { entries: verdict.size, verified: verdict.ok, problem: verdict.problem };
}

/** How many entries of each kind the log has, of those whose time is `from` or later; all where it is absent. */
export async function countEntries(deps: AuditDeps, from?: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const log = await openLog(deps);
  for (const { entry } of await log.find({ from, limit: Number.MAX_SAFE_INTEGER })) {
    counts.set(entry.kind, (counts.get(entry.kind) ?? 0) + 1);
  }
  return counts;
}
